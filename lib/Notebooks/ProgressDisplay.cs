using System.Diagnostics;
using System.Globalization;
using System.Net;
using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Formatting;

namespace ZeroI2V.Lab.Notebooks;

/// <summary>How far something has come.</summary>
/// <param name="Title">What.</param>
/// <param name="Done">Steps that are done.</param>
/// <param name="Total">Steps in all.</param>
/// <param name="Detail">What else there is to say: a loss, a rate.</param>
public sealed record ProgressState(string Title, long Done, long Total, string Detail)
{
    private const int Width = 30;

    /// <summary>Done of total, from 0 to 1.</summary>
    public double Fraction => Total <= 0 ? 0 : Math.Clamp((double)Done / Total, 0, 1);

    /// <summary>As a line: <c>Decoding [######------------------------]  20 % 20 of 100, 3 clips/s</c></summary>
    public string ToText()
    {
        int full = (int)Math.Round(Fraction * Width);
        return string.Create(CultureInfo.InvariantCulture, $"{Title} [{new string('#', full)}{new string('-', Width - full)}] {100 * Fraction,3:0} % {Done} of {Total}{Tail}");
    }

    /// <summary>As the browser's own bar, with the same words.</summary>
    public string ToHtml() => string.Create(
        CultureInfo.InvariantCulture,
        $"<div>{WebUtility.HtmlEncode(Title)} <progress max=\"1\" value=\"{Fraction:0.####}\" style=\"width:20em;vertical-align:middle\"></progress> {100 * Fraction:0} % <small>{Done} of {Total}{WebUtility.HtmlEncode(Tail)}</small></div>");

    private string Tail => Detail.Length == 0 ? "" : $", {Detail}";
}

/// <summary>A progress bar in a cell's output, updated in its place.</summary>
public sealed class ProgressDisplay
{
    private static readonly TimeSpan BetweenUpdates = TimeSpan.FromSeconds(0.2);

    private readonly Lock _gate = new();
    private readonly string _title;
    private readonly long _total;
    private readonly DisplayedValue _shown;
    private readonly Stopwatch _sinceUpdate = Stopwatch.StartNew();

    /// <summary>Shows an empty bar.</summary>
    /// <param name="title">What is being done.</param>
    /// <param name="total">Steps in all, at least 1.</param>
    public ProgressDisplay(string title, long total)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(title);
        ArgumentOutOfRangeException.ThrowIfLessThan(total, 1);
        (_title, _total) = (title, total);
        _shown = new ProgressState(title, 0, total, "").Display("text/html", "text/plain");
    }

    /// <summary>Cancelled when the running cell is interrupted.</summary>
    public CancellationToken Stop { get; } = KernelInvocationContext.Current?.CancellationToken ?? CancellationToken.None;

    /// <summary>Says how far it has come, from any thread; shown five times a second at most, and at the end.</summary>
    /// <param name="done">Steps that are done.</param>
    /// <param name="detail">What else there is to say.</param>
    public void Report(long done, string detail = "")
    {
        lock (_gate)
        {
            if (done < _total && _sinceUpdate.Elapsed < BetweenUpdates)
                return;
            _sinceUpdate.Restart();
            _shown.Update(new ProgressState(_title, done, _total, detail));
        }
    }
}
