using System.Globalization;

namespace ZeroI2V.Lab.Reporting;

/// <summary>How numbers and notes are written in tables, charts and figures.</summary>
public static class ReportText
{
    /// <summary>What every table, chart and figure of made data says.</summary>
    public const string Synthetic = "synthetic data";

    /// <summary>In a chart of more bars than this, values would lie on each other.</summary>
    internal const int MostBarsWithValues = 20;

    /// <summary>A fraction as percent with one decimal: 0.9167 as "91.7 %".</summary>
    /// <param name="fraction">The fraction; NaN for a value that is missing.</param>
    /// <returns>The text; "–" for NaN.</returns>
    public static string Percent(double fraction) =>
        double.IsNaN(fraction) ? "–" : string.Create(CultureInfo.InvariantCulture, $"{100 * fraction:0.0} %");

    /// <summary>A mean with its spread: "91.7 ± 0.4 %".</summary>
    /// <param name="fraction">The mean; NaN for a value that is missing.</param>
    /// <param name="spread">The spread, a fraction too; NaN leaves it out.</param>
    /// <returns>The text.</returns>
    public static string Percent(double fraction, double spread) =>
        double.IsNaN(fraction) || double.IsNaN(spread) ? Percent(fraction) : string.Create(CultureInfo.InvariantCulture, $"{100 * fraction:0.0} ± {100 * spread:0.0} %");

    /// <summary>The line under a title.</summary>
    /// <param name="note">What the reader must know, such as "mean of 3 seeds"; null for nothing.</param>
    /// <param name="synthetic">Whether the data are made.</param>
    /// <returns>The line, "" for none.</returns>
    public static string Subtitle(string? note, bool synthetic) =>
        string.Join(" · ", new[] { synthetic ? Synthetic : "", note ?? "" }.Where(part => part.Length > 0));

    /// <summary>Breaks a text between words into lines.</summary>
    /// <param name="text">The text.</param>
    /// <param name="length">Most characters of a line; a longer word has a line of its own.</param>
    /// <returns>The text with line feeds.</returns>
    internal static string Wrapped(string text, int length)
    {
        var lines = new List<string>();
        foreach (string word in text.Split(' '))
        {
            if (lines.Count > 0 && lines[^1].Length + 1 + word.Length <= length)
                lines[^1] += " " + word;
            else
                lines.Add(word);
        }
        return string.Join('\n', lines);
    }
}
