using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.Training;

namespace ZeroI2V.Lab.Ablations;

/// <summary>
/// The folder of all runs. A run's folder is named by the hash of its options and data, so the same run asked for twice, by
/// two sweeps or on two machines, is one folder, done once (<see cref="RunClaim"/>).
/// </summary>
/// <param name="root">The folder: <c>runs</c>.</param>
public sealed class RunStore(string root)
{
    private const string Shared = "train";

    /// <summary>The folder.</summary>
    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>The folder of a run, made where it is missing.</summary>
    /// <param name="options">The run.</param>
    public RunFolder Folder(VideoRunOptions options) => new(PathOf(options));

    /// <summary>Where the folder of a run is, or would be.</summary>
    /// <param name="options">The run.</param>
    public string PathOf(VideoRunOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Path.Combine(Root, Shared, options.FolderName());
    }

    /// <summary>
    /// A run with the same numbers that is finished already: one of the first comparison, or one that was evaluated more or less
    /// often on the way. Batches and dropout depend on seed, epoch and step alone, so evaluation in between changes nothing.
    /// </summary>
    /// <param name="options">The run.</param>
    /// <returns>Its options and its folder; those that were asked for where there is none.</returns>
    internal (VideoRunOptions Options, string Folder) FinishedOr(VideoRunOptions options)
    {
        string own = PathOf(options);
        if (IsRun(own) || !Directory.Exists(Root))
            return (options, own);
        foreach (int every in (int[])[options.Training.EvaluateEvery, 0, 1])
        {
            VideoRunOptions same = options with { Training = options.Training with { EvaluateEvery = every } };
            foreach (string group in Groups())
            {
                string? found = Directory.EnumerateDirectories(group, "*" + same.FolderName("")).FirstOrDefault(folder => new RunFolder(folder).HasResult);
                if (found is not null)
                    return (same, found);
            }
        }
        return (options, own);
    }

    /// <summary>A run of a sweep by the exact name of its folder; null where it was not begun.</summary>
    internal StoredRun? ReadIfThere(string name) =>
        !Directory.Exists(Root) ? null : Groups().Select(group => Path.Combine(group, name)).Where(IsRun).Select(StoredRun.Read).FirstOrDefault();

    /// <summary>Every run, those of the first comparison too, by name.</summary>
    public IReadOnlyList<StoredRun> Runs() => [.. Paths().Select(StoredRun.Read)];

    /// <summary>One run.</summary>
    /// <param name="name">Its name or a part of it, such as the hash.</param>
    /// <exception cref="ArgumentException">No run has that name, or several have.</exception>
    public StoredRun Find(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        string[] found = [.. Paths().Where(path => Path.GetFileName(path).Contains(name, StringComparison.Ordinal))];
        string? exact = Array.Find(found, path => Path.GetFileName(path) == name);
        return (exact, found) switch
        {
            (string path, _) => StoredRun.Read(path),
            (_, [string path]) => StoredRun.Read(path),
            (_, []) => throw new ArgumentException($"No run in '{Root}' has '{name}' in its name. lab runs list shows all.", nameof(name)),
            _ => throw new ArgumentException($"{found.Length} runs in '{Root}' have '{name}' in their names: {string.Join(", ", found.Take(5).Select(Path.GetFileName))}{(found.Length > 5 ? " …" : "")}. Give more of the name.", nameof(name)),
        };
    }

    /// <summary>Removes a run that nobody works on.</summary>
    /// <param name="run">The run.</param>
    /// <returns>False, and nothing is changed, where a process works on it or may.</returns>
    public bool Remove(StoredRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var folder = new RunFolder(run.Path);
        using RunClaim? claim = folder.TryTake(new OwnerWatch());
        if (claim is null)
            return false;
        // Renamed first: a removal that is stopped half-way leaves no half of a run behind under its name.
        string bin = Path.Combine(Root, $".removed-{Guid.NewGuid():N}");
        Directory.Move(folder.Path, bin);
        Directory.Delete(bin, recursive: true);
        return true;
    }

    private IEnumerable<string> Paths() => !Directory.Exists(Root) ? [] :
        Groups()
            .SelectMany(Directory.EnumerateDirectories)
            .Where(IsRun)
            .OrderBy(Path.GetFileName, StringComparer.Ordinal);

    private static bool IsRun(string folder) => File.Exists(new RunFolder(folder).OptionsFile) || Directory.Exists(RunClaim.OwnersOf(folder));

    // The runs of sweeps first.
    private IEnumerable<string> Groups() => Directory.EnumerateDirectories(Root)
        .Where(group => !Path.GetFileName(group).StartsWith('.'))
        .OrderBy(group => Path.GetFileName(group) != Shared).ThenBy(group => group, StringComparer.Ordinal);
}
