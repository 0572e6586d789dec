namespace Microsoft.DotNet.Interactive.Commands;

/// <summary>Run this code.</summary>
public class SubmitCode : KernelCommand
{
    public SubmitCode(string code, string? targetKernelName = null)
        : base(targetKernelName) => Code = code ?? throw new ArgumentNullException(nameof(code));

    public string Code { get; }

    public override string ToString()
    {
        string first = Code.Split('\n')[0].TrimEnd('\r');
        return $"{nameof(SubmitCode)}: {(first.Length < Code.Length ? first + " ..." : first)}";
    }
}
