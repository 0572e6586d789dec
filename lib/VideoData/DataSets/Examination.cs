using System.Diagnostics;

namespace ZeroI2V.Lab.VideoData.DataSets;

/// <summary>Examines many videos at the same time, and tells how far it has come.</summary>
internal static class Examination
{
    public static void ForEach<T>(int workers, IReadOnlyList<T> items, Action<T> examine, IProgress<ImportProgress>? progress, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        int done = 0;
        OwnThreads.ForEach(
            workers,
            items.Count,
            i =>
            {
                examine(items[i]);
                int count = Interlocked.Increment(ref done);
                double rate = count / Math.Max(clock.Elapsed.TotalSeconds, 1e-3);
                progress?.Report(new ImportProgress(count, items.Count, rate, TimeSpan.FromSeconds((items.Count - count) / rate)));
            },
            cancellationToken);
    }
}
