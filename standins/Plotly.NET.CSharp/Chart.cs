using System.Globalization;
using System.Text.Json.Nodes;
using Plotly.NET.TraceObjects;

namespace Plotly.NET.CSharp;

/// <summary>Makes charts.</summary>
public static partial class Chart
{
    public static GenericChart Scatter<XType, YType, TextType>(
        IEnumerable<XType> x, IEnumerable<YType> y, StyleParam.Mode mode, Optional<string> Name = default, Optional<bool> ShowLegend = default,
        Optional<double> Opacity = default, Optional<IEnumerable<TextType>> MultiText = default, Optional<StyleParam.TextPosition> TextPosition = default,
        Optional<Color> MarkerColor = default, Optional<StyleParam.MarkerSymbol> MarkerSymbol = default, Optional<Marker> Marker = default,
        Optional<Color> LineColor = default, Optional<double> LineWidth = default, Optional<StyleParam.DrawingStyle> LineDash = default,
        Optional<Line> Line = default, Optional<StyleParam.Fill> Fill = default, Optional<Color> FillColor = default, Optional<bool> UseDefaults = default)
        where XType : IConvertible where YType : IConvertible where TextType : IConvertible
    {
        JsonObject trace = Start("scatter", Name, ShowLegend, Opacity)
            .Put("mode", mode).Put("x", x).Put("y", y).Put("text", MultiText.OrNull).Put("textposition", TextPosition.OrNull)
            .Put("marker", MarkerJson(Marker, MarkerColor).Put("symbol", MarkerSymbol.OrNull))
            .Put("line", LineJson(Line, LineColor, LineWidth, LineDash))
            .Put("fill", Fill.OrNull).Put("fillcolor", FillColor.OrNull);
        return GenericChart.Of(trace, UseDefaults.Or(true));
    }

    public static GenericChart Line<XType, YType, TextType>(
        IEnumerable<XType> x, IEnumerable<YType> y, Optional<bool> ShowMarkers = default, Optional<string> Name = default, Optional<bool> ShowLegend = default,
        Optional<double> Opacity = default, Optional<IEnumerable<TextType>> MultiText = default, Optional<Color> MarkerColor = default,
        Optional<StyleParam.MarkerSymbol> MarkerSymbol = default, Optional<Marker> Marker = default, Optional<Color> LineColor = default,
        Optional<double> LineWidth = default, Optional<StyleParam.DrawingStyle> LineDash = default, Optional<Line> Line = default,
        Optional<StyleParam.Fill> Fill = default, Optional<Color> FillColor = default, Optional<bool> UseDefaults = default)
        where XType : IConvertible where YType : IConvertible where TextType : IConvertible =>
        Scatter(
            x, y, ShowMarkers.Or(false) ? StyleParam.Mode.Lines_Markers : StyleParam.Mode.Lines, Name, ShowLegend, Opacity, MultiText, default,
            MarkerColor, MarkerSymbol, Marker, LineColor, LineWidth, LineDash, Line, Fill, FillColor, UseDefaults);

    public static GenericChart Point<XType, YType, TextType>(
        IEnumerable<XType> x, IEnumerable<YType> y, Optional<string> Name = default, Optional<bool> ShowLegend = default, Optional<double> Opacity = default,
        Optional<IEnumerable<TextType>> MultiText = default, Optional<StyleParam.TextPosition> TextPosition = default, Optional<Color> MarkerColor = default,
        Optional<StyleParam.MarkerSymbol> MarkerSymbol = default, Optional<Marker> Marker = default, Optional<bool> UseDefaults = default)
        where XType : IConvertible where YType : IConvertible where TextType : IConvertible =>
        Scatter(
            x, y, TextPosition.IsSome && MultiText.IsSome ? StyleParam.Mode.Markers_Text : StyleParam.Mode.Markers, Name, ShowLegend, Opacity, MultiText,
            TextPosition, MarkerColor, MarkerSymbol, Marker, UseDefaults: UseDefaults);

    public static GenericChart Area<XType, YType, TextType>(
        IEnumerable<XType> x, IEnumerable<YType> y, Optional<string> Name = default, Optional<bool> ShowLegend = default, Optional<double> Opacity = default,
        Optional<Color> LineColor = default, Optional<double> LineWidth = default, Optional<Color> FillColor = default, Optional<bool> UseDefaults = default)
        where XType : IConvertible where YType : IConvertible where TextType : IConvertible =>
        Scatter<XType, YType, TextType>(
            x, y, StyleParam.Mode.Lines, Name, ShowLegend, Opacity, LineColor: LineColor, LineWidth: LineWidth,
            Fill: StyleParam.Fill.ToZero_y, FillColor: FillColor, UseDefaults: UseDefaults);

    public static GenericChart Range<XType, YType, TextType>(
        IEnumerable<XType> x, IEnumerable<YType> y, IEnumerable<YType> upper, IEnumerable<YType> lower, StyleParam.Mode mode,
        Optional<string> Name = default, Optional<bool> ShowLegend = default, Optional<Color> LineColor = default, Optional<double> LineWidth = default,
        Optional<Color> RangeColor = default, Optional<bool> UseDefaults = default)
        where XType : IConvertible where YType : IConvertible where TextType : IConvertible
    {
        XType[] xs = [.. x];
        Color invisible = Color.fromARGB(0, 0, 0, 0);
        return GenericChart.combine([
            Scatter<XType, YType, TextType>(xs, lower, StyleParam.Mode.Lines, ShowLegend: false, LineColor: invisible, LineWidth: 0, UseDefaults: UseDefaults),
            Scatter<XType, YType, TextType>(
                xs, upper, StyleParam.Mode.Lines, ShowLegend: false, LineColor: invisible, LineWidth: 0, Fill: StyleParam.Fill.ToNext_y,
                FillColor: RangeColor, UseDefaults: UseDefaults),
            Scatter<XType, YType, TextType>(xs, y, mode, Name, ShowLegend, LineColor: LineColor, LineWidth: LineWidth, UseDefaults: UseDefaults),
        ]);
    }

