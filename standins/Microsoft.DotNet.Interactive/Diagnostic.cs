using Microsoft.CodeAnalysis;

namespace Microsoft.DotNet.Interactive;

/// <summary>A line and a character in it, both from 0.</summary>
public record LinePosition(int Line, int Character)
{
    public static LinePosition FromCodeAnalysisLinePosition(CodeAnalysis.Text.LinePosition linePosition) => new(linePosition.Line, linePosition.Character);

    public override string ToString() => $"({Line}, {Character})";
}

/// <summary>From one position to another.</summary>
public record LinePositionSpan(LinePosition Start, LinePosition End)
{
    public static LinePositionSpan FromCodeAnalysisLinePositionSpan(CodeAnalysis.Text.LinePositionSpan linePositionSpan) =>
        new(LinePosition.FromCodeAnalysisLinePosition(linePositionSpan.Start), LinePosition.FromCodeAnalysisLinePosition(linePositionSpan.End));

    public override string ToString() => $"[{Start}-{End})";
}

/// <summary>One thing that the compiler said about a submission.</summary>
public class Diagnostic
{
    public Diagnostic(LinePositionSpan linePositionSpan, DiagnosticSeverity severity, string code, string message)
    {
        LinePositionSpan = linePositionSpan;
        Severity = severity;
        Code = code;
        Message = message;
    }

    public LinePositionSpan LinePositionSpan { get; }

    public DiagnosticSeverity Severity { get; }

    public string Code { get; }

    public string Message { get; }

    public static Diagnostic FromCodeAnalysisDiagnostic(CodeAnalysis.Diagnostic diagnostic) => new(
        LinePositionSpan.FromCodeAnalysisLinePositionSpan(diagnostic.Location.GetLineSpan().Span),
        diagnostic.Severity,
        diagnostic.Id,
        diagnostic.GetMessage());

    public override string ToString() => $"({LinePositionSpan.Start.Line + 1},{LinePositionSpan.Start.Character + 1}): {Severity.ToString().ToLowerInvariant()} {Code}: {Message}";
}

/// <summary>A submission that does not compile.</summary>
public class CodeSubmissionCompilationErrorException : Exception
{
    public CodeSubmissionCompilationErrorException(Exception innerException)
        : base(null, innerException)
    {
    }
}
