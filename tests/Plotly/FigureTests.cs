using System.Text.Json.Nodes;
using Microsoft.FSharp.Core;
using Plotly.NET;
using Plotly.NET.CSharp;
using Plotly.NET.LayoutObjects;
using Chart = Plotly.NET.CSharp.Chart;

namespace ZeroI2V.Lab.Tests.Plotly;

/// <summary>What plotly.js is told to draw. Members are looked up one by one: the real package writes further, empty ones.</summary>
public sealed class FigureTests
{
    [Fact]
    public void A_line_chart_is_a_scatter_trace_with_lines()
    {
        JsonNode figure = Figure(Chart.Line<int, double, string>(
            [1, 2, 3], [0.5, 0.25, 0.125], Name: "loss", LineColor: Color.fromHex("#0072B2"), LineWidth: 2.5, LineDash: StyleParam.DrawingStyle.Dash));

        JsonNode trace = Assert.Single(figure["data"]!.AsArray())!;
        Assert.Equal("scatter", (string?)trace["type"]);
        Assert.Equal("lines", (string?)trace["mode"]);
        Assert.Equal("loss", (string?)trace["name"]);
        Assert.Equal([1.0, 2.0, 3.0], Numbers(trace["x"]));
        Assert.Equal([0.5, 0.25, 0.125], Numbers(trace["y"]));
        Assert.Equal("rgba(0, 114, 178, 1.0)", (string?)trace["line"]!["color"]);
        Assert.Equal(2.5, (double?)trace["line"]!["width"]);
        Assert.Equal("dash", (string?)trace["line"]!["dash"]);
    }

    [Fact]
    public void Markers_are_asked_for()
    {
        JsonNode figure = Figure(Chart.Line<int, int, string>([1], [2], ShowMarkers: true));
        Assert.Equal("lines+markers", (string?)figure["data"]![0]!["mode"]);
        Assert.Equal("markers", (string?)Figure(Chart.Point<int, int, string>([1], [2]))["data"]![0]!["mode"]);
    }

    [Fact]
    public void Columns_stand_and_bars_lie()
    {
        var keys = new Optional<IEnumerable<string>>(["a", "b"], true);

        JsonNode column = Figure(Chart.Column<double, string, string>([1.5, 2.5], Keys: keys))["data"]![0]!;
        Assert.Equal("bar", (string?)column["type"]);
        Assert.Equal("v", (string?)column["orientation"]);
        Assert.Equal(["a", "b"], column["x"]!.AsArray().Select(x => (string?)x));
        Assert.Equal([1.5, 2.5], Numbers(column["y"]));

        JsonNode bar = Figure(Chart.Bar<double, string, string>([1.5, 2.5], Keys: keys))["data"]![0]!;
        Assert.Equal("h", (string?)bar["orientation"]);
        Assert.Equal([1.5, 2.5], Numbers(bar["x"]));
    }

    [Fact]
    public void Error_bars_are_the_data_that_they_are_given()
    {
        JsonNode error = Figure(Chart.Column<double, string, string>([1.0, 2.0]).WithYError(
            global::Plotly.NET.TraceObjects.Error.init<double, double>(
                Visible: true, Type: StyleParam.ErrorType.Data, Array: FSharpOption<IEnumerable<double>>.Some([0.1, 0.2]))))["data"]![0]!["error_y"]!;

        Assert.True((bool?)error["visible"]);
        Assert.Equal("data", (string?)error["type"]);
        Assert.Equal([0.1, 0.2], Numbers(error["array"]));
    }

    [Fact]
    public void Combined_charts_keep_their_traces_in_order_and_their_titles()
    {
        GenericChart first = Chart.Line<int, int, string>([1], [1], Name: "first").WithTitle("both");
        GenericChart second = Chart.Point<int, int, string>([2], [2], Name: "second");

        JsonNode figure = Figure(Chart.Combine([first, second]));

        Assert.Equal(["first", "second"], figure["data"]!.AsArray().Select(trace => (string?)trace!["name"]));
        Assert.Equal("both", (string?)figure["layout"]!["title"]!["text"]);
    }

    [Fact]
    public void A_grid_gives_every_chart_axes_of_its_own()
    {
        GenericChart[] charts = [.. Enumerable.Range(0, 3).Select(i => Chart.Line<int, int, string>([i], [i])
            .WithXAxis(LinearAxis.init<int, int, int, int, int, int, int, int>(Title: Title.init(Text: $"x{i}"))))];

        JsonNode figure = Figure(Chart.Grid(charts, 1, 3));

        Assert.Equal(1, (int?)figure["layout"]!["grid"]!["rows"]);
        Assert.Equal(3, (int?)figure["layout"]!["grid"]!["columns"]);
        Assert.Equal("x2", (string?)figure["data"]![1]!["xaxis"]);
        Assert.Equal("y3", (string?)figure["data"]![2]!["yaxis"]);
        Assert.Equal("x0", (string?)figure["layout"]!["xaxis"]!["title"]!["text"]);
        Assert.Equal("x2", (string?)figure["layout"]!["xaxis3"]!["title"]!["text"]);
    }

