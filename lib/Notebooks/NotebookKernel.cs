using System.Diagnostics;
using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.CSharp;
using Microsoft.DotNet.Interactive.Events;

namespace ZeroI2V.Lab.Notebooks;

/// <summary>Runs cells, one after the other, in one C# state.</summary>
public sealed class NotebookKernel : IDisposable
{
    private readonly CSharpKernel _kernel = new CSharpKernel().UseKernelHelpers();

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
        foreach (CellPart part in cell.Parts)
        {
            CellError? error = null;
            switch (part.Language)
            {
                case CellLanguage.CSharp:
                    error = await RunCSharpAsync(number, source, part.Code, show, cancellationToken).ConfigureAwait(false);
                    break;
                case CellLanguage.Html:
                    show(new DisplayOutput(MimeBundle.Of("text/html", part.Code), null));
                    break;
                case CellLanguage.Markdown:
                    show(new DisplayOutput(MimeBundle.Of("text/markdown", part.Code), null));
                    break;
                default:
                    show(new DisplayOutput(MimeBundle.Of("text/plain", $"{part.Name} is not run here: the lab runs C#, and shows HTML and Markdown."), null));
                    break;
            }

            if (error is not null)
                return error;
        }

        if (cell.Timed)
            show(new DisplayOutput(MimeBundle.Of("text/plain", $"Wall time: {clock.Elapsed.TotalMilliseconds:0.####}ms"), null));
        return null;
    }

    /// <summary>The declared type and the value of a variable; null where no cell has declared it.</summary>
    internal (Type Type, object? Value)? Variable(string name) =>
        _kernel.ScriptState?.GetVariable(name) is { } variable ? (variable.Type, variable.Value) : null;

    /// <summary>The names of all variables that cells have declared.</summary>
    internal IEnumerable<string> VariableNames => _kernel.ScriptState?.Variables.Select(v => v.Name).Distinct() ?? [];

    /// <inheritdoc/>
    public void Dispose() => _kernel.Dispose();

    private async Task<CellError?> RunCSharpAsync(int number, string source, string code, Action<CellOutput> show, CancellationToken cancellationToken)
    {
        using IDisposable events = _kernel.KernelEvents.Subscribe(new Listener(show));
        KernelCommandResult result = await _kernel.SendAsync(new SubmitCode(code), cancellationToken).ConfigureAwait(false);
        if (result.Events.OfType<CommandFailed>().FirstOrDefault() is not { } failure)
            return null;
        return cancellationToken.IsCancellationRequested
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
