using System.Globalization;
using System.Text.Json.Nodes;

namespace Plotly.NET;

/// <summary>The choices that carry a value.</summary>
public static partial class StyleParam
{
    public class DrawingStyle
    {
        private readonly string word;
        private DrawingStyle(string word) => this.word = word;
        public static DrawingStyle Solid { get; } = new("solid");
        public static DrawingStyle Dash { get; } = new("dash");
        public static DrawingStyle Dot { get; } = new("dot");
        public static DrawingStyle DashDot { get; } = new("dashdot");
        public static DrawingStyle LongDash { get; } = new("longdash");
        public static DrawingStyle LongDashDot { get; } = new("longdashdot");
        public override string ToString() => word;
    }

    public class MarkerSymbol
    {
        private readonly string word;
        private MarkerSymbol(string word) => this.word = word;
        public static MarkerSymbol Circle { get; } = new("0");
        public static MarkerSymbol Square { get; } = new("1");
        public static MarkerSymbol Diamond { get; } = new("2");
        public static MarkerSymbol Cross { get; } = new("3");
        public static MarkerSymbol X { get; } = new("4");
        public static MarkerSymbol TriangleUp { get; } = new("5");
        public static MarkerSymbol TriangleDown { get; } = new("6");
        public static MarkerSymbol Star { get; } = new("17");
        public override string ToString() => word;
    }

    public class Colorscale
    {
        private readonly string word;
        private Colorscale(string word) => this.word = word;
        public static Colorscale Viridis { get; } = new("Viridis");
        public static Colorscale Cividis { get; } = new("Cividis");
        public static Colorscale Greys { get; } = new("Greys");
        public static Colorscale RdBu { get; } = new("RdBu");
        public override string ToString() => word;
    }

    public class FontFamily
    {
        private readonly string word;
        private FontFamily(string word) => this.word = word;
        public static FontFamily Arial { get; } = new("Arial");
        public static FontFamily NewCustom(string item) => new(item);
        public override string ToString() => word;
    }

    public class SubPlotId
    {
        private readonly string word;
        private SubPlotId(string word) => this.word = word;
        public static SubPlotId NewXAxis(int item) => new(Numbered("xaxis", item));
        public static SubPlotId NewYAxis(int item) => new(Numbered("yaxis", item));
        public override string ToString() => word;
    }

    public abstract class LinearAxisId
    {
        private readonly string word;
        private protected LinearAxisId(string word) => this.word = word;
        public static LinearAxisId NewX(int item) => new Named(Numbered("x", item));
        public static LinearAxisId NewY(int item) => new Named(Numbered("y", item));
        public override string ToString() => word;

        private sealed class Named(string word) : LinearAxisId(word);
    }

    public abstract class Range
    {
        private protected Range(JsonArray json) => Json = json;
        internal JsonArray Json { get; }
        public static Range NewMinMax(IConvertible item1, IConvertible item2) => new Bounds([FigureJson.ToNode(item1), FigureJson.ToNode(item2)]);

        private sealed class Bounds(JsonArray json) : Range(json);
    }

    // plotly.js calls the first axis "x", not "x1".
    private static string Numbered(string name, int number) => number < 2 ? name : name + number.ToString(CultureInfo.InvariantCulture);
}
