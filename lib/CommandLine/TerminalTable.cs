using Spectre.Console;
using ZeroI2V.Lab.Reporting;

namespace ZeroI2V.Lab.CommandLine;

/// <summary>A table of results as the terminal shows it.</summary>
internal static class TerminalTable
{
    internal static Table From(ResultTable results)
    {
        results.Validated();
        Table table = new Table().Title(Markup.Escape(results.FullCaption)).Border(TableBorder.Rounded);
        foreach (Reporting.TableColumn column in results.Columns)
        {
            var shown = new Spectre.Console.TableColumn(Markup.Escape(column.Name));
            table.AddColumn(column.Alignment == TextAlignment.Left ? shown.LeftAligned() : shown.RightAligned());
        }
        foreach (IReadOnlyList<string> row in results.Rows)
            table.AddRow([.. row.Select(Markup.Escape)]);
        return table;
    }
}
