using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.Formatting;

namespace Microsoft.DotNet.Interactive.Events;

/// <summary>One thing that could stand at a place.</summary>
public class CompletionItem
{
    public CompletionItem(string displayText, string kind, string? filterText = null, string? sortText = null, string? insertText = null, string? documentation = null)
    {
        DisplayText = displayText;
        Kind = kind;
        FilterText = filterText ?? displayText;
        SortText = sortText ?? displayText;
        InsertText = insertText ?? displayText;
        Documentation = documentation;
    }

    public string DisplayText { get; }

    public string Kind { get; }

    public string FilterText { get; }

    public string SortText { get; }

    public string InsertText { get; }

    public string? Documentation { get; set; }

    public override string ToString() => DisplayText;
}

/// <summary>What could stand at a place.</summary>
public class CompletionsProduced : KernelEvent
{
    public CompletionsProduced(IReadOnlyCollection<CompletionItem> completions, RequestCompletions command, LinePositionSpan? linePositionSpan = null)
        : base(command)
    {
        Completions = completions ?? throw new ArgumentNullException(nameof(completions));
        LinePositionSpan = linePositionSpan;
    }

    public IEnumerable<CompletionItem> Completions { get; }

    /// <summary>What it would take the place of.</summary>
    public LinePositionSpan? LinePositionSpan { get; }
}

/// <summary>What something is.</summary>
public class HoverTextProduced : KernelEvent
{
    public HoverTextProduced(RequestHoverText command, IReadOnlyCollection<FormattedValue> content, LinePositionSpan? linePositionSpan = null)
        : base(command)
    {
        Content = content ?? throw new ArgumentNullException(nameof(content));
        LinePositionSpan = linePositionSpan;
    }

    public IReadOnlyCollection<FormattedValue> Content { get; }

    public LinePositionSpan? LinePositionSpan { get; }
}
