using System.Text.Json.Nodes;
using ZeroI2V.Lab.Reporting;

namespace ZeroI2V.Lab.Tests.Reporting;

public sealed class InteractiveChartsTests
{
    internal static GroupedResults LongNames { get; } = new()
    {
        Title = "t",
        Synthetic = true,
        ValueName = "top-1",
        Groups = [.. Enumerable.Range(0, 10).Select(i => $"all but before attention {i}")],
        Series = [new("a", [.. Enumerable.Repeat(0.25, 10)])],
    };

    internal static GroupedResults Results => new()
    {
        Title = "Pair accuracy <by group>",
        Note = "mean of 3 seeds",
        Synthetic = true,
        ValueName = "pair accuracy",
        Groups = ["directional", "cyclic"],
        Chance = 0.5,
        Series = [new("plain", [0.5, 0.52]), new("shifted", [0.96, 0.91], [0.01, 0.02])],
    };

    internal static TrainingCurve[] Curves =>
    [
        new("plain", [1, 2, 3], [2.0, 1.8, 1.7], [0.1, double.NaN, 0.2]),
        new("shifted", [1, 2, 3], [1.9, 1.2, 0.8], [0.3, 0.5, 0.6]),
    ];

    [Fact]
    public void Bars_carry_percent_errors_and_the_line_of_chance()
    {
        JsonNode figure = JsonNode.Parse(ChartOutput.FigureJson(InteractiveCharts.Bars(Results)))!;

        JsonArray data = figure["data"]!.AsArray();
        Assert.Equal(["plain", "shifted"], data.Select(trace => (string?)trace!["name"]));
        Assert.Equal([96.0, 91.0], data[1]!["y"]!.AsArray().Select(y => Math.Round((double)y!, 9)));
        Assert.Equal([1.0, 2.0], data[1]!["error_y"]!["array"]!.AsArray().Select(e => Math.Round((double)e!, 9)));
        JsonNode line = Assert.Single(figure["layout"]!["shapes"]!.AsArray())!;
        Assert.Equal((50.0, 50.0), ((double)line["y0"]!, (double)line["y1"]!));
        // plotly.js would take groups named "0" and "1/4" for numbers, and draw no bar for the second.
        Assert.Equal("category", (string?)figure["layout"]!["xaxis"]!["type"]);
        Assert.Equal(Results.Groups, figure["layout"]!["xaxis"]!["ticktext"]!.AsArray().Select(text => (string)text!));
    }

    [Fact]
    public void Long_names_of_many_groups_stand_in_lines()
    {
        JsonNode axis = JsonNode.Parse(ChartOutput.FigureJson(InteractiveCharts.Bars(LongNames)))!["layout"]!["xaxis"]!;

        Assert.Equal("all but<br>before<br>attention<br>3", (string?)axis["ticktext"]![3]);
        Assert.Equal([.. Enumerable.Range(0, 10).Select(i => (double)i)], axis["tickvals"]!.AsArray().Select(value => (double)value!));
    }

    [Fact]
    public void The_title_says_synthetic_and_is_encoded()
    {
        string title = (string)JsonNode.Parse(ChartOutput.FigureJson(InteractiveCharts.Bars(Results)))!["layout"]!["title"]!["text"]!;

        Assert.Contains("synthetic data · mean of 3 seeds", title, StringComparison.Ordinal);
        Assert.Contains("&lt;by group&gt;", title, StringComparison.Ordinal);
        Assert.DoesNotContain("synthetic", (string)JsonNode.Parse(ChartOutput.FigureJson(InteractiveCharts.Bars(Results with { Synthetic = false })))!["layout"]!["title"]!["text"]!, StringComparison.Ordinal);
    }

    [Fact]
    public void Training_curves_stand_in_two_panels_with_one_legend()
    {
        JsonNode figure = JsonNode.Parse(ChartOutput.FigureJson(InteractiveCharts.TrainingCurves("Training", synthetic: true, Curves)))!;

        JsonNode?[] losses = [.. figure["data"]!.AsArray().Where(trace => (string?)trace!["xaxis"] is null or "x")];
        JsonNode?[] accuracies = [.. figure["data"]!.AsArray().Where(trace => (string?)trace!["xaxis"] == "x2")];
        Assert.Equal(2, losses.Length);
        Assert.Equal(2, accuracies.Length);
        Assert.All(accuracies, trace => Assert.False((bool?)trace!["showlegend"]));
        Assert.Equal("plain", (string?)accuracies[0]!["legendgroup"]);
        // The second epoch was not evaluated.
        Assert.Equal([1.0, 3.0], accuracies[0]!["x"]!.AsArray().Select(x => (double)x!));
        Assert.Equal([10.0, 20.0], accuracies[0]!["y"]!.AsArray().Select(y => Math.Round((double)y!, 9)));
    }

    [Fact]
    public void A_saved_chart_has_its_forms_and_needs_no_network()
    {
        byte[] png = [1, 2, 3];
        IReadOnlyDictionary<string, string> forms = ChartOutput.Bundle(InteractiveCharts.Bars(Results), new RenderedChart(png, "<svg/>", 900, 450));

        Assert.Equal(["application/vnd.plotly.v1+json", "text/html", "image/png"], forms.Keys);
        Assert.Equal("AQID", forms["image/png"]);
        Assert.NotNull(JsonNode.Parse(forms["application/vnd.plotly.v1+json"])!["data"]);
        Assert.Contains("data:image/png;base64,AQID", forms["text/html"], StringComparison.Ordinal);
        Assert.DoesNotContain("http", forms["text/html"], StringComparison.Ordinal);
        Assert.Equal(forms["text/html"], ChartOutput.Bundle(InteractiveCharts.Bars(Results), new RenderedChart(png, "<svg/>", 900, 450))["text/html"]);
    }

    [Fact]
    public void No_text_of_a_figure_can_end_its_script()
    {
        string html = PlotlyHtml.Fragment("""{"data":[{"name":"</script><b>"}]}""", "chart-1");

        Assert.Equal(1, html.Split("</script>").Length - 1);
        Assert.Contains("\\u003c/script>", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("x\"onload")]
    public void An_id_that_could_be_markup_is_refused(string id) => Assert.Throws<ArgumentException>(() => PlotlyHtml.Fragment("{}", id));
}
