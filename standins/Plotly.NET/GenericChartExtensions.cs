using System.Text.Json.Nodes;
using Microsoft.FSharp.Core;
using Plotly.NET.LayoutObjects;
using Plotly.NET.TraceObjects;

namespace Plotly.NET;

/// <summary>What can be laid on a finished chart.</summary>
public static class GenericChartExtensions
{
    public static GenericChart WithTitle(this GenericChart @this, string title, FSharpOption<Font>? TitleFont = null) =>
        @this.With(new JsonObject().Put("title", Title.init(Text: title, Font: TitleFont)));

    public static GenericChart WithLayout(this GenericChart @this, Layout layout) => @this.With(layout.Json);

    public static GenericChart WithConfig(this GenericChart @this, Config config) =>
        GenericChart.Of(@this.Traces, @this.Layout, (JsonObject)config.Json.DeepClone());

    public static GenericChart WithSize(this GenericChart @this, int width, int height) =>
        @this.With(new JsonObject { ["width"] = width, ["height"] = height });

    public static GenericChart WithMargin(this GenericChart @this, Margin margin) => @this.With(new JsonObject().Put("margin", margin));

    public static GenericChart WithLegend(this GenericChart @this, bool showlegend) => @this.With(new JsonObject { ["showlegend"] = showlegend });

    public static GenericChart WithXAxis(this GenericChart @this, LinearAxis xAxis, FSharpOption<StyleParam.SubPlotId>? Id = null) =>
        @this.With(new JsonObject().Put(Id is null ? "xaxis" : Id.Value.ToString(), xAxis));

    public static GenericChart WithYAxis(this GenericChart @this, LinearAxis yAxis, FSharpOption<StyleParam.SubPlotId>? Id = null) =>
        @this.With(new JsonObject().Put(Id is null ? "yaxis" : Id.Value.ToString(), yAxis));

    public static GenericChart WithAnnotation(this GenericChart @this, Annotation annotation) => @this.WithAnnotations([annotation]);

    public static GenericChart WithAnnotations(this GenericChart @this, IEnumerable<Annotation> annotations) =>
        @this.With(new JsonObject().Put("annotations", annotations));

    public static GenericChart WithShape(this GenericChart @this, Shape shape) => @this.WithShapes([shape]);

    public static GenericChart WithShapes(this GenericChart @this, IEnumerable<Shape> shapes) => @this.With(new JsonObject().Put("shapes", shapes));

    public static GenericChart WithXError(this GenericChart @this, Error xError) => @this.WithPart("error_x", xError.Json);

    public static GenericChart WithYError(this GenericChart @this, Error yError) => @this.WithPart("error_y", yError.Json);

    public static GenericChart WithLine(this GenericChart @this, Line line) => @this.WithPart("line", line.Json);

    public static GenericChart WithMarker(this GenericChart @this, Marker marker) => @this.WithPart("marker", marker.Json);

    public static GenericChart WithTraceInfo(
        this GenericChart @this, FSharpOption<string>? Name = null, FSharpOption<StyleParam.Visible>? Visible = null,
        FSharpOption<bool>? ShowLegend = null, FSharpOption<int>? LegendRank = null, FSharpOption<string>? LegendGroup = null) =>
        @this.WithTraces(trace => ((JsonObject)trace.DeepClone()).Put("name", Name).Put("visible", Visible).Put("showlegend", ShowLegend)
            .Put("legendrank", LegendRank).Put("legendgroup", LegendGroup));

    public static void SaveHtml(this GenericChart @this, string path) => File.WriteAllText(path, GenericChart.toEmbeddedHTML(@this));

    private static GenericChart WithPart(this GenericChart chart, string name, JsonObject part) => chart.WithTraces(trace =>
        FigureJson.Merge(trace, new JsonObject { [name] = part.DeepClone() }));
}
