using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.CSharp;
using Microsoft.DotNet.Interactive.Events;
using Microsoft.DotNet.Interactive.Formatting;

namespace ZeroI2V.Lab.Notebooks;

/// <summary>Runs cells, one after the other, in one C# state.</summary>
public sealed class NotebookKernel : IDisposable
{
    private readonly CSharpKernel _kernel = new CSharpKernel().UseKernelHelpers();

    static NotebookKernel() => Console.SetIn(new NoInput());

    /// <summary>Runs a cell.</summary>
    /// <param name="number">Its execution count, by which errors name it.</param>
    /// <param name="source">Its text.</param>
    /// <param name="language">The language that it starts in, as clients name it; null for C#.</param>
    /// <param name="show">Takes what the cell shows, while it runs, in order, one at a time, on any thread.</param>
    /// <param name="cancellationToken">Stops waiting for the cell; its code sees it as <c>KernelInvocationContext.Current.CancellationToken</c>.</param>
    /// <returns>Why the cell failed; null if it did not.</returns>
    public async Task<CellError?> RunAsync(int number, string source, string? language, Action<CellOutput> show, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(show);
        CellSource cell;
        try
        {
            cell = CellSource.Parse(source, number, language);
        }
        catch (CellSourceException exception)
        {
            string message = $"cell {number}, line {exception.Line}: {exception.Message}";
            return new CellError(number, exception.Line, "CellError", message, [message]);
        }

        var clock = Stopwatch.StartNew();
        var limit = new OutputLimit(show);
        foreach (CellPart part in cell.Parts)
        {
            CellError? error = null;
            switch (part.Language)
            {
                case CellLanguage.CSharp:
                    error = await RunCSharpAsync(number, source, part.Code, limit.Add, cancellationToken).ConfigureAwait(false);
                    break;
                case CellLanguage.Html:
                    limit.Add(new DisplayOutput(MimeBundle.Of("text/html", part.Code), null));
                    break;
                case CellLanguage.Markdown:
                    limit.Add(new DisplayOutput(MimeBundle.Of("text/markdown", part.Code), null));
                    break;
                default:
                    limit.Add(new DisplayOutput(MimeBundle.Of("text/plain", $"{part.Name} is not run here: the lab runs C#, and shows HTML and Markdown."), null));
                    break;
            }

            if (error is not null)
            {
                limit.End();
                return error;
            }
        }

        limit.End();
        if (cell.Timed)
            show(new DisplayOutput(MimeBundle.Of("text/plain", $"Wall time: {clock.Elapsed.TotalMilliseconds:0.####}ms"), null));
        return null;
    }

    /// <summary>What could stand at a place in a cell.</summary>
    /// <param name="source">The cell as far as it is written.</param>
    /// <param name="position">An index in it.</param>
    public async Task<CellCompletions> CompleteAsync(string source, int position)
    {
        ArgumentNullException.ThrowIfNull(source);
        string code = CellSource.CSharpOnly(source);
        KernelCommandResult result = await _kernel.SendAsync(new RequestCompletions(code, PlaceOf(code, position))).ConfigureAwait(false);
        if (result.Events.OfType<CompletionsProduced>().FirstOrDefault() is not { } found)
            return new CellCompletions(position, position, []);
        int start = found.LinePositionSpan is { } span ? IndexOf(code, span.Start) : position;
        return new CellCompletions(start, position, [.. found.Completions.Select(item => new CellCompletion(item.InsertText, item.Kind))]);
    }

    /// <summary>What stands at a place in a cell: signature and documentation by MIME type; null where nothing is known.</summary>
    /// <param name="source">The cell.</param>
    /// <param name="position">An index in it.</param>
    public async Task<JsonObject?> InspectAsync(string source, int position)
    {
        ArgumentNullException.ThrowIfNull(source);
        string code = CellSource.CSharpOnly(source);
        KernelCommandResult result = await _kernel.SendAsync(new RequestHoverText(code, PlaceOf(code, position))).ConfigureAwait(false);
        if (result.Events.OfType<HoverTextProduced>().FirstOrDefault() is not { Content.Count: > 0 } found)
            return null;
        var bundle = new JsonObject();
        foreach (FormattedValue form in found.Content)
            bundle[form.MimeType] = form.Value;
        // A terminal shows the same without its marks.
        bundle["text/plain"] ??= string.Join('\n', found.Content.First().Value.Split('\n').Where(line => !line.StartsWith("```", StringComparison.Ordinal)));
        return bundle;
    }

