using System.Text.Json.Nodes;
using Microsoft.FSharp.Core;

namespace Plotly.NET;

public class Font
{
    internal JsonObject Json { get; } = [];

    public static Font init(FSharpOption<StyleParam.FontFamily>? Family = null, FSharpOption<double>? Size = null, FSharpOption<Color>? Color = null)
    {
        var font = new Font();
        font.Json.Put("family", Family).Put("size", Size).Put("color", Color);
        return font;
    }
}

public class Title
{
    internal JsonObject Json { get; } = [];

    public static Title init(
        FSharpOption<string>? Text = null, FSharpOption<Font>? Font = null, FSharpOption<double>? X = null,
        FSharpOption<StyleParam.XAnchorPosition>? XAnchor = null, FSharpOption<string>? XRef = null, FSharpOption<double>? Y = null,
        FSharpOption<StyleParam.YAnchorPosition>? YAnchor = null, FSharpOption<string>? YRef = null, FSharpOption<int>? Standoff = null)
    {
        var title = new Title();
        title.Json.Put("text", Text).Put("font", Font).Put("x", X).Put("xanchor", XAnchor).Put("xref", XRef)
            .Put("y", Y).Put("yanchor", YAnchor).Put("yref", YRef).Put("standoff", Standoff);
        return title;
    }
}

public class Line
{
    internal JsonObject Json { get; } = [];

    public static Line init(
        FSharpOption<Color>? Color = null, FSharpOption<StyleParam.DrawingStyle>? Dash = null, FSharpOption<StyleParam.Shape>? Shape = null,
        FSharpOption<double>? Smoothing = null, FSharpOption<double>? Width = null)
    {
        var line = new Line();
        line.Json.Put("color", Color).Put("dash", Dash).Put("shape", Shape).Put("smoothing", Smoothing).Put("width", Width);
        return line;
    }
}

public class ColorBar
{
    internal JsonObject Json { get; } = [];

    public static ColorBar init<a, b>(
        FSharpOption<double>? Len = null, FSharpOption<double>? OutlineWidth = null, FSharpOption<double>? Thickness = null,
        FSharpOption<Font>? TickFont = null, FSharpOption<string>? TickFormat = null, FSharpOption<Title>? Title = null)
        where a : IConvertible where b : IConvertible
    {
        var bar = new ColorBar();
        bar.Json.Put("len", Len).Put("outlinewidth", OutlineWidth).Put("thickness", Thickness)
            .Put("tickfont", TickFont).Put("tickformat", TickFormat).Put("title", Title);
        return bar;
    }
}

public class Layout
{
    internal JsonObject Json { get; init; } = [];

    public static Layout init<a>(
        FSharpOption<Title>? Title = null, FSharpOption<bool>? ShowLegend = null, FSharpOption<LayoutObjects.Margin>? Margin = null,
        FSharpOption<bool>? AutoSize = null, FSharpOption<int>? Width = null, FSharpOption<int>? Height = null, FSharpOption<Font>? Font = null,
        FSharpOption<Color>? PaperBGColor = null, FSharpOption<Color>? PlotBGColor = null, FSharpOption<Color>? Colorway = null,
        FSharpOption<StyleParam.HoverMode>? HoverMode = null, FSharpOption<double>? BarGap = null, FSharpOption<double>? BarGroupGap = null,
        FSharpOption<StyleParam.BarMode>? BarMode = null, FSharpOption<IEnumerable<LayoutObjects.Annotation>>? Annotations = null,
        FSharpOption<IEnumerable<LayoutObjects.Shape>>? Shapes = null)
        where a : IConvertible
    {
        var layout = new Layout();
        layout.Json.Put("title", Title).Put("showlegend", ShowLegend).Put("margin", Margin).Put("autosize", AutoSize)
            .Put("width", Width).Put("height", Height).Put("font", Font).Put("paper_bgcolor", PaperBGColor).Put("plot_bgcolor", PlotBGColor)
            .Put("colorway", Colorway).Put("hovermode", HoverMode).Put("bargap", BarGap).Put("bargroupgap", BarGroupGap)
            .Put("barmode", BarMode).Put("annotations", Annotations).Put("shapes", Shapes);
        return layout;
    }
}

public class Config
{
    internal JsonObject Json { get; init; } = [];

    public static Config init(
        FSharpOption<bool>? StaticPlot = null, FSharpOption<bool>? Responsive = null, FSharpOption<bool>? DisplayModeBar = null,
        FSharpOption<bool>? Displaylogo = null)
    {
        var config = new Config();
        config.Json.Put("staticPlot", StaticPlot).Put("responsive", Responsive).Put("displayModeBar", DisplayModeBar).Put("displaylogo", Displaylogo);
        return config;
    }
}

/// <summary>One series of a figure.</summary>
public class Trace
{
    public Trace(string traceTypeName) => Json = new JsonObject { ["type"] = traceTypeName };

    internal Trace(JsonObject json) => Json = json;

    internal JsonObject Json { get; }
}
