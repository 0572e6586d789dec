using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.Formatting;

namespace Microsoft.DotNet.Interactive.Events;

/// <summary>Code arrived.</summary>
public class CodeSubmissionReceived : KernelEvent
{
    public CodeSubmissionReceived(SubmitCode command)
        : base(command)
    {
    }

    public string Code => ((SubmitCode)Command).Code;

    public override string ToString() => $"{nameof(CodeSubmissionReceived)}: {Code}";
}

/// <summary>The code that arrived is syntactically complete.</summary>
public class CompleteCodeSubmissionReceived : KernelEvent
{
    public CompleteCodeSubmissionReceived(SubmitCode submitCode)
        : base(submitCode)
    {
    }

    public string Code => ((SubmitCode)Command).Code;

    public override string ToString() => $"{nameof(CompleteCodeSubmissionReceived)}: {Code}";
}

/// <summary>The code that arrived is the beginning of something.</summary>
public class IncompleteCodeSubmissionReceived : KernelEvent
{
    public IncompleteCodeSubmissionReceived(SubmitCode submitCode)
        : base(submitCode)
    {
    }
}

/// <summary>What the compiler said.</summary>
public class DiagnosticsProduced : KernelEvent
{
    public DiagnosticsProduced(IReadOnlyCollection<Diagnostic> diagnostics, IReadOnlyCollection<FormattedValue> formattedDiagnostics, KernelCommand command)
        : base(command)
    {
        Diagnostics = diagnostics;
        FormattedDiagnostics = formattedDiagnostics;
    }

    public IReadOnlyCollection<Diagnostic> Diagnostics { get; }

    public IReadOnlyCollection<FormattedValue> FormattedDiagnostics { get; }

    public override string ToString() => $"{nameof(DiagnosticsProduced)}: {Diagnostics.Count} diagnostics";
}
