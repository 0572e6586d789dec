using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.Events;
using Microsoft.DotNet.Interactive.Formatting;

namespace Microsoft.DotNet.Interactive.CSharp;

/// <summary>What could stand at a place in a submission, and what stands there, by the compiler's own knowledge.</summary>
internal static class LanguageServices
{
    private const int MaxItems = 1_000;

    private static readonly SymbolDisplayFormat Signature = SymbolDisplayFormat.MinimallyQualifiedFormat
        .WithParameterOptions(SymbolDisplayParameterOptions.IncludeType | SymbolDisplayParameterOptions.IncludeName | SymbolDisplayParameterOptions.IncludeDefaultValue | SymbolDisplayParameterOptions.IncludeParamsRefOut)
        .WithMemberOptions(SymbolDisplayMemberOptions.IncludeContainingType | SymbolDisplayMemberOptions.IncludeType | SymbolDisplayMemberOptions.IncludeParameters | SymbolDisplayMemberOptions.IncludeRef | SymbolDisplayMemberOptions.IncludeConstantValue)
        .WithKindOptions(SymbolDisplayKindOptions.IncludeTypeKeyword | SymbolDisplayKindOptions.IncludeNamespaceKeyword);

    public static CompletionsProduced Complete(RequestCompletions request, SubmissionChain chain)
    {
        (CSharpCompilation compilation, SyntaxTree tree) = chain.Look(request.Code);
        SourceText text = tree.GetText();
        int end = Index(text, request.LinePosition), start = end;
        while (start > 0 && SyntaxFacts.IsIdentifierPartCharacter(text[start - 1]))
            start--;
        string prefix = text.ToString(TextSpan.FromBounds(start, end));
        SemanticModel model = compilation.GetSemanticModel(tree);
        IEnumerable<CompletionItem> items = IsInText(tree, start) ? [] : Before(text, start) is { } dot
            ? Items(Members(model, tree, dot, start))
            : Items(Names(model, start, everything: prefix.Length > 0)).Concat(prefix.Length > 0 ? Keywords() : []);
        CompletionItem[] found = [.. items
            .Where(item => item.DisplayText.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            .DistinctBy(item => item.DisplayText)
            // What is spelled as it was typed comes first.
            .OrderBy(item => item.DisplayText.StartsWith(prefix, StringComparison.Ordinal) ? 0 : 1).ThenBy(item => item.DisplayText, StringComparer.OrdinalIgnoreCase)
            .Take(MaxItems)];
        return new CompletionsProduced(found, request, Span(text, start, end));
    }

    public static HoverTextProduced? Hover(RequestHoverText request, SubmissionChain chain)
    {
        (CSharpCompilation compilation, SyntaxTree tree) = chain.Look(request.Code);
        SourceText text = tree.GetText();
        int position = Index(text, request.LinePosition);
        SyntaxNode root = tree.GetRoot();
        SyntaxToken token = root.FindToken(position);
        // A cursor behind a word, or behind what it is called with, still means the word.
        for (int back = position; !token.IsKind(SyntaxKind.IdentifierToken) && !SyntaxFacts.IsPredefinedType(token.Kind()) && back > 0 && text[back - 1] != '\n'; back--)
            token = root.FindToken(back - 1);
        SemanticModel model = compilation.GetSemanticModel(tree);
        for (SyntaxNode? node = token.Parent; node is not null and not StatementSyntax; node = node.Parent)
        {
            SymbolInfo info = model.GetSymbolInfo(node);
            ISymbol? symbol = info.Symbol ?? info.CandidateSymbols.FirstOrDefault() ?? model.GetDeclaredSymbol(node);
            if (symbol is null or IMethodSymbol { MethodKind: MethodKind.Constructor, ContainingType.IsScriptClass: true })
                continue;
            int others = info.CandidateSymbols.Length - 1;
            string overloads = others > 0 ? $" (+ {others} overloads)" : "";
            string content = $"```csharp\n{Shown(symbol)}{overloads}\n```";
            if (SymbolDocumentation.Of(symbol, compilation) is { } documentation)
                content += $"\n\n{documentation}";
            return new HoverTextProduced(request, [new FormattedValue("text/markdown", content)], Span(text, token.SpanStart, token.Span.End));
        }

        return null;
    }

    private static string Shown(ISymbol symbol) => symbol switch
    {
        // To the user, what a submission declares is a variable of nobody's.
        IFieldSymbol { ContainingType.IsScriptClass: true } field => $"{field.Type.ToDisplayString(Signature)} {field.Name}",
        ILocalSymbol local => $"{local.Type.ToDisplayString(Signature)} {local.Name}",
        IMethodSymbol { ContainingType.IsScriptClass: true } method => method.ToDisplayString(Signature.WithMemberOptions(SymbolDisplayMemberOptions.IncludeType | SymbolDisplayMemberOptions.IncludeParameters)),
        _ => symbol.ToDisplayString(Signature),
    };

    // Inside a string or a comment nothing is offered.
    private static bool IsInText(SyntaxTree tree, int position)
    {
        SyntaxToken token = tree.GetRoot().FindToken(Math.Max(0, position - 1));
        bool inToken = token.SpanStart < position && position < token.Span.End + (token.IsMissing || !token.Text.EndsWith('"') ? 1 : 0);
        return (inToken && token.Kind() is SyntaxKind.StringLiteralToken or SyntaxKind.CharacterLiteralToken or SyntaxKind.InterpolatedStringTextToken or SyntaxKind.SingleLineRawStringLiteralToken or SyntaxKind.MultiLineRawStringLiteralToken && inToken)
            || tree.GetRoot().FindTrivia(Math.Max(0, position - 1)).Kind() is SyntaxKind.SingleLineCommentTrivia or SyntaxKind.MultiLineCommentTrivia;
    }

    /// <summary>The dot before a name, if one is there.</summary>
    private static int? Before(SourceText text, int start)
    {
        int at = start - 1;
        while (at >= 0 && char.IsWhiteSpace(text[at]))
            at--;
        return at >= 0 && text[at] == '.' && (at == 0 || text[at - 1] != '.') ? at : null;
    }

    private static IEnumerable<ISymbol> Members(SemanticModel model, SyntaxTree tree, int dot, int position)
    {
        SyntaxToken token = tree.GetRoot().FindToken(dot);
        ExpressionSyntax? left = token.Parent switch
        {
            MemberAccessExpressionSyntax access => access.Expression,
            QualifiedNameSyntax name => name.Left,
            MemberBindingExpressionSyntax binding => binding.Ancestors().OfType<ConditionalAccessExpressionSyntax>().FirstOrDefault(c => c.WhenNotNull.Span.Contains(binding.Span))?.Expression,
            _ => null,
        };
        if (left is null)
            return [];
        if (model.GetSymbolInfo(left).Symbol is INamespaceOrTypeSymbol container)
            return model.LookupSymbols(position, container).Where(symbol => symbol.IsStatic || symbol is INamespaceOrTypeSymbol);
        ITypeSymbol? type = model.GetTypeInfo(left).Type;
        return type is null or IErrorTypeSymbol
            ? []
            : model.LookupSymbols(position, type, includeReducedExtensionMethods: true).Where(symbol => !symbol.IsStatic && symbol is not INamedTypeSymbol);
    }

    // With nothing typed, only what cells have declared: the whole framework is no help.
    private static IEnumerable<ISymbol> Names(SemanticModel model, int position, bool everything) =>
        model.LookupSymbols(position).Where(symbol => everything || symbol.ContainingType is { IsScriptClass: true } || symbol is ILocalSymbol or IParameterSymbol);

    private static IEnumerable<CompletionItem> Items(IEnumerable<ISymbol> symbols) => symbols
        .Where(symbol => symbol.CanBeReferencedByName && !symbol.IsImplicitlyDeclared && !IsHidden(symbol))
        .Select(symbol => new CompletionItem(symbol.Name, Kind(symbol)));

    private static IEnumerable<CompletionItem> Keywords() => SyntaxFacts.GetKeywordKinds().Select(SyntaxFacts.GetText).Where(word => word.Length > 2 && word.All(char.IsAsciiLetterLower)).Select(word => new CompletionItem(word, "Keyword"));

    private static string Kind(ISymbol symbol) => symbol switch
    {
        INamespaceSymbol => "Namespace",
        ITypeSymbol type => type.TypeKind switch { TypeKind.Interface => "Interface", TypeKind.Enum => "Enum", TypeKind.Struct => "Struct", TypeKind.Delegate => "Delegate", _ => "Class" },
        IMethodSymbol => "Method",
        IPropertySymbol => "Property",
        IEventSymbol => "Event",
        IFieldSymbol { ContainingType.TypeKind: TypeKind.Enum } => "EnumMember",
        IFieldSymbol { ContainingType.IsScriptClass: true } or ILocalSymbol or IParameterSymbol => "Variable",
        _ => "Field",
    };

    private static bool IsHidden(ISymbol symbol) => symbol.GetAttributes().Any(attribute =>
        attribute.AttributeClass?.Name == "EditorBrowsableAttribute" && attribute.ConstructorArguments is [{ Value: 1 }]);

    private static int Index(SourceText text, LinePosition position)
    {
        TextLine line = text.Lines[Math.Clamp(position.Line, 0, text.Lines.Count - 1)];
        return Math.Min(line.Start + Math.Max(0, position.Character), line.End);
    }

    private static LinePositionSpan Span(SourceText text, int start, int end) =>
        LinePositionSpan.FromCodeAnalysisLinePositionSpan(text.Lines.GetLinePositionSpan(TextSpan.FromBounds(start, end)));
}
