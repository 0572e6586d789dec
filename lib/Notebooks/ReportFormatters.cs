using System.Runtime.CompilerServices;
using Microsoft.DotNet.Interactive.Formatting;
using Plotly.NET;
using ScottPlot;
using ZeroI2V.Lab.Reporting;

namespace ZeroI2V.Lab.Notebooks;

/// <summary>How notebooks show tables, charts and figures.</summary>
internal static class ReportFormatters
{
    private const string Html = "text/html";
    private const string Png = "image/png";
    private const string PlainText = "text/plain";

    // A chart is written in several forms, one after the other; it is drawn once.
    private static readonly ConditionalWeakTable<GenericChart, IReadOnlyDictionary<string, string>> Charts = [];

    internal static void Register()
    {
        Formatter.Register<ResultTable>(table => table.ToHtml(), Html);
        Formatter.Register<ResultTable>(table => table.ToText(), PlainText);
        Formatter.SetPreferredMimeTypesFor(typeof(ResultTable), Html, PlainText);

        // Where nothing can draw, a chart is saved without its picture: readers with scripts still see it.
        bool draws = ChartRenderer.Missing() is null;
        string[] forms = draws ? [ChartOutput.PlotlyMimeType, Html, Png] : [ChartOutput.PlotlyMimeType, Html];
        foreach (string form in forms)
            Formatter.Register<GenericChart>(chart => Charts.GetValue(chart, c => draws ? ChartOutput.Bundle(c) : ChartOutput.Bundle(c, null))[form], form);
        Formatter.Register<GenericChart>(_ => "chart", PlainText);
        Formatter.SetPreferredMimeTypesFor(typeof(GenericChart), forms);

        Formatter.Register<Plot>(plot => Inline(plot.GetSvgXml(760, 440)), Html);
        // Its public members would be written out otherwise, a thousand lines of them.
        Formatter.Register<Plot>(plot => $"figure: {plot.Axes.Title.Label.Text}", PlainText);
        Formatter.SetPreferredMimeTypesFor(typeof(Plot), Html, PlainText);

        Formatter.Register<CamViewer>(viewer => viewer.ToFrame(), Html);
        Formatter.Register<CamViewer>(viewer => $"{viewer.Title}: a page to look into", PlainText);
        Formatter.SetPreferredMimeTypesFor(typeof(CamViewer), Html, PlainText);

        Formatter.Register<SavedFigure>(figure => figure.Png, PlainText);
        Formatter.Register<SavedFigure>(figure => Inline(File.ReadAllText(figure.Svg)), Html);
        Formatter.Register<SavedFigure>(figure => Convert.ToBase64String(File.ReadAllBytes(figure.Png)), Png);
        Formatter.SetPreferredMimeTypesFor(typeof(SavedFigure), Html, Png, PlainText);
    }

    // As a picture rather than as elements of the page: names inside one figure must not meet those of another.
    private static string Inline(string svg) =>
        $"<img alt=\"figure\" style=\"max-width:100%\" src=\"data:image/svg+xml;base64,{Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(svg))}\">";
}