    /// <summary>Whether a cell is all there: for clients that run it at the end of a line, or else open the next line.</summary>
    /// <returns><c>complete</c>, <c>incomplete</c> or <c>invalid</c>, and the indentation of the next line.</returns>
    public static (string Status, string Indent) Completeness(string source)
    {
        SyntaxTree tree = SyntaxFactory.ParseSyntaxTree(CellSource.CSharpOnly(source), new CSharpParseOptions(LanguageVersion.Latest, kind: SourceCodeKind.Script));
        if (!SyntaxFactory.IsCompleteSubmission(tree))
            return ("incomplete", source.TrimEnd().EndsWith('{') ? "    " : "");
        return (tree.GetDiagnostics().Any(d => d.Severity == DiagnosticSeverity.Error) ? "invalid" : "complete", "");
    }

    /// <summary>Runs a little of everything in a kernel that is thrown away, so that the compiler is ready for the first cell.</summary>
    public static async Task WarmUpAsync()
    {
        using var scratch = new NotebookKernel();
        await scratch.RunAsync(1, "var ready = new[] { 1 }.Select(i => i * 2).ToList();\nready.Count", null, _ => { }, CancellationToken.None).ConfigureAwait(false);
        await scratch.RunAsync(2, "ready.Display();", null, _ => { }, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>The declared type of every variable that cells have declared.</summary>
    internal async Task<IReadOnlyDictionary<string, Type>> VariablesAsync()
    {
        KernelCommandResult result = await _kernel.SendAsync(new RequestValueInfos()).ConfigureAwait(false);
        return result.Events.OfType<ValueInfosProduced>().SelectMany(e => e.ValueInfos)
            .Where(info => info.Type is not null).GroupBy(info => info.Name, StringComparer.Ordinal)
            .ToDictionary(same => same.Key, same => same.First().Type!, StringComparer.Ordinal);
    }

    /// <summary>The value of a variable; null where no cell has declared it with this type.</summary>
    internal T? Value<T>(string name)
        where T : struct => _kernel.TryGetValue(name, out T value) ? value : null;

    /// <inheritdoc/>
    public void Dispose() => _kernel.Dispose();

    private static LinePosition PlaceOf(string text, int index)
    {
        int lineStart = text.LastIndexOf('\n', Math.Max(0, index - 1), Math.Max(0, index)) + 1;
        return new LinePosition(text.AsSpan(0, index).Count('\n'), index - lineStart);
    }

    private static int IndexOf(string text, LinePosition position)
    {
        int start = 0;
        for (int line = 0; line < position.Line; line++)
            start = text.IndexOf('\n', start) + 1;
        return start + position.Character;
    }

    private async Task<CellError?> RunCSharpAsync(int number, string source, string code, Action<CellOutput> show, CancellationToken cancellationToken)
    {
        using IDisposable events = _kernel.KernelEvents.Subscribe(new Listener(show));
        KernelCommandResult result = await _kernel.SendAsync(new SubmitCode(code), cancellationToken).ConfigureAwait(false);
        if (result.Events.OfType<CommandFailed>().FirstOrDefault() is not { } failure)
            return null;
        // Whatever it failed of after that: a wait that was broken off throws what its library makes of it.
        return cancellationToken.IsCancellationRequested && failure.Exception is not TimeoutException
            ? new CellError(number, null, "Interrupted", $"cell {number}: interrupted", [$"cell {number}: interrupted"])
            : CellError.From(number, source, failure);
    }

    /// <summary>Turns the kernel's events into outputs.</summary>
    private sealed class Listener(Action<CellOutput> show) : IObserver<KernelEvent>
    {
        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }

        public void OnNext(KernelEvent value)
        {
            switch (value)
            {
                case StandardOutputValueProduced text:
                    show(new StreamOutput("stdout", Text(text)));
                    break;
                case StandardErrorValueProduced text:
                    show(new StreamOutput("stderr", Text(text)));
                    break;
                case DisplayedValueProduced display:
                    show(new DisplayOutput(MimeBundle.Of(display), display.ValueId));
                    break;
                case DisplayedValueUpdated { ValueId: { } id } display:
                    show(new UpdateOutput(MimeBundle.Of(display), id));
                    break;
                case ReturnValueProduced display:
                    show(new ResultOutput(MimeBundle.Of(display)));
                    break;
            }
        }

        private static string Text(DisplayEvent display) => string.Concat(display.FormattedValues.Where(f => f.MimeType == "text/plain").Select(f => f.Value));
    }
}
