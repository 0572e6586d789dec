using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.Formatting;

namespace Microsoft.DotNet.Interactive.Events;

/// <summary>A value to be shown.</summary>
public abstract class DisplayEvent : KernelEvent
{
    protected DisplayEvent(object? value, KernelCommand command, IReadOnlyCollection<FormattedValue>? formattedValues = null, string? valueId = null)
        : base(command)
    {
        Value = value;
        FormattedValues = formattedValues ?? [];
        ValueId = valueId;
    }

    public object? Value { get; }

    public IReadOnlyCollection<FormattedValue> FormattedValues { get; }

    /// <summary>What a later <see cref="DisplayedValueUpdated"/> names this value by.</summary>
    public string? ValueId { get; }

    public override string ToString() => $"{GetType().Name}: {string.Join(", ", FormattedValues.Select(f => f.MimeType))}";
}

/// <summary>A value was displayed.</summary>
public class DisplayedValueProduced : DisplayEvent
{
    public DisplayedValueProduced(object? value, KernelCommand command, IReadOnlyCollection<FormattedValue>? formattedValues = null, string? valueId = null)
        : base(value, command, formattedValues, valueId)
    {
    }
}

/// <summary>A value displayed before takes another form.</summary>
public class DisplayedValueUpdated : DisplayEvent
{
    public DisplayedValueUpdated(object? value, string valueId, KernelCommand command, IReadOnlyCollection<FormattedValue>? formattedValues = null)
        : base(value, command, formattedValues, string.IsNullOrWhiteSpace(valueId) ? throw new ArgumentException("Value cannot be null or whitespace.", nameof(valueId)) : valueId)
    {
    }
}

/// <summary>The value of a submission's last expression.</summary>
public class ReturnValueProduced : DisplayEvent
{
    public ReturnValueProduced(object? value, KernelCommand command, IReadOnlyCollection<FormattedValue>? formattedValues = null, string? valueId = null)
        : base(value, command, formattedValues, valueId)
    {
    }
}

/// <summary>Text written to standard output.</summary>
public class StandardOutputValueProduced : DisplayEvent
{
    public StandardOutputValueProduced(KernelCommand command, IReadOnlyCollection<FormattedValue>? formattedValues = null, string? valueId = null)
        : base(null, command, formattedValues, valueId)
    {
    }
}

/// <summary>Text written to standard error.</summary>
public class StandardErrorValueProduced : DisplayEvent
{
    public StandardErrorValueProduced(KernelCommand command, IReadOnlyCollection<FormattedValue>? formattedValues = null, string? valueId = null)
        : base(null, command, formattedValues, valueId)
    {
    }
}

/// <summary>An error to be shown.</summary>
public class ErrorProduced : DisplayEvent
{
    public ErrorProduced(string message, KernelCommand command, IReadOnlyCollection<FormattedValue>? formattedValues = null)
        : base(message, command, formattedValues) => Message = message;

    public string Message { get; }

    public override string ToString() => $"{nameof(ErrorProduced)}: {Message}";
}
