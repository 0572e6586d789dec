using Microsoft.DotNet.Interactive.Commands;

namespace Microsoft.DotNet.Interactive.Events;

/// <summary>The last event of a command.</summary>
public abstract class KernelCommandCompletionEvent : KernelEvent
{
    internal KernelCommandCompletionEvent(KernelCommand command, int? executionOrder)
        : base(command) => ExecutionOrder = executionOrder;

    public int? ExecutionOrder { get; }
}

/// <summary>The command is done.</summary>
public sealed class CommandSucceeded : KernelCommandCompletionEvent
{
    public CommandSucceeded(KernelCommand command, int executionOrder = 0)
        : base(command, executionOrder)
    {
    }

    public override string ToString() => $"{nameof(CommandSucceeded)}: {Command}";
}

/// <summary>The command did not succeed.</summary>
public sealed class CommandFailed : KernelCommandCompletionEvent
{
    public CommandFailed(Exception? exception, KernelCommand command, string? message = null, int? executionOrder = null)
        : base(command, executionOrder)
    {
        Exception = exception;
        Message = string.IsNullOrWhiteSpace(message) ? exception?.ToString() ?? $"Command failed: {command}" : message;
    }

    public CommandFailed(string message, KernelCommand command, int? executionOrder = null)
        : this(null, command, message, executionOrder)
    {
    }

    public Exception? Exception { get; }

    public string Message { get; set; }

    public override string ToString() => $"{nameof(CommandFailed)}: {Command}: {Message}";
}
