using System.Collections.Immutable;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Scripting;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.Events;
using Microsoft.DotNet.Interactive.Formatting;
using Microsoft.DotNet.Interactive.ValueSharing;

namespace Microsoft.DotNet.Interactive.CSharp;

/// <summary>C#, by Roslyn's scripting: what one submission declares, the next ones see.</summary>
public class CSharpKernel : Kernel
{
    private static readonly CSharpParseOptions ParseOptions = new(LanguageVersion.Latest, kind: SourceCodeKind.Script);

    private readonly SubmissionChain _chain = new([typeof(Enumerable).Assembly, typeof(IEnumerable<>).Assembly, typeof(Task<>).Assembly, typeof(Kernel).Assembly, typeof(AspNetCore.Html.IHtmlContent).Assembly]);

    public CSharpKernel()
        : this("csharp")
    {
    }

    public CSharpKernel(string name)
        : base(name) => RegisterForDisposal(_chain);

    public bool TryGetValue<T>(string name, out T value)
    {
        if (Find(name) is { Submission: { } submission, Field: { } field } && field.GetValue(submission) is T found)
        {
            value = found;
            return true;
        }

        value = default!;
        return false;
    }

    public async Task SetValueAsync(string name, object? value, Type? declaredType)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Type type = declaredType ?? value?.GetType() ?? typeof(object);
        await RunAsync(_chain.Compile($"{TypeName.InCSharp(type)} {name} = default;", CancellationToken.None), () => false, CancellationToken.None).ConfigureAwait(false);
        (_, FieldInfo? field, object? submission) = Find(name);
        field!.SetValue(submission, value);
    }

    public void AddAssemblyReferences(IEnumerable<string> assemblyPaths) => _chain.AddReferences(assemblyPaths);

    internal void AddImport(string import) => _chain.AddImport(import);

    private protected override Task HandleAsync(KernelCommand command, KernelInvocationContext context)
    {
        switch (command)
        {
            case SubmitCode submission:
                return RunAsync(submission, context);
            case RequestCompletions request:
                context.Publish(LanguageServices.Complete(request, _chain));
                return Task.CompletedTask;
            case RequestHoverText request:
                if (LanguageServices.Hover(request, _chain) is { } hover)
                    context.Publish(hover);
                return Task.CompletedTask;
            case RequestValueInfos request:
                context.Publish(new ValueInfosProduced(
                    [.. _chain.Variables.Select(v => new KernelValueInfo(v.Name, new FormattedValue(request.MimeType, v.Field.GetValue(v.Submission).ToDisplayString(PlainTextFormatter.MimeType)), type: v.Field.FieldType))],
                    request));
                return Task.CompletedTask;
            default:
                return base.HandleAsync(command, context);
        }
    }

    private async Task RunAsync(SubmitCode command, KernelInvocationContext context)
    {
        context.Publish(new CodeSubmissionReceived(command));
        bool complete = SyntaxFactory.IsCompleteSubmission(SyntaxFactory.ParseSyntaxTree(command.Code, ParseOptions));
        context.Publish(complete ? new CompleteCodeSubmissionReceived(command) : new IncompleteCodeSubmissionReceived(command));

        try
        {
            context.InnerCancellationToken.ThrowIfCancellationRequested();
            CompiledSubmission submission = _chain.Compile(command.Code, context.InnerCancellationToken);
            PublishDiagnostics(submission.Warnings, command, context);
            object? value = await RunAsync(submission, () => context.IsCancellationWatched, context.InnerCancellationToken).ConfigureAwait(false);
            if (submission.HasValue)
                context.Publish(new ReturnValueProduced(value, command, FormattedValue.CreateManyFromObject(value)));
        }
        catch (CompilationErrorException failure)
        {
            PublishDiagnostics(failure.Diagnostics, command, context);
            context.Fail(command, new CodeSubmissionCompilationErrorException(failure), string.Join(Environment.NewLine, failure.Diagnostics));
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or ThreadInterruptedException && context.InnerCancellationToken.IsCancellationRequested)
        {
            context.Fail(command, null, "Command cancelled.");
        }
    }

    private async Task<object?> RunAsync(CompiledSubmission submission, Func<bool> watches, CancellationToken cancellationToken)
    {
        object?[] states = _chain.NewStates();
        try
        {
            return submission.Start is { } start
                ? await InterruptibleExecution.RunAsync(() => start(states), watches, cancellationToken).ConfigureAwait(false)
                : null;
        }
        finally
        {
            // Also when it threw or was stopped: what it had set by then is there.
            _chain.Keep(submission, states);
        }
    }

    private (string? Name, FieldInfo? Field, object? Submission) Find(string name) => _chain.Variables.FirstOrDefault(v => v.Name == name);

    private static void PublishDiagnostics(ImmutableArray<CodeAnalysis.Diagnostic> diagnostics, KernelCommand command, KernelInvocationContext context)
    {
        if (!diagnostics.Any(d => d.Severity >= DiagnosticSeverity.Warning))
            return;
        context.Publish(new DiagnosticsProduced(
            [.. diagnostics.Select(Diagnostic.FromCodeAnalysisDiagnostic)],
            [.. diagnostics.Select(d => new FormattedValue(PlainTextFormatter.MimeType, d.ToString()))],
            command));
    }
}

/// <summary>What a C# kernel can be given besides the language.</summary>
public static class CSharpKernelExtensions
{
    /// <summary>Lets cells say <c>display(x)</c> and <c>HTML(x)</c>.</summary>
    public static CSharpKernel UseKernelHelpers(this CSharpKernel kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        kernel.AddImport(typeof(Kernel).FullName!);
        return kernel;
    }
}
