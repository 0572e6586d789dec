using System.Runtime;

namespace Microsoft.DotNet.Interactive.CSharp;

/// <summary>
/// Runs a submission so that it can be stopped wherever it is. Code that watches its cancellation token is given time to end
/// by itself; then managed code is aborted where it stands and a wait is broken off. Native code is never cut: it returns
/// first. What the submission awaits goes on under the same rule; threads and tasks of its own making have their token only.
/// </summary>
internal sealed class InterruptibleExecution : SynchronizationContext
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan GraceForThoseWhoWatch = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TaskCompletionSource<object?> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Section> _active = [];
    private readonly Lock _gate = new();
    private bool _closed;

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
        new Thread(() => execution.Run(() => execution.Follow(start()))) { IsBackground = true, Name = "cell" }.Start();
        using CancellationTokenRegistration stop = cancellationToken.UnsafeRegister(_ => Task.Run(() => execution.StopAsync(watches)), null);
        return await execution._outcome.Task.ConfigureAwait(false);
    }

    public override SynchronizationContext CreateCopy() => this;

    // Not one after the other, as other contexts do it: code that waits for what it awaits elsewhere must not wait for ever.
    public override void Post(SendOrPostCallback d, object? state) => ThreadPool.UnsafeQueueUserWorkItem(_ => Run(() => d(state)), null);

    public override void Send(SendOrPostCallback d, object? state) => d(state);

    private void Follow(Task<object> submission) => submission.ContinueWith(
        done =>
        {
            if (done.IsFaulted)
                _outcome.TrySetException(done.Exception.InnerExceptions);
            else if (done.IsCanceled)
                _outcome.TrySetException(new TaskCanceledException(done));
            else
                _outcome.TrySetResult(done.Result);
        },
        CancellationToken.None,
        TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);

    private void Run(Action action)
    {
        var section = new Section(Thread.CurrentThread);
        lock (_gate)
        {
            // What an interrupted submission still awaited comes to nothing.
            if (_closed)
                return;
            _active.Add(section);
        }

        SynchronizationContext? before = Current;
        bool aborted = false;
        try
        {
            SetSynchronizationContext(this);
#pragma warning disable SYSLIB0046 // Made for hosts of scripts, and this is one: an interrupt without it would end the session.
            ControlledExecution.Run(action, section.Abort.Token);
#pragma warning restore SYSLIB0046
        }
        catch (OperationCanceledException) when (section.Abort.IsCancellationRequested)
        {
            aborted = true;
        }
        catch (ThreadInterruptedException) when (section.Interrupted)
        {
            aborted = true;
        }
        catch (Exception exception)
        {
            _outcome.TrySetException(exception);
        }
        finally
        {
            SetSynchronizationContext(before);
            lock (_gate)
                _active.Remove(section);
            if (section.Interrupted)
                TakeInterrupt();
        }

        if (aborted)
            _outcome.TrySetCanceled();
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
        await WaitAsync(Grace).ConfigureAwait(false);
        if (watches())
            await WaitAsync(GraceForThoseWhoWatch).ConfigureAwait(false);
        Section[] sections;
        lock (_gate)
        {
            _closed = true;
            sections = [.. _active];
        }

        // Each cancellation waits until its thread has been stopped.
        foreach (Section section in sections)
            new Thread(section.Abort.Cancel) { IsBackground = true, Name = "interrupt" }.Start();
        for (TimeSpan waited = TimeSpan.Zero; waited < Patience && !_outcome.Task.IsCompleted; waited += BetweenTries)
        {
            await WaitAsync(BetweenTries).ConfigureAwait(false);
            lock (_gate)
            {
                // It was awaiting something: nothing is left to stop.
                if (_active.Count == 0)
                    _outcome.TrySetCanceled();
                foreach (Section section in _active)
                    section.BreakWait();
            }
        }

        _outcome.TrySetException(new TimeoutException($"The cell could not be stopped within {Patience.TotalSeconds:0} seconds: it is in native code. It is left behind; restart the kernel if it does harm."));
    }

    private Task<Task> WaitAsync(TimeSpan time) => Task.WhenAny(_outcome.Task, Task.Delay(time));

    /// <summary>A stretch of the submission's code on one thread.</summary>
    private sealed class Section(Thread thread)
    {
        public CancellationTokenSource Abort { get; } = new();

        public bool Interrupted { get; private set; }

        public void BreakWait()
        {
            if ((thread.ThreadState & ThreadState.WaitSleepJoin) == 0)
                return;
            Interrupted = true;
            thread.Interrupt();
        }
    }
}
