using System.Globalization;

namespace ZeroI2V.Lab.VideoData.DataSets;

/// <summary>UCF101's lists: <c>classInd.txt</c> numbers the classes from 1; a video's class is its folder. Test lists are the
/// validation set. The number in a training list is not used, as in the official scripts.</summary>
internal static class UcfAnnotations
{
    public static Annotations Read(AnnotationFolder files)
    {
        string[] classes = Classes(files, files.Require("classes"));
        var labels = classes.Select((name, label) => (name, label)).ToDictionary(c => c.name, c => c.label, StringComparer.Ordinal);
        var known = new HashSet<string>(StringComparer.Ordinal);
        return new Annotations(
            classes,
            Videos(files, files.Require("train"), labels, known, numbered: true),
            Videos(files, files.Require("validation"), labels, known, numbered: false),
            [],
            files.Problems);
    }

    private static string[] Classes(AnnotationFolder files, string path)
    {
        var names = new SortedDictionary<int, string>();
        foreach ((string line, string where) in files.Lines(path))
        {
            string[] parts = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length != 2 || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int number) || !names.TryAdd(number, parts[1]))
                throw new InvalidDataException($"{path}: expected lines NUMBER NAME, each number once; found '{line}' at {where}.");
        }
        if (names.Count == 0 || names.Keys.First() != 1 || names.Keys.Last() != names.Count || names.Values.Distinct(StringComparer.Ordinal).Count() != names.Count)
            throw new InvalidDataException($"{path}: expected class numbers from 1 without a gap and each name once; found {names.Count} classes.");
        return [.. names.Values];
    }

    private static List<AnnotatedVideo> Videos(AnnotationFolder files, string path, Dictionary<string, int> labels, HashSet<string> known, bool numbered)
    {
        var videos = new List<AnnotatedVideo>();
        foreach ((string line, string where) in files.Lines(path))
        {
            // A number follows in training lists; everything before it is the path, spaces included.
            int space = line.LastIndexOf(' ');
            bool hasNumber = space > 0 && line[(space + 1)..].All(char.IsAsciiDigit);
            if (numbered && !hasNumber)
            {
                files.Leave(ProblemKind.MalformedLine, line, where, "Expected CLASS/FILE NUMBER; the number is missing.");
                continue;
            }
            string video = (hasNumber ? line[..space] : line).Trim();
            int slash = video.IndexOf('/', StringComparison.Ordinal);
            if (!ClipList.IsInside(video))
                files.Leave(ProblemKind.UnsafePath, video, where, "The path leads outside the video folder, or is empty.");
            else if (slash <= 0)
                files.Leave(ProblemKind.MalformedLine, line, where, "Expected CLASS/FILE; the class is missing.");
            else if (!labels.TryGetValue(video[..slash], out int label))
                files.Leave(ProblemKind.UnknownLabel, video, where, $"'{video[..slash]}' is not in classInd.txt.");
            else
                files.Add(videos, known, new AnnotatedVideo(video, label, where));
        }
        return videos;
    }
}
