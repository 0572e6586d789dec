using System.Net;
using System.Text;

namespace ZeroI2V.Lab.Reporting;

/// <summary>On which side of its column a cell stands.</summary>
public enum TextAlignment
{
    /// <summary>For words.</summary>
    Left,

    /// <summary>For numbers.</summary>
    Right,
}

/// <summary>A column of a table.</summary>
/// <param name="Name">Its heading.</param>
/// <param name="Alignment">On which side its cells stand.</param>
public sealed record TableColumn(string Name, TextAlignment Alignment = TextAlignment.Right);

/// <summary>A table of results: for notebooks (HTML), files (Markdown, LaTeX, CSV) and terminals (text).</summary>
public sealed record ResultTable
{
    /// <summary>What the table shows.</summary>
    public required string Caption { get; init; }

    /// <summary>Whether the data are made; the caption says so.</summary>
    public required bool Synthetic { get; init; }

    /// <summary>The columns.</summary>
    public required IReadOnlyList<TableColumn> Columns { get; init; }

    /// <summary>The rows, a cell for each column.</summary>
    public required IReadOnlyList<IReadOnlyList<string>> Rows { get; init; }

    /// <summary>The caption as it is shown.</summary>
    public string FullCaption => Synthetic ? $"{Caption} ({ReportText.Synthetic})" : Caption;

    /// <summary>Checks that every row has a cell for each column.</summary>
    /// <returns>This record.</returns>
    /// <exception cref="ArgumentException">A row has more or fewer.</exception>
    public ResultTable Validated()
    {
        for (int i = 0; i < Rows.Count; i++)
        {
            if (Rows[i].Count != Columns.Count)
                throw new ArgumentException($"Row {i + 1} of the table '{Caption}' must have {Columns.Count} cells, one a column; found {Rows[i].Count}.");
        }
        return this;
    }

    /// <summary>The table as an HTML fragment; every text is encoded.</summary>
    /// <returns>The HTML.</returns>
    public string ToHtml()
    {
        Validated();
        var html = new StringBuilder("<table>\n");
        html.Append("<caption style=\"text-align:left\">").Append(WebUtility.HtmlEncode(FullCaption)).Append("</caption>\n<thead><tr>");
        foreach (TableColumn column in Columns)
            html.Append(Cell("th", column, column.Name));
        html.Append("</tr></thead>\n<tbody>\n");
        foreach (IReadOnlyList<string> row in Rows)
        {
            html.Append("<tr>");
            for (int i = 0; i < Columns.Count; i++)
                html.Append(Cell("td", Columns[i], row[i]));
            html.Append("</tr>\n");
        }
        return html.Append("</tbody>\n</table>\n").ToString();

        static string Cell(string tag, TableColumn column, string text) =>
            $"<{tag} style=\"text-align:{(column.Alignment == TextAlignment.Left ? "left" : "right")}\">{WebUtility.HtmlEncode(text)}</{tag}>";
    }

    /// <summary>The table in Markdown (GitHub's tables), its caption above it.</summary>
    /// <returns>The Markdown.</returns>
    public string ToMarkdown()
    {
        Validated();
        var text = new StringBuilder($"{FullCaption}\n\n");
        int[] widths = Widths(Escape);
        Line(Columns.Select(column => column.Name));
        text.Append('|').AppendJoin('|', Columns.Select((column, i) =>
            column.Alignment == TextAlignment.Left ? new string('-', widths[i] + 2) : new string('-', widths[i] + 1) + ":")).Append("|\n");
        foreach (IReadOnlyList<string> row in Rows)
            Line(row);
        return text.ToString();

        void Line(IEnumerable<string> cells) =>
            text.Append("| ").AppendJoin(" | ", cells.Select((cell, i) => Pad(Escape(cell), widths[i], Columns[i].Alignment))).Append(" |\n");

        static string Escape(string cell) => cell.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");
    }

    /// <summary>The table in plain text, its caption above it.</summary>
    /// <returns>The text.</returns>
    public string ToText()
    {
        Validated();
        int[] widths = Widths(cell => cell);
        var text = new StringBuilder(FullCaption).Append('\n');
        Line(Columns.Select(column => column.Name));
        text.AppendJoin("  ", widths.Select(width => new string('─', width))).Append('\n');
        foreach (IReadOnlyList<string> row in Rows)
            Line(row);
        return text.ToString();

        void Line(IEnumerable<string> cells) =>
            text.Append(string.Join("  ", cells.Select((cell, i) => Pad(cell, widths[i], Columns[i].Alignment))).TrimEnd()).Append('\n');
    }

    /// <summary>The table in LaTeX, for a document with the package booktabs; every text is escaped.</summary>
    /// <returns>A <c>table</c> environment.</returns>
    public string ToLatex()
    {
        Validated();
        var text = new StringBuilder("\\begin{table}\n  \\centering\n  \\caption{").Append(LatexText.Escape(FullCaption)).Append("}\n  \\begin{tabular}{");
        text.Append(string.Concat(Columns.Select(column => column.Alignment == TextAlignment.Left ? 'l' : 'r'))).Append("}\n    \\toprule\n");
        Line(Columns.Select(column => column.Name));
        text.Append("    \\midrule\n");
        foreach (IReadOnlyList<string> row in Rows)
            Line(row);
        return text.Append("    \\bottomrule\n  \\end{tabular}\n\\end{table}\n").ToString();

        void Line(IEnumerable<string> cells) => text.Append("    ").AppendJoin(" & ", cells.Select(LatexText.Escape)).Append(" \\\\\n");
    }

    /// <summary>The table as comma-separated values (RFC 4180), headings first, without its caption.</summary>
    /// <returns>The text.</returns>
    public string ToCsv()
    {
        Validated();
        var text = new StringBuilder();
        Line(Columns.Select(column => column.Name));
        foreach (IReadOnlyList<string> row in Rows)
            Line(row);
        return text.ToString();

        void Line(IEnumerable<string> cells) => text.AppendJoin(',', cells.Select(Quoted)).Append("\r\n");

        static string Quoted(string cell) => cell.AsSpan().ContainsAny(",\"\r\n") ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell;
    }

    /// <summary>The plain text.</summary>
    /// <returns>What <see cref="ToText"/> gives.</returns>
    public override string ToString() => ToText();

    private int[] Widths(Func<string, string> shown) =>
        [.. Columns.Select((column, i) => Math.Max(3, Rows.Select(row => shown(row[i]).Length).Append(shown(column.Name).Length).Max()))];

    private static string Pad(string text, int width, TextAlignment alignment) =>
        alignment == TextAlignment.Left ? text.PadRight(width) : text.PadLeft(width);
}
