using System.Text.Json.Nodes;

namespace Plotly.NET;

/// <summary>A figure: traces, layout and configuration. Never changed in place; every call gives a new figure.</summary>
public abstract class GenericChart
{
    private GenericChart(IReadOnlyList<JsonObject> traces, JsonObject layout, JsonObject config)
    {
        Traces = traces;
        Layout = layout;
        Config = config;
    }

    internal IReadOnlyList<JsonObject> Traces { get; }

    internal JsonObject Layout { get; }

    internal JsonObject Config { get; }

    internal static GenericChart Of(IReadOnlyList<JsonObject> traces, JsonObject layout, JsonObject config) => new Drawn(traces, layout, config);

    internal static GenericChart Of(JsonObject trace, bool useDefaults) =>
        useDefaults ? Of([trace], Defaults.Layout(), Defaults.Config()) : Of([trace], [], []);

    internal GenericChart With(JsonObject layout) => Of(Traces, FigureJson.Merge(Layout, layout), Config);

    internal GenericChart WithTraces(Func<JsonObject, JsonObject> change) => Of([.. Traces.Select(change)], Layout, Config);

    public static Layout getLayout(GenericChart gChart) => new() { Json = (JsonObject)gChart.Layout.DeepClone() };

    public static Config getConfig(GenericChart gChart) => new() { Json = (JsonObject)gChart.Config.DeepClone() };

    public static int countTrace(GenericChart gChart) => gChart.Traces.Count;

    public static GenericChart combine(IEnumerable<GenericChart> gCharts)
    {
        GenericChart[] charts = [.. gCharts];
        return Of(
            [.. charts.SelectMany(chart => chart.Traces)],
            charts.Select(chart => chart.Layout).Aggregate(new JsonObject(), FigureJson.Merge),
            charts.Select(chart => chart.Config).Aggregate(new JsonObject(), FigureJson.Merge));
    }

    /// <summary>The figure as <c>{"data": […], "layout": {…}, "config": {…}}</c>.</summary>
    public static string toJson(GenericChart gChart) => FigureJson.Write(new JsonObject
    {
        ["data"] = Data(gChart),
        ["layout"] = gChart.Layout.DeepClone(),
        ["config"] = gChart.Config.DeepClone(),
    });

    /// <summary>The figure as <c>{"data": […], "layout": {…}, "frames": []}</c>.</summary>
    public static string toFigureJson(GenericChart gChart) => FigureJson.Write(new JsonObject
    {
        ["data"] = Data(gChart),
        ["layout"] = gChart.Layout.DeepClone(),
        ["frames"] = new JsonArray(),
    });

    /// <summary>A <c>div</c> and the script that draws into it; the page must have loaded plotly.js.</summary>
    public static string toChartHTML(GenericChart gChart)
    {
        string id = Guid.NewGuid().ToString();
        string name = "renderPlotly_" + id.Replace("-", "", StringComparison.Ordinal);
        return $$"""
            <div><div id="{{id}}"><!-- Plotly chart will be drawn inside this DIV --></div>
            <script type="text/javascript">
            var {{name}} = function() {
            var data = {{Script(Data(gChart))}};
            var layout = {{Script(gChart.Layout)}};
            var config = {{Script(gChart.Config)}};
            Plotly.newPlot('{{id}}', data, layout, config);
            };
            {{name}}();
            </script></div>
            """;
    }

    /// <summary>A whole page, with plotly.js from its public address.</summary>
    public static string toEmbeddedHTML(GenericChart gChart) => $"""
        <!DOCTYPE html>
        <html><head><meta charset="UTF-8"><title>Plotly.NET Datavisualization</title>
        <script src="https://cdn.plot.ly/plotly-2.27.1.min.js" charset="utf-8"></script></head>
        <body>{toChartHTML(gChart)}</body></html>
        """;

    private static JsonArray Data(GenericChart chart) => [.. chart.Traces.Select(trace => trace.DeepClone())];

    // "</script>" inside a label must not end the script.
    private static string Script(JsonNode node) => FigureJson.Write(node).Replace("</", "<\\/", StringComparison.Ordinal);

    private sealed class Drawn(IReadOnlyList<JsonObject> traces, JsonObject layout, JsonObject config) : GenericChart(traces, layout, config);
}

/// <summary>What a chart starts from unless it is made with <c>UseDefaults: false</c>.</summary>
public static class Defaults
{
    public static int DefaultWidth { get; set; } = 600;

    public static int DefaultHeight { get; set; } = 600;

    internal static JsonObject Layout() => new()
    {
        ["width"] = DefaultWidth,
        ["height"] = DefaultHeight,
        ["template"] = JsonNode.Parse("""
            {"layout": {
              "title": {"x": 0.05}, "font": {"color": "rgba(42, 63, 95, 1.0)"},
              "paper_bgcolor": "rgba(255, 255, 255, 1.0)", "plot_bgcolor": "rgba(229, 236, 246, 1.0)",
              "autotypenumbers": "strict", "hovermode": "closest", "hoverlabel": {"align": "left"},
              "xaxis": {"automargin": true, "gridcolor": "white", "linecolor": "white", "ticks": "", "title": {"standoff": 15}, "zerolinecolor": "white", "zerolinewidth": 2.0},
              "yaxis": {"automargin": true, "gridcolor": "white", "linecolor": "white", "ticks": "", "title": {"standoff": 15}, "zerolinecolor": "white", "zerolinewidth": 2.0},
              "colorway": ["#636efa", "#EF553B", "#00cc96", "#ab63fa", "#FFA15A", "#19d3f3", "#FF6692", "#B6E880", "#FF97FF", "#FECB52"]
            }, "data": {}}
            """),
    };

    internal static JsonObject Config() => new() { ["responsive"] = true };
}
