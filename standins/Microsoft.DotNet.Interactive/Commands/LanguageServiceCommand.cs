namespace Microsoft.DotNet.Interactive.Commands;

/// <summary>A question about code at a place in it.</summary>
public abstract class LanguageServiceCommand : KernelCommand
{
    private protected LanguageServiceCommand(string code, LinePosition linePosition, string? targetKernelName)
        : base(targetKernelName)
    {
        Code = code ?? throw new ArgumentNullException(nameof(code));
        LinePosition = linePosition ?? throw new ArgumentNullException(nameof(linePosition));
    }

    public string Code { get; protected set; }

    public LinePosition LinePosition { get; protected set; }
}

/// <summary>What could stand here?</summary>
public class RequestCompletions : LanguageServiceCommand
{
    public RequestCompletions(string code, LinePosition linePosition, string? targetKernelName = null)
        : base(code, linePosition, targetKernelName)
    {
    }
}

/// <summary>What is this?</summary>
public class RequestHoverText : LanguageServiceCommand
{
    public RequestHoverText(string code, LinePosition linePosition, string? targetKernelName = null)
        : base(code, linePosition, targetKernelName)
    {
    }
}