    [Fact]
    public void Axis_styles_by_name_and_by_object_meet_in_one_axis()
    {
        JsonNode axis = Figure(Chart.Line<int, int, string>([1], [1])
            .WithYAxisStyle<double, double, string>(TitleText: "accuracy", MinMax: Tuple.Create(0.0, 1.0), ShowGrid: false)
            .WithYAxis(LinearAxis.init<int, int, int, int, int, int, int, int>(TickFormat: ".0%")))["layout"]!["yaxis"]!;

        Assert.Equal("accuracy", (string?)axis["title"]!["text"]);
        Assert.Equal([0.0, 1.0], Numbers(axis["range"]));
        Assert.False((bool?)axis["showgrid"]);
        Assert.Equal(".0%", (string?)axis["tickformat"]);
    }

    [Fact]
    public void A_style_laid_on_a_chart_leaves_the_chart_before_it_as_it_was()
    {
        GenericChart plain = Chart.Line<int, int, string>([1], [1]);
        GenericChart titled = global::Plotly.NET.CSharp.GenericChartExtensions.WithTraceInfo(plain.WithTitle("later"), Name: "named");

        Assert.Equal("named", (string?)Figure(titled)["data"]![0]!["name"]);
        Assert.Null(Figure(Chart.Line<int, int, string>([1], [1]))["layout"]!["title"]);
    }

    [Fact]
    public void Annotations_and_shapes_add_up()
    {
        GenericChart chart = Chart.Line<int, int, string>([1], [1]);
        for (int i = 0; i < 2; i++)
        {
            chart = chart
                .WithAnnotation(Annotation.init<int, int, int, string, int, string, int, string, int, string>(X: i, Y: 1, Text: $"note {i}"))
                .WithShape(Shape.init<int, int, int, int>(ShapeType: StyleParam.ShapeType.Line, X0: 0, X1: 1, Y0: i, Y1: i));
        }

        JsonNode layout = Figure(chart)["layout"]!;

        Assert.Equal(["note 0", "note 1"], layout["annotations"]!.AsArray().Select(note => (string?)note!["text"]));
        Assert.Equal([0.0, 1.0], layout["shapes"]!.AsArray().Select(shape => (double)shape!["y0"]!));
    }

    [Fact]
    public void A_chart_without_defaults_brings_no_size_and_no_template()
    {
        JsonNode? bare = Figure(Chart.Line<int, int, string>([1], [1], UseDefaults: false))["layout"];
        Assert.Null(bare?["width"]);
        Assert.Null(bare?["template"]);
        Assert.Equal(600, (int?)Figure(Chart.Line<int, int, string>([1], [1]))["layout"]!["width"]);
    }

    [Fact]
    public void A_heatmap_keeps_its_rows()
    {
        JsonNode trace = Figure(Chart.Heatmap<double, int, int, string>([[1.0, 2.0], [3.0, 4.0]], ColorScale: StyleParam.Colorscale.Viridis))["data"]![0]!;

        Assert.Equal("heatmap", (string?)trace["type"]);
        Assert.Equal([3.0, 4.0], Numbers(trace["z"]![1]));
        Assert.Equal("Viridis", (string?)trace["colorscale"]);
    }

    [Fact]
    public void A_range_is_a_band_with_its_line_on_top()
    {
        JsonArray data = Figure(Chart.Range<int, double, string>([1, 2], [1.0, 2.0], [1.5, 2.5], [0.5, 1.5], StyleParam.Mode.Lines, Name: "mean"))["data"]!.AsArray();

        JsonNode band = Assert.Single(data, trace => (string?)trace!["fill"] == "tonexty")!;
        Assert.Equal([1.5, 2.5], Numbers(band["y"]));
        Assert.Contains(data, trace => (string?)trace!["name"] == "mean" && Numbers(trace["y"]).SequenceEqual([1.0, 2.0]));
    }

    private static JsonNode Figure(GenericChart chart) => JsonNode.Parse(GenericChart.toJson(chart))!;

    private static IEnumerable<double> Numbers(JsonNode? list) => list!.AsArray().Select(value => (double)value!);
}
