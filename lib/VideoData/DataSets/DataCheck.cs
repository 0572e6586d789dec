using System.Globalization;

namespace ZeroI2V.Lab.VideoData.DataSets;

/// <summary>Verifies that the videos of a list are still what it says.</summary>
public static class DataCheck
{
    /// <summary>Examines every video of a list.</summary>
    /// <param name="list">The list.</param>
    /// <param name="thorough">Decodes every frame, and compares the hashes that the list has.</param>
    /// <param name="workers">Videos examined at the same time.</param>
    /// <param name="progress">Told after each video, from any thread.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>What is wrong, in the list's order.</returns>
    public static IReadOnlyList<DataProblem> Run(
        ClipList list, bool thorough = false, int? workers = null, IProgress<ImportProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(list);
        var problems = new DataProblem?[list.Clips.Count];
        Examination.ForEach(
            workers ?? Environment.ProcessorCount,
            [.. Enumerable.Range(0, list.Clips.Count)],
            i => problems[i] = Problem(list, list.Clips[i], thorough),
            progress,
            cancellationToken);
        return [.. problems.OfType<DataProblem>()];
    }

    private static DataProblem? Problem(ClipList list, ClipRecord clip, bool thorough)
    {
        string path = list.FullPath(clip);
        if (!File.Exists(path))
            return new DataProblem(ProblemKind.Missing, clip.Path, list.Name, "It is not on disk.");
        ProbedVideo probed = ProbedVideo.Examine(list.Root, clip.Path, thorough);
        if (probed.Problem.Length > 0)
            return new DataProblem(ProblemKind.Unreadable, clip.Path, list.Name, probed.Problem);
        if (probed.Frames != clip.Frames || (clip.Width > 0 && (clip.Width, clip.Height) != (probed.Width, probed.Height)))
        {
            return new DataProblem(ProblemKind.Changed, clip.Path, list.Name, string.Create(CultureInfo.InvariantCulture,
                $"The list says {clip.Frames} frames{(clip.Width > 0 ? $" of {clip.Width}x{clip.Height}" : "")}; found {probed.Frames} of {probed.Width}x{probed.Height}."));
        }
        if (thorough && clip.Sha256.Length > 0 && VideoFile.Decode(path).Sha256() is var hash && hash != clip.Sha256)
            return new DataProblem(ProblemKind.Changed, clip.Path, list.Name, $"The list says SHA-256 {clip.Sha256} of the frames; found {hash}.");
        return null;
    }
}
