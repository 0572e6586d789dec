using System.Text;
using Microsoft.DotNet.Interactive.Events;
using Microsoft.DotNet.Interactive.Formatting;

namespace Microsoft.DotNet.Interactive;

/// <summary>
/// Takes what running code writes and shows, and hands it to the listeners on a thread of its own: text is seen soon
/// however little of it there is, small writes that come fast are gathered, and code that is stopped while it writes leaves
/// no listener in the middle of its work.
/// </summary>
internal sealed class EventOutbox : IDisposable
{
    private const int EnoughForOneEvent = 1 << 16;
    private const int Crowded = 20_000;
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(5);

    private readonly AutoResetEvent _filled = new(false);
    private readonly AutoResetEvent _urgent = new(false);
    private readonly Thread _thread;
    private Entry? _newest;
    private int _waiting;
    private volatile bool _disposed;

    public EventOutbox()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "kernel events" };
        _thread.Start();
    }

    /// <summary>Text for the console.</summary>
    public void Print(KernelInvocationContext context, bool error, string text)
    {
        Push(new Entry(context, error, text, null, null));
        // Whoever writes faster than anybody reads waits here, where an interrupt finds him.
        while (Volatile.Read(ref _waiting) > Crowded && !_disposed && Thread.CurrentThread != _thread)
            Thread.Sleep(1);
    }

    /// <summary>An event; it has been handed to the listeners when this returns.</summary>
    public void Deliver(KernelInvocationContext context, KernelEvent kernelEvent) => PushAndWait(new Entry(context, false, null, kernelEvent, new ManualResetEvent(false)));

    /// <summary>Waits until all that was put here before has been handed to the listeners.</summary>
    public void Flush() => PushAndWait(new Entry(null, false, null, null, new ManualResetEvent(false)));

    public void Dispose()
    {
        _disposed = true;
        _filled.Set();
        _urgent.Set();
    }

    private void PushAndWait(Entry entry)
    {
        // A listener may itself show something.
        if (Thread.CurrentThread == _thread)
        {
            entry.Context?.Emit(entry.Event!);
            return;
        }

        Push(entry);
        _urgent.Set();
        while (!entry.Done!.WaitOne(TimeSpan.FromSeconds(1)))
        {
            if (_disposed)
                return;
        }
    }

    private void Push(Entry entry)
    {
        Interlocked.Increment(ref _waiting);
        Entry? before;
        do
        {
            before = Volatile.Read(ref _newest);
            entry.Before = before;
        }
        while (Interlocked.CompareExchange(ref _newest, entry, before) != before);
        _filled.Set();
    }

    private void Run()
    {
        while (!_disposed)
        {
            _filled.WaitOne();
            _urgent.WaitOne(Gathering);
            HandOver();
        }

        HandOver();
    }

    private void HandOver()
    {
        Entry? entry = null;
        // Newest first, as they were put; turned round, oldest first.
        for (Entry? next = Interlocked.Exchange(ref _newest, null); next is not null;)
        {
            (Entry? before, next.Before) = (next.Before, entry);
            (entry, next) = (next, before);
        }

        var text = new StringBuilder();
        for (; entry is not null; entry = entry.Before)
        {
            Interlocked.Decrement(ref _waiting);
            if (entry.Text is not null)
            {
                text.Append(entry.Text);
                if (entry.Before is { Text: not null } next && next.Context == entry.Context && next.Error == entry.Error && text.Length < EnoughForOneEvent)
                    continue;
                FormattedValue[] forms = [new FormattedValue(PlainTextFormatter.MimeType, text.ToString())];
                text.Clear();
                entry.Context!.Emit(entry.Error ? new StandardErrorValueProduced(entry.Context.Command, forms) : new StandardOutputValueProduced(entry.Context.Command, forms));
            }
            else if (entry.Event is not null)
            {
                entry.Context!.Emit(entry.Event);
            }

            entry.Done?.Set();
        }
    }

    private sealed class Entry(KernelInvocationContext? context, bool error, string? text, KernelEvent? kernelEvent, ManualResetEvent? done)
    {
        public KernelInvocationContext? Context { get; } = context;

        public bool Error { get; } = error;

        public string? Text { get; } = text;

        public KernelEvent? Event { get; } = kernelEvent;

        public ManualResetEvent? Done { get; } = done;

        /// <summary>The one put before it; while they are handed over, the one after it.</summary>
        public Entry? Before { get; set; }
    }
}
