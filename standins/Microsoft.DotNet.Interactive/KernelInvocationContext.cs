using System.Reactive.Disposables;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.Events;
using Microsoft.DotNet.Interactive.Formatting;

namespace Microsoft.DotNet.Interactive;

/// <summary>One command being handled: where its output goes, and whether it has been cancelled.</summary>
public class KernelInvocationContext : IDisposable
{
    private static readonly AsyncLocal<KernelInvocationContext?> Ambient = new();

    private readonly List<Action<KernelInvocationContext>> _onComplete = [];
    private readonly Lock _gate = new();
    private readonly int _order;
    private Exception? _listenerFault;

    internal KernelInvocationContext(KernelCommand command, Kernel kernel, int order, CancellationToken cancellationToken)
    {
        Command = command;
        HandlingKernel = kernel;
        InnerCancellationToken = cancellationToken;
        Result = new KernelCommandResult(command);
        _order = order;
    }

    /// <summary>The command that the calling code is part of; also in threads that it started.</summary>
    public static KernelInvocationContext? Current => Ambient.Value;

    public KernelCommand Command { get; }

    public Kernel HandlingKernel { get; }

    public CancellationToken CancellationToken
    {
        get
        {
            IsCancellationWatched = true;
            return InnerCancellationToken;
        }
    }

    /// <summary>Whether the command's code has asked for its token, and so will end by itself when it is cancelled.</summary>
    internal bool IsCancellationWatched { get; private set; }

    /// <summary>The same token for those who run the code.</summary>
    internal CancellationToken InnerCancellationToken { get; }

    public KernelCommandResult Result { get; }

    public IObservable<KernelEvent> KernelEvents => HandlingKernel.KernelEvents;

    public bool IsComplete { get; private set; }

    public void Publish(KernelEvent @event)
    {
        ArgumentNullException.ThrowIfNull(@event);
        HandlingKernel.Outbox.Deliver(this, @event);
    }

    public void Complete(KernelCommand command) => End(() => new CommandSucceeded(Command, _order), command);

    public void Fail(KernelCommand command, Exception? exception = null, string? message = null) =>
        End(() => new CommandFailed(exception, Command, message, _order), command);

    public void OnComplete(Action<KernelInvocationContext> onComplete) => _onComplete.Add(onComplete ?? throw new ArgumentNullException(nameof(onComplete)));

    public void Dispose()
    {
        if (!IsComplete)
            Complete(Command);
        GC.SuppressFinalize(this);
    }

    /// <summary>Makes this the current context, with the console's output and displayed values coming here.</summary>
    internal IDisposable Enter()
    {
        KernelInvocationContext? outer = Ambient.Value;
        Ambient.Value = this;
        IDisposable console = ConsoleCapture.Begin();
        return Disposable.Create(() =>
        {
            console.Dispose();
            Ambient.Value = outer;
        });
    }

    /// <summary>The code wrote to the console.</summary>
    internal void Print(bool error, string text) => HandlingKernel.Outbox.Print(this, error, text);

    /// <summary>Hands an event to those who listen; on the outbox's thread.</summary>
    internal void Emit(KernelEvent kernelEvent)
    {
        Result.Add(kernelEvent);
        try
        {
            HandlingKernel.Publish(kernelEvent);
        }
        catch (Exception exception)
        {
            // The command then fails of it, as if the listener had been called where the event arose.
            _listenerFault ??= exception;
        }
    }

    /// <summary>A value was displayed or, when it had been before, updated.</summary>
    internal void Show(DisplayedValue value) => Publish(value.IsUpdated
        ? new DisplayedValueUpdated(value.Value, value.DisplayId, Command, value.FormattedValues)
        : new DisplayedValueProduced(value.Value, Command, value.FormattedValues, value.DisplayId));

    private void End(Func<KernelEvent> lastEvent, KernelCommand command)
    {
        if (command != Command)
            throw new ArgumentException($"This context handles {Command}, not {command}.", nameof(command));
        lock (_gate)
        {
            if (IsComplete)
                return;
            IsComplete = true;
        }

        foreach (Action<KernelInvocationContext> action in _onComplete)
            action(this);
        HandlingKernel.Outbox.Flush();
        Publish(_listenerFault is { } fault ? new CommandFailed(fault, Command, null, _order) : lastEvent());
    }
}

/// <summary>Ways to show a value.</summary>
public static class KernelInvocationContextExtensions
{
    public static DisplayedValue Display(this KernelInvocationContext context, object? value, params string[] mimeTypes)
    {
        ArgumentNullException.ThrowIfNull(context);
        var displayed = new DisplayedValue(value, FormattedValue.CreateManyFromObject(value, mimeTypes));
        context.Show(displayed);
        return displayed;
    }

    public static DisplayedValue DisplayAs(this KernelInvocationContext context, string value, string mimeType)
    {
        ArgumentNullException.ThrowIfNull(context);
        var displayed = new DisplayedValue(value, [new FormattedValue(mimeType, value)]);
        context.Show(displayed);
        return displayed;
    }
}
