using System.Collections.Immutable;
using System.Reflection;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;
using Microsoft.CodeAnalysis.Text;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.Events;
using Microsoft.DotNet.Interactive.Formatting;

namespace Microsoft.DotNet.Interactive.CSharp;

/// <summary>C#, by Roslyn's scripting: what one submission declares, the next ones see.</summary>
public class CSharpKernel : Kernel
{
    // Roslyn knows whether a submission ends in an expression, but does not say so in public.
    private static readonly MethodInfo HasReturnValue =
        typeof(Script).GetMethod("HasReturnValue", BindingFlags.Instance | BindingFlags.NonPublic)
        ?? throw new MissingMethodException(nameof(Script), "HasReturnValue");

    private static readonly CSharpParseOptions ParseOptions = new(LanguageVersion.Latest, kind: SourceCodeKind.Script);

    private ScriptOptions _options;
    private string? _folder;

    public CSharpKernel()
        : this("csharp")
    {
    }

    public CSharpKernel(string name)
        : base(name) =>
        _options = ScriptOptions.Default
            .WithLanguageVersion(LanguageVersion.Latest)
            // With it, an exception's stack trace says in which line of the submission it was thrown.
            .WithEmitDebugInformation(true)
            .WithFileEncoding(Encoding.UTF8)
            .AddImports("System", "System.Text", "System.Collections", "System.Collections.Generic", "System.Threading.Tasks", "System.Linq")
            .AddReferences(typeof(Enumerable).Assembly, typeof(IEnumerable<>).Assembly, typeof(Task<>).Assembly, typeof(Kernel).Assembly, typeof(AspNetCore.Html.IHtmlContent).Assembly);

    /// <summary>The state after the last submission; null before the first.</summary>
    public ScriptState? ScriptState { get; private set; }

    public bool TryGetValue<T>(string name, out T value)
    {
        if (ScriptState?.GetVariable(name)?.Value is T found)
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
        await RunAsync($"{TypeName.InCSharp(type)} {name} = default;", _ => false, CancellationToken.None).ConfigureAwait(false);
        ScriptState!.GetVariable(name).Value = value;
    }

    public void AddAssemblyReferences(IEnumerable<string> assemblyPaths) =>
        _options = _options.AddReferences(assemblyPaths.Select(path => MetadataReference.CreateFromFile(path)));

    internal void AddImport(string import) => _options = _options.AddImports(import);

    private protected override async Task HandleAsync(SubmitCode command, KernelInvocationContext context)
    {
        context.Publish(new CodeSubmissionReceived(command));
        bool complete = SyntaxFactory.IsCompleteSubmission(SyntaxFactory.ParseSyntaxTree(command.Code, ParseOptions));
        context.Publish(complete ? new CompleteCodeSubmissionReceived(command) : new IncompleteCodeSubmissionReceived(command));

        Exception? exception = null;
        ImmutableArray<CodeAnalysis.Diagnostic> diagnostics = [];
        bool Catch(Exception thrown)
        {
            exception = thrown;
            return true;
        }

        try
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            await RunAsync(command.Code, Catch, context.CancellationToken).ConfigureAwait(false);
        }
        catch (CompilationErrorException failure)
        {
            exception = new CodeSubmissionCompilationErrorException(failure);
            diagnostics = failure.Diagnostics;
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            context.Fail(command, null, "Command cancelled.");
            return;
        }

        string? message = null;
        if (exception is CodeSubmissionCompilationErrorException)
            message = string.Join(Environment.NewLine, diagnostics);
        else
            diagnostics = ScriptState?.Script.GetCompilation().GetDiagnostics() ?? [];

        if (diagnostics.Any(d => d.Severity >= DiagnosticSeverity.Warning))
        {
            context.Publish(new DiagnosticsProduced(
                [.. diagnostics.Select(Diagnostic.FromCodeAnalysisDiagnostic)],
                [.. diagnostics.Select(d => new FormattedValue(PlainTextFormatter.MimeType, d.ToString()))],
                command));
        }

        if (exception is not null)
        {
            context.Fail(command, exception, message);
        }
        else if (ScriptState is not null && (bool)HasReturnValue.Invoke(ScriptState.Script, null)!)
        {
            object? value = ScriptState.ReturnValue;
            context.Publish(new ReturnValueProduced(value, command, FormattedValue.CreateManyFromObject(value)));
        }
    }

    private async Task RunAsync(string code, Func<Exception, bool> catchException, CancellationToken cancellationToken)
    {
        ResolveFromCurrentFolder();

        // A cell may compute for minutes without awaiting anything: it runs on a thread of its own, and a cancelled one
        // is left behind there, its state unseen.
        Task<ScriptState<object>> run = Task.Run(
            () => ScriptState is null
                ? CSharpScript.Create(code, _options).RunAsync(globals: null, catchException, cancellationToken)
                : ((ScriptState<object>)ScriptState).ContinueWithAsync(code, _options, catchException, cancellationToken),
            cancellationToken);
        ScriptState = await run.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary><c>#r</c> and <c>#load</c> are relative to the folder that the program is in at that time.</summary>
    private void ResolveFromCurrentFolder()
    {
        string folder = Directory.GetCurrentDirectory();
        if (folder == _folder)
            return;
        _folder = folder;
        _options = _options
            .WithMetadataResolver(ScriptMetadataResolver.Default.WithBaseDirectory(folder))
            .WithSourceResolver(new SourceFileResolver([], folder));
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
