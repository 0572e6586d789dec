using System.Runtime.ExceptionServices;

namespace ZeroI2V.Lab.VideoData;

/// <summary>Work on numbered items on threads of its own. Each item waits for a program most of the time; threads of the pool that
/// wait would keep others from starting.</summary>
internal static class OwnThreads
{
    /// <summary>Does the work for 0 to <paramref name="count"/> - 1. What fails first by number is thrown as it is, so that the same
    /// fault gives the same error whatever the threads do.</summary>
    public static void ForEach(int threads, int count, Action<int> work, CancellationToken cancellationToken)
    {
        int next = -1;
        int failed = int.MaxValue;
        ExceptionDispatchInfo? failure = null;
        var gate = new Lock();
        if (Math.Min(threads, count) <= 1)
        {
            Work();
        }
        else
        {
            Thread[] workers = [.. Enumerable.Range(0, Math.Min(threads, count)).Select(_ => new Thread(Work) { IsBackground = true, Name = "video" })];
            Array.ForEach(workers, worker => worker.Start());
            Array.ForEach(workers, worker => worker.Join());
        }
        failure?.Throw();
        cancellationToken.ThrowIfCancellationRequested();

        void Work()
        {
            while (!cancellationToken.IsCancellationRequested && Volatile.Read(ref failed) == int.MaxValue
                && Interlocked.Increment(ref next) is var i && i < count)
            {
                try
                {
                    work(i);
                }
                catch (Exception fault)
                {
                    // Items are started in order: every one below has been started, and is waited for.
                    lock (gate)
                    {
                        if (i < failed)
                            (failed, failure) = (i, ExceptionDispatchInfo.Capture(fault));
                    }
                }
            }
        }
    }
}
