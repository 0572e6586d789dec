namespace ZeroI2V.Lab.VideoData.DataSets;

/// <summary>The files below a folder, found by path or by name. Linked folders are followed once; a link back is a problem, not a
/// trap.</summary>
internal sealed class VideoFolder
{
    private const int MostFiles = 5_000_000;
    private const int Deepest = 16;

    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _byStem = new(StringComparer.Ordinal);
    private readonly HashSet<string> _extensions;

    public VideoFolder(string folder, IReadOnlyList<string> extensions, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder))
            throw new InvalidDataException($"{folder}: there is no such folder; expected the folder of the videos.");
        Root = Path.GetFullPath(folder);
        _extensions = [.. extensions];
        Walk(new DirectoryInfo(Root), "", [Real(new DirectoryInfo(Root))], cancellationToken);
        foreach (List<string> paths in _byStem.Values)
            paths.Sort((a, b) => Rank(a) != Rank(b) ? Rank(a).CompareTo(Rank(b)) : string.CompareOrdinal(a, b));

        int Rank(string path) => extensions.ToList().IndexOf(Path.GetExtension(path).ToLowerInvariant());
    }

    public string Root { get; }

    /// <summary>Links that lead back.</summary>
    public List<DataProblem> Problems { get; } = [];

    /// <summary>Every file, relative, with forward slashes.</summary>
    public IReadOnlyCollection<string> Paths => _paths;

    /// <summary>Whether a file has the extension of a video.</summary>
    public bool IsVideo(string path) => _extensions.Contains(Path.GetExtension(path).ToLowerInvariant());

    /// <summary>The files of an annotated video, the best first: the official path, else a file of the same name anywhere, first
    /// below a folder of the official name, in a known extension.</summary>
    public IReadOnlyList<string> Find(AnnotatedVideo video)
    {
        string[] found = _paths.Contains(video.Path)
            ? [video.Path, .. ByStem(video.Stem).Where(path => path != video.Path)]
            : [.. ByStem(video.Stem)];
        if (found.Length == 0)
            found = [.. video.OtherStems.SelectMany(ByStem)];
        string? folder = Path.GetDirectoryName(video.Path);
        // Two classes of UCF101 and HMDB51 never share a file name; in other layouts the class's folder decides.
        string[] sameFolder = string.IsNullOrEmpty(folder) ? [] : [.. found.Where(path => InFolder(path, folder))];
        return sameFolder.Length > 0 ? sameFolder : found;
    }

    private static bool InFolder(string path, string folder)
    {
        string name = Path.GetFileName(Path.GetDirectoryName(path)) ?? "";
        return name == folder || name.Replace(' ', '_') == folder;
    }

    private IEnumerable<string> ByStem(string stem) => _byStem.TryGetValue(stem, out List<string>? paths) ? paths : [];

    private void Walk(DirectoryInfo folder, string below, HashSet<string> above, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        foreach (FileSystemInfo entry in folder.EnumerateFileSystemInfos().OrderBy(e => e.Name, StringComparer.Ordinal))
        {
            string path = below + entry.Name;
            if (entry is DirectoryInfo child)
            {
                string real = Real(child);
                if (above.Contains(real) || path.Count(c => c == '/') >= Deepest)
                    Problems.Add(new DataProblem(ProblemKind.LinkLoop, path, "", $"The folder leads back to '{real}' or lies more than {Deepest} folders deep; it is not entered."));
                else
                    Walk(child, path + "/", [.. above, real], cancellationToken);
                continue;
            }
            if (!_paths.Add(path))
                continue;
            if (_paths.Count > MostFiles)
                throw new InvalidDataException($"{Root}: more than {MostFiles} files; expected the folder of the videos.");
            if (!IsVideo(path))
                continue;
            string stem = Path.GetFileNameWithoutExtension(path);
            if (!_byStem.TryGetValue(stem, out List<string>? same))
                _byStem[stem] = same = [];
            same.Add(path);
        }
    }

    private static string Real(DirectoryInfo folder)
    {
        try
        {
            return (folder.ResolveLinkTarget(returnFinalTarget: true) ?? folder).FullName.TrimEnd('/');
        }
        catch (IOException)
        {
            // A link into itself has no target: its own name tells it apart.
            return folder.FullName;
        }
    }
}
