using System.Text.Json.Nodes;
using Microsoft.DotNet.Interactive.Formatting;
using Plotly.NET;
using ZeroI2V.Lab.Notebooks;
using ZeroI2V.Lab.Reporting;

namespace ZeroI2V.Lab.Tests.Reporting;

public sealed class ReportFormattersTests
{
    [Fact]
    public void A_chart_is_shown_in_every_form_that_can_be_made_here()
    {
        LabFormatters.Register();
        GenericChart chart = InteractiveCharts.Bars(InteractiveChartsTests.Results);

        var forms = Formatter.GetPreferredMimeTypesFor(chart.GetType()).ToArray();

        Assert.Contains("application/vnd.plotly.v1+json", forms);
        Assert.Contains("text/html", forms);
        Assert.Equal(ChartRenderer.Missing() is null, forms.Contains("image/png"));
        Assert.NotNull(JsonNode.Parse(chart.ToDisplayString("application/vnd.plotly.v1+json"))!["data"]);
        string html = chart.ToDisplayString("text/html");
        if (ChartRenderer.Missing() is null)
            Assert.Contains(chart.ToDisplayString("image/png"), html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_is_shown_as_html_and_as_text()
    {
        LabFormatters.Register();
        ResultTable table = InteractiveChartsTests.Results.ToTable();

        Assert.Equal(table.ToHtml(), table.ToDisplayString("text/html"));
        Assert.Equal(table.ToText(), table.ToDisplayString("text/plain"));
    }

    [Fact]
    public void A_figure_is_shown_as_a_picture_of_its_own()
    {
        LabFormatters.Register();
        using global::ScottPlot.Plot plot = StaticCharts.Bars(InteractiveChartsTests.Results);

        Assert.StartsWith("<img", plot.ToDisplayString("text/html"), StringComparison.Ordinal);
    }
}
