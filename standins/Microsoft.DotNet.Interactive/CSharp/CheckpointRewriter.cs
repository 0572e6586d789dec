using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Microsoft.DotNet.Interactive.CSharp;

/// <summary>
/// Puts a checkpoint at the head of every loop and function of a submission, without moving any line. It is how a loop can be
/// stopped soundly: .NET has no other way but to end the process, for aborting a thread (<c>ControlledExecution</c>) crashes
/// the runtime now and then.
/// </summary>
internal sealed class CheckpointRewriter : CSharpSyntaxRewriter
{
    private static readonly StatementSyntax Pass = Call(nameof(CellCheckpoints.Checkpoint.Pass));
    private static readonly StatementSyntax Enter = Call(nameof(CellCheckpoints.Checkpoint.Enter));

    public override SyntaxNode? VisitWhileStatement(WhileStatementSyntax node) => ((WhileStatementSyntax)base.VisitWhileStatement(node)!) is var loop ? loop.WithStatement(Guarded(loop.Statement)) : null;

    public override SyntaxNode? VisitDoStatement(DoStatementSyntax node) => ((DoStatementSyntax)base.VisitDoStatement(node)!) is var loop ? loop.WithStatement(Guarded(loop.Statement)) : null;

    public override SyntaxNode? VisitForStatement(ForStatementSyntax node) => ((ForStatementSyntax)base.VisitForStatement(node)!) is var loop ? loop.WithStatement(Guarded(loop.Statement)) : null;

    public override SyntaxNode? VisitForEachStatement(ForEachStatementSyntax node) => ((ForEachStatementSyntax)base.VisitForEachStatement(node)!) is var loop ? loop.WithStatement(Guarded(loop.Statement)) : null;

    public override SyntaxNode? VisitForEachVariableStatement(ForEachVariableStatementSyntax node) => ((ForEachVariableStatementSyntax)base.VisitForEachVariableStatement(node)!) is var loop ? loop.WithStatement(Guarded(loop.Statement)) : null;

    public override SyntaxNode? VisitMethodDeclaration(MethodDeclarationSyntax node)
    {
        var method = (MethodDeclarationSyntax)base.VisitMethodDeclaration(node)!;
        return method.ExpressionBody is { } body && AsBlock(body, method.SemicolonToken, method.ReturnType, method.Modifiers) is { } block
            ? method.WithExpressionBody(null).WithSemicolonToken(default).WithBody(block)
            : method;
    }

    public override SyntaxNode? VisitLocalFunctionStatement(LocalFunctionStatementSyntax node)
    {
        var function = (LocalFunctionStatementSyntax)base.VisitLocalFunctionStatement(node)!;
        return function.ExpressionBody is { } body && AsBlock(body, function.SemicolonToken, function.ReturnType, function.Modifiers) is { } block
            ? function.WithExpressionBody(null).WithSemicolonToken(default).WithBody(block)
            : function;
    }

    public override SyntaxNode? VisitBlock(BlockSyntax node)
    {
        var block = (BlockSyntax)base.VisitBlock(node)!;
        return node.Parent is BaseMethodDeclarationSyntax and not ConstructorDeclarationSyntax or LocalFunctionStatementSyntax or AnonymousFunctionExpressionSyntax ? Guarded(block, Enter) : block;
    }

    private static StatementSyntax Call(string name) => SyntaxFactory.ParseStatement($"global::{typeof(CellCheckpoints.Checkpoint).FullName}.{name}();");

    private static BlockSyntax Guarded(StatementSyntax body) => body is BlockSyntax block
        ? Guarded(block, Pass)
        : SyntaxFactory.Block(Pass, body.WithoutTrivia()).WithLeadingTrivia(body.GetLeadingTrivia()).WithTrailingTrivia(body.GetTrailingTrivia());

    // Behind the brace, before whatever stands between it and the first statement: a directive keeps its line to itself.
    private static BlockSyntax Guarded(BlockSyntax block, StatementSyntax checkpoint) => block
        .WithOpenBraceToken(block.OpenBraceToken.WithTrailingTrivia())
        .WithStatements(block.Statements.Insert(0, checkpoint.WithTrailingTrivia(block.OpenBraceToken.TrailingTrivia)));

    /// <summary><c>=> x;</c> as <c>{ Enter(); return x; }</c>, every letter of it in its line; null for what has no such form.</summary>
    private static BlockSyntax? AsBlock(ArrowExpressionClauseSyntax body, SyntaxToken end, TypeSyntax type, SyntaxTokenList modifiers)
    {
        if (body.Expression is RefExpressionSyntax)
            return null;
        bool givesNothing = type is PredefinedTypeSyntax { Keyword.RawKind: (int)SyntaxKind.VoidKeyword }
            || (modifiers.Any(SyntaxKind.AsyncKeyword) && type is IdentifierNameSyntax or QualifiedNameSyntax { Right: IdentifierNameSyntax });
        SyntaxToken semicolon = end.WithTrailingTrivia();
        StatementSyntax statement = body.Expression switch
        {
            ThrowExpressionSyntax thrown => SyntaxFactory.ThrowStatement(thrown.ThrowKeyword, thrown.Expression, semicolon),
            _ when givesNothing => SyntaxFactory.ExpressionStatement(body.Expression, semicolon),
            _ => SyntaxFactory.ReturnStatement(SyntaxFactory.Token(SyntaxKind.ReturnKeyword).WithTrailingTrivia(SyntaxFactory.Space), body.Expression, semicolon),
        };
        return SyntaxFactory.Block(
            SyntaxFactory.Token(SyntaxKind.OpenBraceToken).WithLeadingTrivia(body.ArrowToken.LeadingTrivia),
            [Enter.WithTrailingTrivia(body.ArrowToken.TrailingTrivia), statement],
            SyntaxFactory.Token(SyntaxKind.CloseBraceToken).WithTrailingTrivia(end.TrailingTrivia));
    }
}
