using System.Text.Json.Nodes;
using Microsoft.FSharp.Core;

namespace Plotly.NET.LayoutObjects;

public class Annotation
{
    internal JsonObject Json { get; } = [];

    public static Annotation init<a, b, c, d, e, f, g, h, i, j>(
        FSharpOption<a>? X = null, FSharpOption<b>? Y = null, FSharpOption<StyleParam.AnnotationAlignment>? Align = null,
        FSharpOption<c>? AX = null, FSharpOption<e>? AY = null, FSharpOption<Color>? BGColor = null, FSharpOption<Font>? Font = null,
        FSharpOption<bool>? ShowArrow = null, FSharpOption<string>? Text = null, FSharpOption<double>? TextAngle = null,
        FSharpOption<StyleParam.XAnchorPosition>? XAnchor = null, FSharpOption<h>? XRef = null, FSharpOption<int>? XShift = null,
        FSharpOption<StyleParam.YAnchorPosition>? YAnchor = null, FSharpOption<j>? YRef = null, FSharpOption<int>? YShift = null)
        where a : IConvertible where b : IConvertible where c : IConvertible where d : IConvertible where e : IConvertible
        where f : IConvertible where g : IConvertible where h : IConvertible where i : IConvertible where j : IConvertible
    {
        var annotation = new Annotation();
        annotation.Json.Put("x", X).Put("y", Y).Put("align", Align).Put("ax", AX).Put("ay", AY).Put("bgcolor", BGColor).Put("font", Font)
            .Put("showarrow", ShowArrow).Put("text", Text).Put("textangle", TextAngle).Put("xanchor", XAnchor).Put("xref", XRef)
            .Put("xshift", XShift).Put("yanchor", YAnchor).Put("yref", YRef).Put("yshift", YShift);
        return annotation;
    }
}

public class Shape
{
    internal JsonObject Json { get; } = [];

    public static Shape init<a, b, c, d>(
        FSharpOption<Color>? FillColor = null, FSharpOption<StyleParam.Layer>? Layer = null, FSharpOption<Line>? Line = null,
        FSharpOption<double>? Opacity = null, FSharpOption<StyleParam.ShapeType>? ShapeType = null,
        FSharpOption<a>? X0 = null, FSharpOption<b>? X1 = null, FSharpOption<string>? Xref = null,
        FSharpOption<c>? Y0 = null, FSharpOption<d>? Y1 = null, FSharpOption<string>? Yref = null)
        where a : IConvertible where b : IConvertible where c : IConvertible where d : IConvertible
    {
        var shape = new Shape();
        shape.Json.Put("fillcolor", FillColor).Put("layer", Layer).Put("line", Line).Put("opacity", Opacity).Put("type", ShapeType)
            .Put("x0", X0).Put("x1", X1).Put("xref", Xref).Put("y0", Y0).Put("y1", Y1).Put("yref", Yref);
        return shape;
    }
}

public class LinearAxis
{
    internal JsonObject Json { get; } = [];

    public static LinearAxis init<a, b, c, d, e, f, g, h>(
        FSharpOption<Title>? Title = null, FSharpOption<StyleParam.AxisType>? AxisType = null, FSharpOption<StyleParam.RangeMode>? RangeMode = null,
        FSharpOption<StyleParam.Range>? Range = null, FSharpOption<StyleParam.TickMode>? TickMode = null, FSharpOption<int>? NTicks = null,
        FSharpOption<c>? Tick0 = null, FSharpOption<d>? DTick = null, FSharpOption<IEnumerable<e>>? TickVals = null,
        FSharpOption<IEnumerable<f>>? TickText = null, FSharpOption<StyleParam.TickOptions>? Ticks = null, FSharpOption<StyleParam.Mirror>? Mirror = null,
        FSharpOption<int>? TickLen = null, FSharpOption<Color>? TickColor = null, FSharpOption<bool>? ShowTickLabels = null,
        FSharpOption<StyleParam.TickAutoMargin>? AutoMargin = null, FSharpOption<Font>? TickFont = null, FSharpOption<int>? TickAngle = null, FSharpOption<string>? TickSuffix = null,
        FSharpOption<string>? TickFormat = null, FSharpOption<string>? HoverFormat = null, FSharpOption<bool>? ShowLine = null,
        FSharpOption<Color>? LineColor = null, FSharpOption<double>? LineWidth = null, FSharpOption<bool>? ShowGrid = null,
        FSharpOption<Color>? GridColor = null, FSharpOption<bool>? ZeroLine = null, FSharpOption<Color>? ZeroLineColor = null)
        where a : IConvertible where b : IConvertible where c : IConvertible where d : IConvertible
        where e : IConvertible where f : IConvertible where g : IConvertible where h : IConvertible
    {
        var axis = new LinearAxis();
        axis.Json.Put("title", Title).Put("type", AxisType).Put("rangemode", RangeMode).Put("range", Range).Put("tickmode", TickMode)
            .Put("nticks", NTicks).Put("tick0", Tick0).Put("dtick", DTick).Put("tickvals", TickVals).Put("ticktext", TickText).Put("ticks", Ticks)
            .Put("mirror", Mirror).Put("ticklen", TickLen).Put("tickcolor", TickColor).Put("showticklabels", ShowTickLabels)
            .Put("automargin", AutoMargin).Put("tickfont", TickFont).Put("tickangle", TickAngle).Put("ticksuffix", TickSuffix).Put("tickformat", TickFormat)
            .Put("hoverformat", HoverFormat).Put("showline", ShowLine).Put("linecolor", LineColor).Put("linewidth", LineWidth)
            .Put("showgrid", ShowGrid).Put("gridcolor", GridColor).Put("zeroline", ZeroLine).Put("zerolinecolor", ZeroLineColor);
        return axis;
    }
}

public class Legend
{
    internal JsonObject Json { get; } = [];

    public static Legend init(
        FSharpOption<Color>? BGColor = null, FSharpOption<Color>? BorderColor = null, FSharpOption<double>? BorderWidth = null,
        FSharpOption<Font>? Font = null, FSharpOption<StyleParam.Orientation>? Orientation = null, FSharpOption<double>? TraceGroupGap = null,
        FSharpOption<double>? X = null, FSharpOption<StyleParam.XAnchorPosition>? XAnchor = null, FSharpOption<double>? Y = null, FSharpOption<StyleParam.YAnchorPosition>? YAnchor = null,
        FSharpOption<string>? YRef = null)
    {
        var legend = new Legend();
        legend.Json.Put("bgcolor", BGColor).Put("bordercolor", BorderColor).Put("borderwidth", BorderWidth).Put("font", Font)
            .Put("orientation", Orientation).Put("tracegroupgap", TraceGroupGap).Put("x", X).Put("xanchor", XAnchor).Put("y", Y).Put("yanchor", YAnchor).Put("yref", YRef);
        return legend;
    }
}

public class Margin
{
    internal JsonObject Json { get; } = [];

    public static Margin init<a, b, c, d, e, f>(
        FSharpOption<a>? Left = null, FSharpOption<b>? Right = null, FSharpOption<c>? Top = null, FSharpOption<d>? Bottom = null)
    {
        var margin = new Margin();
        margin.Json.Put("l", Left).Put("r", Right).Put("t", Top).Put("b", Bottom);
        return margin;
    }
}
