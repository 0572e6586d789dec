using CellCheckpoints;

namespace Microsoft.DotNet.Interactive.CSharp;

/// <summary>
/// Runs a submission so that it can be stopped. Code that watches its cancellation token is given time to end by itself; then
/// a loop or function ends at its next checkpoint, in whatever thread, and a wait is broken off. What does neither, such
/// as a native call, is waited for.
/// </summary>
internal sealed class InterruptibleExecution : SynchronizationContext
{
    private static readonly TimeSpan GraceForThoseWhoWatch = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan GraceForWaits = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource<object?> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CellRun _run = new();
    private readonly List<Section> _active = [];
    private readonly Lock _gate = new();
    private bool _stopping;

    private InterruptibleExecution()
    {
    }

    /// <summary>Runs a submission.</summary>
    /// <param name="start">Begins it.</param>
    /// <param name="watches">Whether its code has asked for the cancellation token.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Its value. Cancelled where it was stopped; a <see cref="TimeoutException"/> where it could not be.</returns>
    public static async Task<object?> RunAsync(Func<Task<object>> start, Func<bool> watches, CancellationToken cancellationToken)
    {
        var execution = new InterruptibleExecution();
        // A thread of its own: a cell may compute for hours without awaiting anything.
        var thread = new Thread(() =>
        {
            execution._run.Enter();
            execution.Run(() => execution.Follow(start()));
        });
        (thread.IsBackground, thread.Name) = (true, "cell");
        thread.Start();
        using CancellationTokenRegistration stop = cancellationToken.UnsafeRegister(_ => Task.Run(() => execution.StopAsync(watches)), null);
        return await execution._outcome.Task.ConfigureAwait(false);
    }

    public override SynchronizationContext CreateCopy() => this;

    // Not one after the other, as other contexts do it: code that waits for what it awaits elsewhere must not wait for ever.
    public override void Post(SendOrPostCallback d, object? state) => ThreadPool.QueueUserWorkItem(_ => Run(() => d(state)));

    public override void Send(SendOrPostCallback d, object? state) => d(state);

    private void Follow(Task<object> submission) => submission.ContinueWith(
        done =>
        {
            if (done.IsFaulted)
                _outcome.TrySetException(done.Exception.InnerExceptions);
            else if (done.IsCanceled && !_stopping)
                _outcome.TrySetException(new TaskCanceledException(done));
            else if (done.IsCanceled)
                _outcome.TrySetCanceled();
            else
                _outcome.TrySetResult(done.Result);
            _run.End();
        },
        CancellationToken.None,
        TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);

    /// <summary>Runs the beginning of the submission, or what follows something that it awaited.</summary>
    private void Run(Action action)
    {
        var section = new Section(Thread.CurrentThread);
        lock (_gate)
            _active.Add(section);
        SynchronizationContext? before = Current;
        try
        {
            SetSynchronizationContext(this);
            action();
        }
        catch (Exception exception)
        {
            // Of an `async void` in a cell, which would end the process elsewhere.
            _outcome.TrySetException(exception);
        }
        finally
        {
            SetSynchronizationContext(before);
            lock (_gate)
                _active.Remove(section);
            if (section.IsInterrupted)
                TakeInterrupt();
        }
    }

    /// <summary>An interrupt that met no wait would break the next one on this thread, which is another's.</summary>
    private static void TakeInterrupt()
    {
        try
        {
            Thread.Sleep(1);
        }
        catch (ThreadInterruptedException)
        {
        }
    }

    private async Task StopAsync(Func<bool> watches)
    {
        _stopping = true;
        if (watches())
            await WaitAsync(GraceForThoseWhoWatch).ConfigureAwait(false);
        if (_outcome.Task.IsCompleted)
            return;
        _run.Stop();
        await WaitAsync(GraceForWaits).ConfigureAwait(false);
        for (TimeSpan waited = TimeSpan.Zero; waited < Patience && !_outcome.Task.IsCompleted; waited += BetweenTries)
        {
            lock (_gate)
            {
                // It was awaiting something: nothing is left to stop. Should that come, the first checkpoint ends it.
                if (_active.Count == 0)
                    _outcome.TrySetCanceled();
                foreach (Section section in _active)
                    section.BreakWait();
            }

            await WaitAsync(BetweenTries).ConfigureAwait(false);
        }

        _outcome.TrySetException(new TimeoutException($"The cell did not stop within {Patience.TotalSeconds:0} seconds: it is in native code or in a library's loop. It goes on and ends where it next comes back to the cell's own code; restart the kernel to end it now."));
    }

    private Task<Task> WaitAsync(TimeSpan time) => Task.WhenAny(_outcome.Task, Task.Delay(time));

    /// <summary>A stretch of the submission's code on one thread.</summary>
    private sealed class Section(Thread thread)
    {
        public bool IsInterrupted { get; private set; }

        public void BreakWait()
        {
            if ((thread.ThreadState & ThreadState.WaitSleepJoin) == 0)
                return;
            IsInterrupted = true;
            thread.Interrupt();
        }
    }
}
