using System.Text.Json.Nodes;
using Plotly.NET.LayoutObjects;

namespace Plotly.NET.CSharp;

/// <summary>What can be laid on a finished chart, with arguments that may be left out.</summary>
public static class GenericChartExtensions
{
    public static GenericChart WithSize(this GenericChart gChart, Optional<int> Width = default, Optional<int> Height = default) =>
        gChart.With(new JsonObject().Put("width", Width.OrNull).Put("height", Height.OrNull));

    public static GenericChart WithTraceInfo(
        this GenericChart gChart, Optional<string> Name = default, Optional<StyleParam.Visible> Visible = default, Optional<bool> ShowLegend = default,
        Optional<int> LegendRank = default, Optional<string> LegendGroup = default) =>
        gChart.WithTraces(trace => ((JsonObject)trace.DeepClone()).Put("name", Name.OrNull).Put("visible", Visible.OrNull)
            .Put("showlegend", ShowLegend.OrNull).Put("legendrank", LegendRank.OrNull).Put("legendgroup", LegendGroup.OrNull));

    public static GenericChart WithXAxisStyle<MinType, MaxType, CategoryArrayType>(
        this GenericChart gChart, Optional<string> TitleText = default, Optional<Font> TitleFont = default, Optional<int> TitleStandoff = default,
        Optional<Title> Title = default, Optional<StyleParam.AxisType> AxisType = default, Optional<Tuple<MinType, MaxType>> MinMax = default,
        Optional<StyleParam.Mirror> Mirror = default, Optional<bool> ShowLine = default, Optional<Color> LineColor = default,
        Optional<bool> ShowGrid = default, Optional<Color> GridColor = default, Optional<bool> ZeroLine = default,
        Optional<StyleParam.SubPlotId> Id = default)
        where MinType : IConvertible where MaxType : IConvertible where CategoryArrayType : IConvertible =>
        gChart.With(new JsonObject
        {
            [Id.IsSome ? Id.Value.ToString() : "xaxis"] = AxisJson(TitleText, TitleFont, TitleStandoff, Title, AxisType, Bounds(MinMax), Mirror, ShowLine, LineColor, ShowGrid, GridColor, ZeroLine),
        });

    public static GenericChart WithYAxisStyle<MinType, MaxType, CategoryArrayType>(
        this GenericChart gChart, Optional<string> TitleText = default, Optional<Font> TitleFont = default, Optional<int> TitleStandoff = default,
        Optional<Title> Title = default, Optional<StyleParam.AxisType> AxisType = default, Optional<Tuple<MinType, MaxType>> MinMax = default,
        Optional<StyleParam.Mirror> Mirror = default, Optional<bool> ShowLine = default, Optional<Color> LineColor = default,
        Optional<bool> ShowGrid = default, Optional<Color> GridColor = default, Optional<bool> ZeroLine = default,
        Optional<StyleParam.SubPlotId> Id = default)
        where MinType : IConvertible where MaxType : IConvertible where CategoryArrayType : IConvertible =>
        gChart.With(new JsonObject
        {
            [Id.IsSome ? Id.Value.ToString() : "yaxis"] = AxisJson(TitleText, TitleFont, TitleStandoff, Title, AxisType, Bounds(MinMax), Mirror, ShowLine, LineColor, ShowGrid, GridColor, ZeroLine),
        });

    public static GenericChart WithLegend(this GenericChart gChart, Legend legend) => gChart.With(new JsonObject().Put("legend", legend));

    public static Layout GetLayout(this GenericChart gChart) => GenericChart.getLayout(gChart);

    public static Trace[] GetTraces(this GenericChart gChart) => [.. gChart.Traces.Select(trace => new Trace((JsonObject)trace.DeepClone()))];

    public static void SaveHtml(this GenericChart gChart, string path) => File.WriteAllText(path, GenericChart.toEmbeddedHTML(gChart));

    private static JsonArray? Bounds<MinType, MaxType>(Optional<Tuple<MinType, MaxType>> bounds) =>
        bounds.IsSome ? [FigureJson.ToNode(bounds.Value.Item1), FigureJson.ToNode(bounds.Value.Item2)] : null;

    private static JsonObject AxisJson(
        Optional<string> text, Optional<Font> font, Optional<int> standoff, Optional<Title> title, Optional<StyleParam.AxisType> type, JsonArray? range,
        Optional<StyleParam.Mirror> mirror, Optional<bool> showLine, Optional<Color> lineColor, Optional<bool> showGrid, Optional<Color> gridColor, Optional<bool> zeroLine)
    {
        var heading = new JsonObject().Put("text", text.OrNull).Put("font", font.OrNull).Put("standoff", standoff.OrNull);
        if (title.IsSome)
            heading = FigureJson.Merge((JsonObject)FigureJson.ToNode(title.Value)!, heading);
        return new JsonObject().Put("title", heading.Count > 0 ? heading : null).Put("type", type.OrNull).Put("range", range).Put("mirror", mirror.OrNull)
            .Put("showline", showLine.OrNull).Put("linecolor", lineColor.OrNull).Put("showgrid", showGrid.OrNull).Put("gridcolor", gridColor.OrNull)
            .Put("zeroline", zeroLine.OrNull);
    }
}
