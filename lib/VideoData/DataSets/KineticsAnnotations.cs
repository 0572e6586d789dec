using System.Globalization;
using System.Text;

namespace ZeroI2V.Lab.VideoData.DataSets;

/// <summary>Kinetics' CSV files: <c>label,youtube_id,time_start,time_end,split[,is_cc]</c>, columns by position. Classes are the
/// distinct labels of the training file in the order of their character codes, with <c>_</c> for a space.</summary>
/// <remarks>Differs from the official scripts: they take a label's commas and quotes apart by hand; here quoted fields are read as
/// CSV has them. For all published files the result is the same.</remarks>
internal static class KineticsAnnotations
{
    private const int Columns = 4;

    public static Annotations Read(AnnotationFolder files)
    {
        List<Row> train = [.. Rows(files, files.Require("train"))];
        string[] classes = [.. train.Select(row => row.Label).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var labels = classes.Select((name, label) => (name, label)).ToDictionary(c => c.name, c => c.label, StringComparer.Ordinal);
        var known = new HashSet<string>(StringComparer.Ordinal);
        return new Annotations(
            classes,
            Videos(files, train, labels, known),
            Videos(files, Rows(files, files.Require("validation")), labels, known),
            files.Find("test") is { } test ? Videos(files, Rows(files, test), null, known) : [],
            files.Problems);
    }

    /// <summary>The file's name: whole seconds, padded with zeros to six digits.</summary>
    internal static string Stem(string id, double start, double end) =>
        string.Create(CultureInfo.InvariantCulture, $"{id}_{(long)start:000000}_{(long)end:000000}");

    private static List<AnnotatedVideo> Videos(AnnotationFolder files, IEnumerable<Row> rows, Dictionary<string, int>? labels, HashSet<string> known)
    {
        var videos = new List<AnnotatedVideo>();
        foreach (Row row in rows)
        {
            int label = -1;
            if (labels is not null && !labels.TryGetValue(row.Label, out label))
            {
                files.Leave(ProblemKind.UnknownLabel, row.Label, row.Where, "No line of the training file has this label.");
                continue;
            }
            // Without a label (the test file) the folder is not known.
            string folder = labels is null ? "test" : row.Label;
            files.Add(videos, known, new AnnotatedVideo($"{folder}/{row.Stem}.mp4", label, row.Where) { OtherStems = [row.Id] });
        }
        return videos;
    }

    private static IEnumerable<Row> Rows(AnnotationFolder files, string path)
    {
        bool header = true;
        foreach ((string line, string where) in files.Lines(path))
        {
            if (header)
            {
                header = false;
                if (!Fields(line).Any(field => field is "youtube_id"))
                    throw new InvalidDataException($"{path}: expected a first line label,youtube_id,time_start,time_end,split; found '{(line.Length > 120 ? line[..120] : line)}'.");
                continue;
            }
            List<string> fields = Fields(line);
            if (fields.Count < Columns)
            {
                files.Leave(ProblemKind.MalformedLine, line, where, string.Create(CultureInfo.InvariantCulture, $"Expected at least {Columns} columns; found {fields.Count}."));
                continue;
            }
            string id = fields[1];
            if (!double.TryParse(fields[2], NumberStyles.Float, CultureInfo.InvariantCulture, out double start)
                || !double.TryParse(fields[3], NumberStyles.Float, CultureInfo.InvariantCulture, out double end)
                || !(start >= 0 && end >= start && end < 1e9))
            {
                files.Leave(ProblemKind.MalformedLine, line, where, "time_start and time_end must be seconds, the end not before the start.");
                continue;
            }
            if (id.Length == 0 || !id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            {
                files.Leave(id.Contains('/', StringComparison.Ordinal) || id.Contains("..", StringComparison.Ordinal) ? ProblemKind.UnsafePath : ProblemKind.MalformedLine,
                    line, where, "A YouTube id has letters, digits, - and _ only.");
                continue;
            }
            yield return new Row(fields[0].Replace("\"", "", StringComparison.Ordinal).Replace(' ', '_'), id, Stem(id, start, end), where);
        }
        if (header)
            throw new InvalidDataException($"{path}: the file is empty; expected a first line label,youtube_id,time_start,time_end,split.");
    }

    /// <summary>CSV: a field between double quotes may hold commas, and two double quotes for one.</summary>
    private static List<string> Fields(string line)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        bool quoted = false;
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            if (quoted && c == '"' && i + 1 < line.Length && line[i + 1] == '"')
            {
                field.Append('"');
                i++;
            }
            else if (c == '"')
            {
                quoted = !quoted;
            }
            else if (c == ',' && !quoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else
            {
                field.Append(c);
            }
        }
        fields.Add(field.ToString());
        return fields;
    }

    private sealed record Row(string Label, string Id, string Stem, string Where);
}
