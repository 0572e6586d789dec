using System.Collections;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Microsoft.AspNetCore.Html;

namespace Microsoft.DotNet.Interactive.Formatting;

/// <summary>Values as HTML: text, tables of rows, tables of members.</summary>
public static class HtmlFormatter
{
    public const string MimeType = "text/html";

    // Letters of every script stay readable in a saved notebook.
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    private const string Style = """
        <style>
        .dni-code-hint { font-style: italic; overflow: hidden; white-space: nowrap; }
        .dni-treeview { white-space: nowrap; }
        .dni-treeview td { vertical-align: top; text-align: start; }
        details.dni-treeview { padding-left: 1em; }
        table td { text-align: start; }
        table tr { vertical-align: top; margin: 0em 0px; }
        table tr td pre { vertical-align: top !important; margin: 0em 0px !important; }
        table th { text-align: start; }
        </style>
        """;

    internal static void Write(object? value, TextWriter writer, int depth)
    {
        if (value is IHtmlContent html)
        {
            html.WriteTo(writer, HtmlEncoder.Default);
        }
        else if (Members.IsScalar(value) || depth >= Formatter.RecursionLimit)
        {
            WriteText(Members.Text(value), writer);
        }
        else
        {
            if (Members.Pairs(value!) is { } pairs)
                WriteTable(["<i>key</i>", "value"], [.. pairs.Take(Formatter.ListExpansionLimit).Select(p => new[] { p.Key, p.Value })], "", writer, depth);
            else if (value is IEnumerable sequence)
                WriteSequence(sequence, writer, depth);
            else
                WriteTree(value!, writer, depth);
            if (depth == 0)
                writer.Write(Style.ReplaceLineEndings("\n"));
        }
    }

    private static void WriteText(string text, TextWriter writer) =>
        writer.Write($"<div class=\"dni-plaintext\"><pre>{Encode(text)}</pre></div>");

    private static void WriteSequence(IEnumerable sequence, TextWriter writer, int depth)
    {
        (IReadOnlyList<object?> items, int? more) = Members.Head(sequence);
        if (items.All(Members.IsScalar))
        {
            WriteText(sequence.ToDisplayString(), writer);
            return;
        }

        string rest = more switch { 0 => "", null => "... (more)", _ => $"({more} more)" };
        // A row an item: items that are objects spread their members over the columns.
        var rows = items.Select(item => item is null || Members.IsScalar(item) || item is IEnumerable ? [("value", item)] : Members.Of(item)).ToList();
        string[] names = [.. rows.SelectMany(row => row.Select(m => m.Name)).Distinct()];
        WriteTable(
            ["<i>index</i>", .. names.Select(Encode)],
            [.. rows.Select((row, index) => (object?[])[index, .. names.Select(name => row.Where(m => m.Name == name).Select(m => m.Value).DefaultIfEmpty("").First())])],
            rest,
            writer,
            depth);
    }

    private static void WriteTable(string[] head, object?[][] rows, string rest, TextWriter writer, int depth)
    {
        writer.Write("<table><thead><tr>");
        foreach (string name in head)
            writer.Write($"<th>{(name.StartsWith('<') ? name : $"<span>{name}</span>")}</th>");
        writer.Write("</tr></thead><tbody>");
        foreach (object?[] row in rows)
        {
            writer.Write("<tr>");
            foreach (object? cell in row)
            {
                writer.Write("<td>");
                if (cell is string text)
                    writer.Write(Encode(text));
                else
                    Formatter.Write(cell, writer, MimeType, depth + 1);
                writer.Write("</td>");
            }

            writer.Write("</tr>");
        }

        if (rest.Length > 0)
            writer.Write($"<tr><td colspan=\"{head.Length}\"><i>{rest}</i></td></tr>");
        writer.Write("</tbody></table>");
    }

    private static void WriteTree(object value, TextWriter writer, int depth)
    {
        writer.Write($"<details{(depth == 0 ? " open=\"open\"" : "")} class=\"dni-treeview\"><summary><span class=\"dni-code-hint\"><code>{Encode(value.ToString() ?? "")}</code></span></summary><div><table><thead><tr></tr></thead><tbody>");
        foreach ((string name, object? member) in Members.Of(value))
        {
            writer.Write($"<tr><td>{Encode(name)}</td><td>");
            if (member is string text)
                writer.Write(Encode(text));
            else
                Formatter.Write(member, writer, MimeType, depth + 1);
            writer.Write("</td></tr>");
        }

        writer.Write("</tbody></table></div></details>");
    }

    private static string Encode(string text) => Encoder.Encode(text);
}