    public static GenericChart Column<ValuesType, KeysType, TextType>(
        IEnumerable<ValuesType> values, Optional<IEnumerable<KeysType>> Keys = default, Optional<string> Name = default, Optional<bool> ShowLegend = default,
        Optional<double> Opacity = default, Optional<IEnumerable<TextType>> MultiText = default, Optional<Color> MarkerColor = default,
        Optional<Marker> Marker = default, Optional<StyleParam.TextPosition> TextPosition = default, Optional<bool> UseDefaults = default)
        where ValuesType : IConvertible where KeysType : IConvertible where TextType : IConvertible =>
        Bars("v", "x", "y", values, Keys, Name, ShowLegend, Opacity, MultiText, MarkerColor, Marker, TextPosition, UseDefaults);

    public static GenericChart Bar<ValuesType, KeysType, TextType>(
        IEnumerable<ValuesType> values, Optional<IEnumerable<KeysType>> Keys = default, Optional<string> Name = default, Optional<bool> ShowLegend = default,
        Optional<double> Opacity = default, Optional<IEnumerable<TextType>> MultiText = default, Optional<Color> MarkerColor = default,
        Optional<Marker> Marker = default, Optional<StyleParam.TextPosition> TextPosition = default, Optional<bool> UseDefaults = default)
        where ValuesType : IConvertible where KeysType : IConvertible where TextType : IConvertible =>
        Bars("h", "y", "x", values, Keys, Name, ShowLegend, Opacity, MultiText, MarkerColor, Marker, TextPosition, UseDefaults);

    public static GenericChart Heatmap<ZType, XType, YType, TextType>(
        IEnumerable<IEnumerable<ZType>> zData, Optional<string> Name = default, Optional<IEnumerable<XType>> X = default,
        Optional<IEnumerable<YType>> Y = default, Optional<ColorBar> ColorBar = default, Optional<StyleParam.Colorscale> ColorScale = default,
        Optional<bool> ShowScale = default, Optional<bool> ReverseScale = default, Optional<bool> UseDefaults = default)
        where ZType : IConvertible where XType : IConvertible where YType : IConvertible where TextType : IConvertible
    {
        JsonObject trace = Start("heatmap", Name, default, default)
            .Put("z", zData).Put("x", X.OrNull).Put("y", Y.OrNull).Put("colorbar", ColorBar.OrNull).Put("colorscale", ColorScale.OrNull)
            .Put("showscale", ShowScale.OrNull).Put("reversescale", ReverseScale.OrNull);
        return GenericChart.Of(trace, UseDefaults.Or(true));
    }

    public static GenericChart Histogram<XType, YType, TextType>(
        Optional<IEnumerable<XType>> X = default, Optional<IEnumerable<YType>> Y = default, Optional<string> Name = default,
        Optional<double> Opacity = default, Optional<StyleParam.HistNorm> HistNorm = default, Optional<int> NBinsX = default,
        Optional<int> NBinsY = default, Optional<Color> MarkerColor = default, Optional<bool> UseDefaults = default)
        where XType : IConvertible where YType : IConvertible where TextType : IConvertible
    {
        JsonObject trace = Start("histogram", Name, default, Opacity)
            .Put("x", X.OrNull).Put("y", Y.OrNull).Put("histnorm", HistNorm.OrNull).Put("nbinsx", NBinsX.OrNull).Put("nbinsy", NBinsY.OrNull)
            .Put("marker", MarkerJson(default, MarkerColor));
        return GenericChart.Of(trace, UseDefaults.Or(true));
    }

    public static GenericChart Combine(IEnumerable<GenericChart> gCharts) => GenericChart.combine(gCharts);

    private static GenericChart Bars<ValuesType, KeysType, TextType>(
        string orientation, string keyAxis, string valueAxis, IEnumerable<ValuesType> values, Optional<IEnumerable<KeysType>> keys, Optional<string> name,
        Optional<bool> showLegend, Optional<double> opacity, Optional<IEnumerable<TextType>> text, Optional<Color> color, Optional<Marker> marker,
        Optional<StyleParam.TextPosition> textPosition, Optional<bool> useDefaults)
    {
        JsonObject trace = Start("bar", name, showLegend, opacity)
            .Put(keyAxis, keys.OrNull).Put(valueAxis, values).Put("orientation", orientation).Put("text", text.OrNull)
            .Put("textposition", textPosition.OrNull).Put("marker", MarkerJson(marker, color));
        return GenericChart.Of(trace, useDefaults.Or(true));
    }

    private static JsonObject Start(string type, Optional<string> name, Optional<bool> showLegend, Optional<double> opacity) =>
        new JsonObject { ["type"] = type }.Put("name", name.OrNull).Put("showlegend", showLegend.OrNull).Put("opacity", opacity.OrNull);

    private static JsonObject MarkerJson(Optional<Marker> marker, Optional<Color> color) =>
        (marker.IsSome ? (JsonObject)FigureJson.ToNode(marker.Value)! : []).Put("color", color.OrNull);

    private static JsonObject LineJson(Optional<Line> line, Optional<Color> color, Optional<double> width, Optional<StyleParam.DrawingStyle> dash) =>
        (line.IsSome ? (JsonObject)FigureJson.ToNode(line.Value)! : []).Put("color", color.OrNull).Put("width", width.OrNull).Put("dash", dash.OrNull);
}
