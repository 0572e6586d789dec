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
    private static readonly StatementSyntax Pass = SyntaxFactory.ParseStatement($"global::{typeof(CellCheckpoints.Checkpoint).FullName}.Pass();");

    public override SyntaxNode? VisitWhileStatement(WhileStatementSyntax node) => ((WhileStatementSyntax)base.VisitWhileStatement(node)!) is var loop ? loop.WithStatement(Guarded(loop.Statement)) : null;

    public override SyntaxNode? VisitDoStatement(DoStatementSyntax node) => ((DoStatementSyntax)base.VisitDoStatement(node)!) is var loop ? loop.WithStatement(Guarded(loop.Statement)) : null;

    public override SyntaxNode? VisitForStatement(ForStatementSyntax node) => ((ForStatementSyntax)base.VisitForStatement(node)!) is var loop ? loop.WithStatement(Guarded(loop.Statement)) : null;

    public override SyntaxNode? VisitForEachStatement(ForEachStatementSyntax node) => ((ForEachStatementSyntax)base.VisitForEachStatement(node)!) is var loop ? loop.WithStatement(Guarded(loop.Statement)) : null;

    public override SyntaxNode? VisitForEachVariableStatement(ForEachVariableStatementSyntax node) => ((ForEachVariableStatementSyntax)base.VisitForEachVariableStatement(node)!) is var loop ? loop.WithStatement(Guarded(loop.Statement)) : null;

    public override SyntaxNode? VisitBlock(BlockSyntax node)
    {
        var block = (BlockSyntax)base.VisitBlock(node)!;
        return node.Parent is BaseMethodDeclarationSyntax and not ConstructorDeclarationSyntax or LocalFunctionStatementSyntax or AnonymousFunctionExpressionSyntax ? Guarded(block) : block;
    }

    private static BlockSyntax Guarded(StatementSyntax body) => body is BlockSyntax block
        ? Guarded(block)
        : SyntaxFactory.Block(Pass, body.WithoutTrivia()).WithLeadingTrivia(body.GetLeadingTrivia()).WithTrailingTrivia(body.GetTrailingTrivia());

    // Behind the brace, before whatever stands between it and the first statement: a directive keeps its line to itself.
    private static BlockSyntax Guarded(BlockSyntax block) => block
        .WithOpenBraceToken(block.OpenBraceToken.WithTrailingTrivia())
        .WithStatements(block.Statements.Insert(0, Pass.WithTrailingTrivia(block.OpenBraceToken.TrailingTrivia)));
}
