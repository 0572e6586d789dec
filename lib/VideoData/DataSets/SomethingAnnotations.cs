using System.Globalization;
using System.Text.Json;

namespace ZeroI2V.Lab.VideoData.DataSets;

/// <summary>Something-Something V2's JSON files: templates to class numbers, and arrays of videos whose template, without its
/// brackets, names the class.</summary>
internal static class SomethingAnnotations
{
    private static readonly JsonDocumentOptions s_json = new() { MaxDepth = 8 };

    public static Annotations Read(AnnotationFolder files)
    {
        string[] classes = Classes(files.Require("classes"));
        var labels = classes.Select((name, label) => (name, label)).ToDictionary(c => c.name, c => c.label, StringComparer.Ordinal);
        var known = new HashSet<string>(StringComparer.Ordinal);
        return new Annotations(
            classes,
            Videos(files, files.Require("train"), labels, known),
            Videos(files, files.Require("validation"), labels, known),
            files.Find("test") is { } test ? Videos(files, test, null, known) : [],
            files.Problems);
    }

    /// <summary>An object from template to class number, the number being text.</summary>
    private static string[] Classes(string path)
    {
        using JsonDocument document = Parse(path);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            throw new InvalidDataException($"{path}: expected an object from template to class number; found {document.RootElement.ValueKind}.");
        var numbers = new SortedDictionary<int, string>();
        foreach (JsonProperty entry in document.RootElement.EnumerateObject())
        {
            string text = entry.Value.ToString();
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int label) || !numbers.TryAdd(label, entry.Name))
                throw new InvalidDataException($"{path}: '{entry.Name}' has the class number '{text}'; expected whole numbers, each once.");
        }
        if (numbers.Count == 0 || numbers.Keys.Last() != numbers.Count - 1 || numbers.Values.Distinct(StringComparer.Ordinal).Count() != numbers.Count)
            throw new InvalidDataException($"{path}: expected class numbers from 0 without a gap and each template once; found {numbers.Count} classes.");
        return [.. numbers.Values];
    }

    private static List<AnnotatedVideo> Videos(AnnotationFolder files, string path, Dictionary<string, int>? labels, HashSet<string> known)
    {
        using JsonDocument document = Parse(path);
        if (document.RootElement.ValueKind != JsonValueKind.Array)
            throw new InvalidDataException($"{path}: expected an array of videos; found {document.RootElement.ValueKind}.");
        var videos = new List<AnnotatedVideo>();
        int number = 0;
        foreach (JsonElement entry in document.RootElement.EnumerateArray())
        {
            string where = string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(path)}[{number++}]");
            if (Field(entry, "id") is not { Length: > 0 } id)
            {
                files.Leave(ProblemKind.MalformedLine, entry.ToString(), where, "The entry has no id.");
                continue;
            }
            int label = -1;
            if (labels is not null)
            {
                if (Field(entry, "template") is not { } template)
                {
                    files.Leave(ProblemKind.MalformedLine, id, where, "The entry has no template.");
                    continue;
                }
                string name = template.Replace("[", "", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal);
                if (!labels.TryGetValue(name, out label))
                {
                    files.Leave(ProblemKind.UnknownLabel, id, where, $"The template '{name}' is not among the labels.");
                    continue;
                }
            }
            files.Add(videos, known, new AnnotatedVideo($"{id}.webm", label, where));
        }
        return videos;
    }

    private static string? Field(JsonElement entry, string name) =>
        entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty(name, out JsonElement value)
            ? value.ValueKind is JsonValueKind.String or JsonValueKind.Number ? value.ToString() : null
            : null;

    private static JsonDocument Parse(string path)
    {
        try
        {
            return JsonDocument.Parse(AnnotationFolder.Text(path), s_json);
        }
        catch (JsonException invalid)
        {
            throw new InvalidDataException($"{path} is not valid JSON: {invalid.Message}", invalid);
        }
    }
}
