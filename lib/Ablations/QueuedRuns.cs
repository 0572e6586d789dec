using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.Training;

namespace ZeroI2V.Lab.Ablations;

/// <summary>A run that is to be done.</summary>
/// <param name="Title">What it is called in messages.</param>
/// <param name="Options">The run.</param>
/// <param name="Folder">Its folder.</param>
public record QueuedRun(string Title, VideoRunOptions Options, string Folder);

/// <summary>What came of a queued run.</summary>
/// <param name="Run">The run.</param>
/// <param name="Result">Its result; null where it failed.</param>
/// <param name="Reused">True when it was finished before.</param>
/// <param name="Failure">Why it failed; null where it did not.</param>
public sealed record QueueResult(QueuedRun Run, VideoRunResult? Result, bool Reused, Exception? Failure);

/// <summary>How far a queue has come.</summary>
/// <param name="Run">The run in work or just ended; null while others do all that is left.</param>
/// <param name="Training">Where its training is; null when it has ended.</param>
/// <param name="Ended">What came of it; null while it is in work.</param>
public sealed record QueueProgress(QueuedRun? Run, TrainingProgress? Training, QueueResult? Ended);

/// <summary>
/// Does runs one after another. Several processes, on several machines, may do the same queue: each takes what nobody has, and
/// all end when every run is done.
/// </summary>
public static class QueuedRuns
{
    /// <summary>Does every run that is not finished and waits for those that others do.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="data">The clips of a run, decoded; asked for only where it is trained.</param>
    /// <param name="imageModel">The image model's file.</param>
    /// <param name="progress">Told how far it has come.</param>
    /// <param name="cancellationToken">Stops it; a later call goes on from there.</param>
    /// <returns>What came of each run, in order. A run that cannot be done (its folder is damaged, its loss no number) does not keep the others from being done.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static IReadOnlyList<QueueResult> Execute<TRun>(
        IReadOnlyList<TRun> runs, Func<TRun, VideoRunData> data, string imageModel, IProgress<QueueProgress>? progress = null, CancellationToken cancellationToken = default)
        where TRun : QueuedRun
    {
        ArgumentNullException.ThrowIfNull(runs);
        ArgumentNullException.ThrowIfNull(data);
        var results = new QueueResult?[runs.Count];
        var watch = new OwnerWatch();
        while (true)
        {
            bool moved = false;
            for (int i = 0; i < runs.Count; i++)
            {
                if (results[i] is not null)
                    continue;
                cancellationToken.ThrowIfCancellationRequested();
                results[i] = TryOne(runs[i]);
                if (results[i] is not QueueResult ended)
                    continue;
                moved = true;
                // A run's garbage is little to .NET and would wait for long, and with it what it holds outside: some 15 MB a run.
                if (!ended.Reused)
                    GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                progress?.Report(new QueueProgress(ended.Run, null, ended));
            }
            if (Array.TrueForAll(results, result => result is not null))
                return results!;
            if (moved)
                continue;
            progress?.Report(new QueueProgress(null, null, null));
            cancellationToken.WaitHandle.WaitOne(TimeSpan.FromSeconds(1));
        }

        QueueResult? TryOne(TRun run)
        {
            try
            {
                var folder = new RunFolder(run.Folder);
                if (VideoRun.Finished(run.Options, folder) is VideoRunResult before)
                    return new QueueResult(run, before, Reused: true, null);
                using RunClaim? claim = folder.TryTake(watch);
                if (claim is null)
                    return null;
                var told = new ImmediateProgress<TrainingProgress>(p => progress?.Report(new QueueProgress(run, p, null)));
                return new QueueResult(run, VideoRun.Execute(run.Options, data(run), imageModel, folder, claim, told, cancellationToken), Reused: false, null);
            }
            catch (Exception failure) when (failure is ArgumentException or InvalidOperationException or InvalidDataException or CheckpointException)
            {
                return new QueueResult(run, null, Reused: false, failure);
            }
        }
    }
}
