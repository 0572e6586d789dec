using Microsoft.DotNet.Interactive.Commands;

namespace Microsoft.DotNet.Interactive.Events;

/// <summary>Something that happened while a kernel handled a command.</summary>
public abstract class KernelEvent
{
    protected KernelEvent(KernelCommand command) => Command = command ?? throw new ArgumentNullException(nameof(command));

    public KernelCommand Command { get; }

    public override string ToString() => GetType().Name;
}
