using System.Globalization;
using System.Text;

namespace ZeroI2V.Lab.VideoData.DataSets;

/// <summary>The official files of one data set in a folder, read with bounds: UTF-8, a bounded length, bounded lines.</summary>
internal sealed class AnnotationFolder
{
    private const long LongestText = 128L << 20;
    private const int LongestLine = 4096;

    private readonly string _folder;

    public AnnotationFolder(DataSetManifest manifest, string folder)
    {
        if (!Directory.Exists(folder))
            throw new InvalidDataException($"{folder}: there is no such folder; expected the annotation files of {manifest.Name}. Ask for them at {manifest.Request}.");
        (Manifest, _folder) = (manifest, folder);
    }

    public DataSetManifest Manifest { get; }

    /// <summary>Lines left out so far.</summary>
    public List<DataProblem> Problems { get; } = [];

    /// <summary>The file of a role; null where it is not there.</summary>
    public string? Find(string role)
    {
        if (!Manifest.AnnotationFiles.TryGetValue(role, out IReadOnlyList<string>? names))
            return null;
        return names.Select(name => Path.Combine(_folder, name)).FirstOrDefault(File.Exists);
    }

    /// <summary>The file of a role.</summary>
    /// <exception cref="InvalidDataException">It is not there.</exception>
    public string Require(string role) => Find(role) ?? throw new InvalidDataException(
        $"{_folder}: {Manifest.Name} needs its {role} file, called {string.Join(" or ", Manifest.AnnotationFiles[role])}; it is not there.");

    /// <summary>Files of a pattern such as <c>{class}_test_split1.txt</c>, with what stands for the class, in the order of the names.</summary>
    public IReadOnlyList<(string Class, string Path)> ByClass(string role)
    {
        string pattern = Manifest.AnnotationFiles[role][0];
        string end = pattern.Replace("{class}", "", StringComparison.Ordinal);
        (string, string)[] found = [.. Directory.EnumerateFiles(_folder)
            .Select(path => (Class: Path.GetFileName(path), Path: path))
            .Where(file => file.Class.EndsWith(end, StringComparison.Ordinal) && file.Class.Length > end.Length)
            .Select(file => (file.Class[..^end.Length], file.Path))
            .OrderBy(file => file.Item1, StringComparer.Ordinal)];
        return found.Length > 0
            ? found
            : throw new InvalidDataException($"{_folder}: {Manifest.Name} needs a file {pattern} for each class; there is none.");
    }

    /// <summary>The bytes of a file.</summary>
    /// <exception cref="InvalidDataException">Too long or not UTF-8.</exception>
    public static string Text(string path)
    {
        var file = new FileInfo(path);
        if (file.Length > LongestText)
            throw new InvalidDataException($"{path}: an annotation file has at most {LongestText >> 20} MiB; found {file.Length} bytes.");
        byte[] bytes = File.ReadAllBytes(path);
        try
        {
            string text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
            return text.StartsWith('\uFEFF') ? text[1..] : text;
        }
        catch (DecoderFallbackException wrong)
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"{path}: expected UTF-8 text; found the byte 0x{wrong.BytesUnknown?[0] ?? 0:X2} at offset {wrong.Index}. Save the file as UTF-8."), wrong);
        }
    }

    /// <summary>The lines of a file that are not empty, with their places; CR LF and LF both end a line.</summary>
    public IEnumerable<(string Line, string Where)> Lines(string path)
    {
        string name = Path.GetFileName(path);
        int number = 0;
        foreach (string raw in Text(path).Split('\n'))
        {
            number++;
            string line = raw.Trim(), where = string.Create(CultureInfo.InvariantCulture, $"{name}:{number}");
            if (line.Length == 0)
                continue;
            if (line.Length > LongestLine || line.Contains('\0', StringComparison.Ordinal))
                Leave(ProblemKind.MalformedLine, line, where, $"The line has {line.Length} characters; expected at most {LongestLine}, and no zero byte.");
            else
                yield return (line, where);
        }
    }

    /// <summary>Notes a line that is left out.</summary>
    public void Leave(ProblemKind kind, string line, string where, string detail) =>
        Problems.Add(new DataProblem(kind, line.Length > 120 ? line[..119] + "…" : line, where, detail));

    /// <summary>Takes a video into a list unless its path leads outside or stands in the list already.</summary>
    public void Add(List<AnnotatedVideo> list, HashSet<string> known, AnnotatedVideo video)
    {
        if (!ClipList.IsInside(video.Path))
            Leave(ProblemKind.UnsafePath, video.Path, video.Where, "The path leads outside the video folder, or is empty.");
        else if (!known.Add(video.Path))
            Leave(ProblemKind.Duplicate, video.Path, video.Where, "The annotations name this video twice; the first line counts.");
        else
            list.Add(video);
    }
}
