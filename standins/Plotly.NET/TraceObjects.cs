using System.Text.Json.Nodes;
using Microsoft.FSharp.Core;

namespace Plotly.NET.TraceObjects;

public class Marker
{
    internal JsonObject Json { get; } = [];

    public static Marker init(
        FSharpOption<Color>? Color = null, FSharpOption<ColorBar>? ColorBar = null, FSharpOption<StyleParam.Colorscale>? Colorscale = null,
        FSharpOption<Line>? Outline = null, FSharpOption<double>? Opacity = null, FSharpOption<bool>? ShowScale = null,
        FSharpOption<int>? Size = null, FSharpOption<IEnumerable<int>>? MultiSize = null, FSharpOption<StyleParam.MarkerSymbol>? Symbol = null)
    {
        var marker = new Marker();
        marker.Json.Put("color", Color).Put("colorbar", ColorBar).Put("colorscale", Colorscale).Put("line", Outline).Put("opacity", Opacity)
            .Put("showscale", ShowScale).Put("size", Size).Put("size", MultiSize).Put("symbol", Symbol);
        return marker;
    }
}

/// <summary>Error bars of a trace.</summary>
public class Error
{
    internal JsonObject Json { get; } = [];

    public static Error init<a, b>(
        FSharpOption<bool>? Visible = null, FSharpOption<StyleParam.ErrorType>? Type = null, FSharpOption<bool>? Symmetric = null,
        FSharpOption<IEnumerable<a>>? Array = null, FSharpOption<IEnumerable<b>>? Arrayminus = null, FSharpOption<Color>? Color = null,
        FSharpOption<double>? Thickness = null, FSharpOption<double>? Width = null)
        where a : IConvertible where b : IConvertible
    {
        var error = new Error();
        error.Json.Put("visible", Visible).Put("type", Type).Put("symmetric", Symmetric).Put("array", Array).Put("arrayminus", Arrayminus)
            .Put("color", Color).Put("thickness", Thickness).Put("width", Width);
        return error;
    }
}
