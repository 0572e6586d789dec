using System.Reactive.Subjects;
using Microsoft.AspNetCore.Html;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.Events;
using Microsoft.DotNet.Interactive.Formatting;

namespace Microsoft.DotNet.Interactive;

/// <summary>Runs commands one after the other and tells of each what happened.</summary>
public abstract class Kernel : IDisposable
{
    private readonly Subject<KernelEvent> _subject = new();
    private readonly ISubject<KernelEvent> _events;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Stack<Action> _disposal = new();
    private readonly EventOutbox _outbox = new();
    private int _submissionCount;
    private bool _disposed;

    protected Kernel(string name)
    {
        Name = string.IsNullOrWhiteSpace(name) ? throw new ArgumentException("Value cannot be null or whitespace.", nameof(name)) : name;
        // Events come from whichever thread a cell's code writes on.
        _events = Subject.Synchronize(_subject);
    }

    /// <summary>The kernel whose command is being handled here.</summary>
    public static Kernel? Current => KernelInvocationContext.Current?.HandlingKernel;

    public string Name { get; }

    public IObservable<KernelEvent> KernelEvents => _events;

    /// <summary>How many submissions this kernel has taken.</summary>
    public int SubmissionCount => _submissionCount;

    /// <summary>Shows a value. <c>display(x)</c> in a cell.</summary>
    public static DisplayedValue display(object? value, params string[] mimeTypes) => value.Display(mimeTypes);

    /// <summary>A string that is HTML already.</summary>
    public static IHtmlContent HTML(string content) => new HtmlString(content);

    public override string ToString() => Name;

    /// <summary>Handles a command after those sent before it; one sent from inside a running cell is handled at once, as its child.</summary>
    public async Task<KernelCommandResult> SendAsync(KernelCommand command, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        ObjectDisposedException.ThrowIf(_disposed, this);

        KernelInvocationContext? outer = KernelInvocationContext.Current;
        if (outer is not null && outer.HandlingKernel == this && !outer.IsComplete)
        {
            command.Parent ??= outer.Command;
            return await InvokeAsync(command, outer.InnerCancellationToken).ConfigureAwait(false);
        }

        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await InvokeAsync(command, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void RegisterForDisposal(Action dispose) => _disposal.Push(dispose ?? throw new ArgumentNullException(nameof(dispose)));

    public void RegisterForDisposal(IDisposable disposable)
    {
        ArgumentNullException.ThrowIfNull(disposable);
        RegisterForDisposal(disposable.Dispose);
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        while (_disposal.TryPop(out Action? dispose))
            dispose();
        _outbox.Dispose();
        _events.OnCompleted();
        GC.SuppressFinalize(this);
    }

    protected void PublishEvent(KernelEvent kernelEvent)
    {
        ArgumentNullException.ThrowIfNull(kernelEvent);
        if (!_disposed)
            _events.OnNext(kernelEvent);
    }

    private protected virtual Task HandleAsync(KernelCommand command, KernelInvocationContext context) =>
        throw new NotSupportedException($"Kernel {Name} does not support command {command.GetType().Name}.");

    /// <summary>Where the contexts of this kernel put what is to be published.</summary>
    internal EventOutbox Outbox => _outbox;

    internal void Publish(KernelEvent kernelEvent) => PublishEvent(kernelEvent);

    private async Task<KernelCommandResult> InvokeAsync(KernelCommand command, CancellationToken cancellationToken)
    {
        int order = Interlocked.Increment(ref _submissionCount);
        var context = new KernelInvocationContext(command, this, order, cancellationToken);
        using (context.Enter())
        {
            try
            {
                await HandleAsync(command, context).ConfigureAwait(false);
                context.Complete(command);
            }
            catch (Exception exception)
            {
                context.Fail(command, exception);
            }
        }

        return context.Result;
    }
}
