using System.Text.Json;
using System.Text.Json.Nodes;
using Plotly.NET;
using ZeroI2V.Lab.Reporting;

namespace ZeroI2V.Lab.Tests.Reporting;

/// <summary>Where plotly.js puts labels and legend, measured in a browser.</summary>
[Collection(DrawnAlone.Name)]
public sealed class ChartLayoutTests
{
    private static readonly int[] s_widths = [600, 800, 1200];

    // What the page leaves in its document: for every chart the lowest edges of its labels and its legend's rows, the legend's edges, and the heights of plot and chart.
    private const string Measuring = """
        <script>
        window.addEventListener("load", function () {
          function box(element) { return element.getBoundingClientRect(); }
          var found = Array.from(document.querySelectorAll(".js-plotly-plot"), function (chart) {
            var top = box(chart).top, legend = box(chart.querySelector(".legend .bg"));
            function lowest(what) { return Math.max.apply(null, Array.from(chart.querySelectorAll(what), function (element) { return box(element).bottom - top; })); }
            return { labels: lowest(".xtick text, .x2tick text, .xtitle, .x2title"), rows: lowest(".legend .legendtext"), legend: legend.top - top, end: legend.bottom - top,
                     plot: chart._fullLayout._size.h, height: chart._fullLayout.height };
          });
          var place = document.createElement("pre");
          place.id = "measured";
          place.textContent = btoa(JSON.stringify(found));
          document.body.appendChild(place);
        });
        </script>
        """;

    [Fact]
    public void A_legend_lies_below_the_tallest_label_and_within_the_chart_at_every_width()
    {
        Assert.SkipWhen(ChartRenderer.Missing() is not null, ChartRenderer.Missing() ?? "");
        GenericChart[] charts =
        [
            InteractiveCharts.Bars(Bars(series: 2, groups: 3)),
            InteractiveCharts.Bars(Bars(series: 2, groups: 10)),
            InteractiveCharts.Bars(Bars(series: 8, groups: 5)),
            InteractiveCharts.Bars(Bars(series: 14, groups: 10)),
            InteractiveCharts.TrainingCurves("t", synthetic: true, [.. Names(9).Select(name => new TrainingCurve(name, [1, 2, 3], [2.0, 1.8, 1.7], [0.1, 0.2, 0.3]))]),
            InteractiveSweepCharts.Pareto(new ParetoChart { Title = "t", Synthetic = true, CostName = "cost", Points = [.. Names(9).Select((name, i) => new ParetoPoint(name, 1 + i, 0.5, 0.1))] }),
        ];

        (string Chart, Place At)[] places = [.. Measured(charts.SelectMany(chart => s_widths.Select(width => OfWidth(chart, width)))).Select((at, i) => ($"chart {i / s_widths.Length}, {s_widths[i % s_widths.Length]} px: {at}", at))];

        Assert.Equal(charts.Length * s_widths.Length, places.Length);
        Assert.All(places, place => Assert.True(place.At.Legend >= place.At.Labels, place.Chart));
        Assert.All(places, place => Assert.True(place.At.End <= place.At.Height + 0.5, place.Chart));
    }

    [Fact]
    public void Rows_of_the_legend_and_lines_of_labels_make_the_chart_taller_and_not_the_plot_lower()
    {
        Assert.SkipWhen(ChartRenderer.Missing() is not null, ChartRenderer.Missing() ?? "");
        Place[] places = [.. Measured(((GroupedResults[])[Bars(series: 2, groups: 2), Bars(series: 12, groups: 2), Bars(series: 2, groups: 10), Bars(series: 12, groups: 10), Bars(series: 40, groups: 10)])
            .Select(results => ChartOutput.FigureJson(InteractiveCharts.Bars(results))))];

        Assert.All(places[1..], place => Assert.True(place.Height > places[0].Height, place.ToString()));
        Assert.All(places, place => Assert.True(place.Plot > places[0].Plot - 20, place.ToString()));
        Assert.All(places, place => Assert.True(place.Rows <= place.End, place.ToString()));
    }

    [Fact]
    public void Names_that_fit_stand_in_one_row_and_others_in_columns_of_the_longest()
    {
        Assert.Equal(1, InteractiveCharts.LegendRows(["top-1", "pair accuracy"]));
        string half = new('x', 51);
        Assert.Equal(1, InteractiveCharts.LegendRows([half, half]));
        Assert.Equal(2, InteractiveCharts.LegendRows([half, "a", half]));
        Assert.Equal(3, InteractiveCharts.LegendRows([half + half, "a", half]));
    }

    private sealed record Place(double Labels, double Rows, double Legend, double End, double Plot, double Height);

    private static string[] Names(int count) => [.. Enumerable.Range(0, count).Select(i => $"official-style, not folded, environment {i}")];

    private static GroupedResults Bars(int series, int groups) => new()
    {
        Title = "t",
        Note = "mean of 3 seeds",
        Synthetic = true,
        ValueName = "top-1",
        Groups = [.. Enumerable.Range(0, groups).Select(i => groups < 5 ? $"group {i}" : $"all but before attention {i}")],
        Series = [.. (series < 5 ? Enumerable.Range(0, series).Select(i => $"row {i}") : Names(series)).Select(name => new ResultSeries(name, [.. Enumerable.Repeat(0.25, groups)]))],
    };

    private static string OfWidth(GenericChart chart, int width)
    {
        JsonNode figure = JsonNode.Parse(ChartOutput.FigureJson(chart))!;
        figure["layout"]!["width"] = width;
        return figure.ToJsonString();
    }

    private static Place[] Measured(IEnumerable<string> figures)
    {
        string page = PlotlyHtml.Page("charts", figures).Replace("</body>", Measuring + "</body>", StringComparison.Ordinal);
        (string document, string errors) = HeadlessBrowser.Open(page);
        const string opening = "id=\"measured\">";
        int start = document.IndexOf(opening, StringComparison.Ordinal) + opening.Length;
        Assert.True(start >= opening.Length, errors);
        string json = System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(document[start..document.IndexOf('<', start)]));
        return JsonSerializer.Deserialize<Place[]>(json, JsonSerializerOptions.Web)!;
    }
}
