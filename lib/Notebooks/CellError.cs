using System.Text.RegularExpressions;
using Microsoft.DotNet.Interactive.Events;

namespace ZeroI2V.Lab.Notebooks;

/// <summary>Why a cell failed, and where.</summary>
/// <param name="Cell">The cell's execution count.</param>
/// <param name="Line">The line in the cell, from 1; null where it is not known.</param>
/// <param name="Name">The exception's type, or the compiler's code such as CS0103.</param>
/// <param name="Message">One sentence that starts with the place: <c>cell 3, line 2: …</c></param>
/// <param name="Traceback">What to show below it: the source line, the other errors, the calls that led there.</param>
public sealed partial record CellError(int Cell, int? Line, string Name, string Message, IReadOnlyList<string> Traceback)
{
    private const int MaxTraceback = 40;

    /// <summary>Errors of the compiler: each with the line that it complains of.</summary>
    /// <param name="cell">The failing cell's execution count.</param>
    /// <param name="source">Its source.</param>
    /// <param name="compilerOutput">A line an error, in the compiler's notation, the cell's name (<see cref="CellSource.NameOf"/>) in place of a file.</param>
    internal static CellError? FromCompiler(int cell, string source, string compilerOutput)
    {
        string[] lines = source.Split('\n');
        var errors = CompilerError().Matches(compilerOutput)
            .Select(m => (Line: int.Parse(m.Groups["line"].ValueSpan), Column: int.Parse(m.Groups["column"].ValueSpan), Code: m.Groups["code"].Value, Message: m.Groups["message"].Value.Trim()))
            .ToList();
        if (errors.Count == 0)
            return null;

        var traceback = new List<string>();
        foreach ((int line, int column, string code, string message) in errors.Take(10))
        {
            traceback.Add($"cell {cell}, line {line}: {code}: {message}");
            if (line >= 1 && line <= lines.Length)
            {
                traceback.Add("    " + lines[line - 1].TrimEnd('\r').Replace('\t', ' '));
                traceback.Add("    " + new string(' ', Math.Max(0, column - 1)) + "^");
            }
        }

        if (errors.Count > 10)
            traceback.Add($"… and {errors.Count - 10} more errors");
        (int firstLine, _, string firstCode, string firstMessage) = errors[0];
        return new CellError(cell, firstLine, firstCode, $"cell {cell}, line {firstLine}: {firstMessage}", traceback);
    }

    /// <summary>An exception: the line of the cell that it came through, and the calls between, without the machinery that runs cells.</summary>
    internal static CellError FromException(int cell, string source, Exception exception)
    {
        while (exception is AggregateException { InnerExceptions: [var only] })
            exception = only;
        string[] calls = (exception.StackTrace ?? "").Split('\n');
        var places = calls.Select(call => CellFrame().Match(call)).Where(m => m.Success)
            .Select(m => (Cell: int.Parse(m.Groups["cell"].ValueSpan), Line: int.Parse(m.Groups["line"].ValueSpan))).ToList();
        int? line = places.Where(p => p.Cell == cell).Select(p => (int?)p.Line).FirstOrDefault();

        string place = line is null ? $"cell {cell}" : $"cell {cell}, line {line}";
        string message = exception.Message;
        // Clients show the traceback alone: it says again where and what.
        var traceback = new List<string> { $"{place}: {exception.GetType().FullName}: {message}" };
        for (Exception? inner = exception.InnerException; inner is not null; inner = inner.InnerException)
            traceback.Add($"  because of {inner.GetType().FullName}: {inner.Message}");
        string[] lines = source.Split('\n');
        foreach (string call in calls)
        {
            Match match = CellFrame().Match(call);
            if (match.Success)
            {
                string at = $"   at cell {match.Groups["cell"].Value}, line {match.Groups["line"].Value}";
                int number = int.Parse(match.Groups["line"].ValueSpan);
                bool ours = match.Groups["cell"].Value == cell.ToString(System.Globalization.CultureInfo.InvariantCulture) && number >= 1 && number <= lines.Length;
                traceback.Add(ours ? $"{at}: {lines[number - 1].Trim()}" : at);
            }
            else if (call.Trim() is { Length: > 0 } frame && !Machinery().IsMatch(frame))
            {
                traceback.Add("   " + frame);
            }
        }

        return new CellError(cell, line, exception.GetType().Name, $"{place}: {message}", Counted(traceback));
    }

    /// <summary>A line that stands many times in a row, as in a function that calls itself, stands once with its number.</summary>
    private static List<string> Counted(List<string> lines)
    {
        var counted = new List<string>();
        for (int i = 0, next; i < lines.Count; i = next)
        {
            for (next = i + 1; next < lines.Count && lines[next] == lines[i];)
                next++;
            counted.Add(next - i == 1 ? lines[i] : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{lines[i]} ({next - i:N0} times)"));
        }

        return counted.Count <= MaxTraceback ? counted : [.. counted.Take(MaxTraceback), $"   … {counted.Count - MaxTraceback} lines more"];
    }

    /// <summary>From the event by which a kernel says that a submission failed.</summary>
    internal static CellError From(int cell, string source, CommandFailed failure) =>
        FromCompiler(cell, source, failure.Message)
        ?? (failure.Exception is { } exception
            ? FromException(cell, source, exception)
            : new CellError(cell, null, "Error", $"cell {cell}: {failure.Message}", [$"cell {cell}: {failure.Message}"]));

    [GeneratedRegex(@"^(?:.*[/\\])?cell \d+\((?<line>\d+),(?<column>\d+)\): error (?<code>[A-Z]+\d+): (?<message>.*)$", RegexOptions.Multiline)]
    private static partial Regex CompilerError();

    [GeneratedRegex(@" in (?:.*[/\\])?cell (?<cell>\d+):line (?<line>\d+)")]
    private static partial Regex CellFrame();

    [GeneratedRegex(@"^(at (Submission#|Microsoft\.CodeAnalysis\.|Microsoft\.DotNet\.Interactive\.|CellCheckpoints\.|System\.Runtime\.CompilerServices\.|System\.Runtime\.ExceptionServices\.|System\.Threading\.)|---)")]
    private static partial Regex Machinery();
}
