using Microsoft.DotNet.Interactive.Formatting;
using Plotly.NET;
using ScottPlot;
using ZeroI2V.Lab.Notebooks;
using ZeroI2V.Lab.Reporting;

namespace ZeroI2V.Lab.Tests.Notebooks;

[Collection(WorkingFolder.Name)]
public sealed class ChartFormTests
{
    [Fact]
    public void A_chart_is_saved_as_json_for_clients_that_draw_and_as_small_html_for_the_others()
    {
        LabFormatters.Register();
        GenericChart chart = InteractiveCharts.TrainingCurves("Example", synthetic: true, [new TrainingCurve("a", [1, 2], [2, 1], [0.1, 0.2])]);

        IReadOnlyDictionary<string, string> forms = ChartOutput.Bundle(chart, new RenderedChart([0x89, 1, 2], "<svg/>", 900, 430));

        Assert.Contains("\"data\"", forms[ChartOutput.PlotlyMimeType], StringComparison.Ordinal);
        Assert.Contains("src=\"data:image/png;base64,", forms["text/html"], StringComparison.Ordinal);
        Assert.Contains("\"../bin/lab/plotly.min.js\"", forms["text/html"], StringComparison.Ordinal);
        Assert.InRange(forms["text/html"].Length, 1, 20_000);
        Assert.Contains(ChartOutput.PlotlyMimeType, Formatter.GetPreferredMimeTypesFor(typeof(GenericChart)));
        Assert.Equal("chart", chart.ToDisplayString());
    }

    [Fact]
    public void A_figure_in_plain_text_is_its_title()
    {
        LabFormatters.Register();
        using var plot = new Plot();
        plot.Title("accuracy by cost");
        Assert.Equal("figure: accuracy by cost", plot.ToDisplayString("text/plain"));
        Assert.Equal(["text/html", "text/plain"], Formatter.GetPreferredMimeTypesFor(typeof(Plot)));
    }
}
