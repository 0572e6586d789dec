namespace Plotly.NET;

/// <summary>plotly.js's named choices. In the real assembly they are F# unions; a choice's text is the word that plotly.js expects.</summary>
public static partial class StyleParam
{
    public sealed class AnnotationAlignment
    {
        private readonly string word;
        private AnnotationAlignment(string word) => this.word = word;
        public static AnnotationAlignment Left { get; } = new("left");
        public static AnnotationAlignment Center { get; } = new("center");
        public static AnnotationAlignment Right { get; } = new("right");
        public override string ToString() => word;
    }

    public sealed class AxisType
    {
        private readonly string word;
        private AxisType(string word) => this.word = word;
        public static AxisType Auto { get; } = new("-");
        public static AxisType Linear { get; } = new("linear");
        public static AxisType Log { get; } = new("log");
        public static AxisType Date { get; } = new("date");
        public static AxisType Category { get; } = new("category");
        public static AxisType MultiCategory { get; } = new("multicategory");
        public override string ToString() => word;
    }

    public sealed class BarMode
    {
        private readonly string word;
        private BarMode(string word) => this.word = word;
        public static BarMode Stack { get; } = new("stack");
        public static BarMode Group { get; } = new("group");
        public static BarMode Overlay { get; } = new("overlay");
        public static BarMode Relative { get; } = new("relative");
        public override string ToString() => word;
    }

    public sealed class CategoryOrder
    {
        private readonly string word;
        private CategoryOrder(string word) => this.word = word;
        public static CategoryOrder Trace { get; } = new("trace");
        public static CategoryOrder Array { get; } = new("array");
        public override string ToString() => word;
    }

    public sealed class Fill
    {
        private readonly string word;
        private Fill(string word) => this.word = word;
        public static Fill None { get; } = new("none");
        public static Fill ToZero_y { get; } = new("tozeroy");
        public static Fill ToZero_x { get; } = new("tozerox");
        public static Fill ToNext_y { get; } = new("tonexty");
        public static Fill ToNext_x { get; } = new("tonextx");
        public static Fill ToSelf { get; } = new("toself");
        public static Fill ToNext { get; } = new("tonext");
        public override string ToString() => word;
    }

    public sealed class HistNorm
    {
        private readonly string word;
        private HistNorm(string word) => this.word = word;
        public static HistNorm None { get; } = new("");
        public static HistNorm Percent { get; } = new("percent");
        public static HistNorm Probability { get; } = new("probability");
        public static HistNorm Density { get; } = new("density");
        public static HistNorm ProbabilityDensity { get; } = new("probability density");
        public override string ToString() => word;
    }

    public sealed class HoverMode
    {
        private readonly string word;
        private HoverMode(string word) => this.word = word;
        public static HoverMode X { get; } = new("x");
        public static HoverMode Y { get; } = new("y");
        public static HoverMode Closest { get; } = new("closest");
        public static HoverMode False { get; } = new("false");
        public static HoverMode XUnified { get; } = new("x unified");
        public static HoverMode YUnified { get; } = new("y unified");
        public override string ToString() => word;
    }

    public sealed class Layer
    {
        private readonly string word;
        private Layer(string word) => this.word = word;
        public static Layer Above { get; } = new("above");
        public static Layer Below { get; } = new("below");
        public static Layer AboveTraces { get; } = new("above traces");
        public static Layer BelowTraces { get; } = new("below traces");
        public override string ToString() => word;
    }

    public sealed class Mirror
    {
        private readonly string word;
        private Mirror(string word) => this.word = word;
        public static Mirror True { get; } = new("true");
        public static Mirror Ticks { get; } = new("ticks");
        public static Mirror False { get; } = new("false");
        public static Mirror All { get; } = new("all");
        public static Mirror AllTicks { get; } = new("allticks");
        public override string ToString() => word;
    }

    public sealed class Mode
    {
        private readonly string word;
        private Mode(string word) => this.word = word;
        public static Mode None { get; } = new("none");
        public static Mode Lines { get; } = new("lines");
        public static Mode Lines_Markers { get; } = new("lines+markers");
        public static Mode Lines_Text { get; } = new("lines+text");
        public static Mode Lines_Markers_Text { get; } = new("lines+markers+text");
        public static Mode Markers { get; } = new("markers");
        public static Mode Markers_Text { get; } = new("markers+text");
        public static Mode Text { get; } = new("text");
        public override string ToString() => word;
    }

    public sealed class Orientation
    {
        private readonly string word;
        private Orientation(string word) => this.word = word;
        public static Orientation Horizontal { get; } = new("h");
        public static Orientation Vertical { get; } = new("v");
        public override string ToString() => word;
    }

    public sealed class RangeMode
    {
        private readonly string word;
        private RangeMode(string word) => this.word = word;
        public static RangeMode Normal { get; } = new("normal");
        public static RangeMode ToZero { get; } = new("tozero");
        public static RangeMode NonNegative { get; } = new("nonnegative");
        public override string ToString() => word;
    }

    public sealed class Shape
    {
        private readonly string word;
        private Shape(string word) => this.word = word;
        public static Shape Linear { get; } = new("linear");
        public static Shape Spline { get; } = new("spline");
        public static Shape Hv { get; } = new("hv");
        public static Shape Vh { get; } = new("vh");
        public static Shape Hvh { get; } = new("hvh");
        public static Shape Vhv { get; } = new("vhv");
        public override string ToString() => word;
    }

    public sealed class ShapeType
    {
        private readonly string word;
        private ShapeType(string word) => this.word = word;
        public static ShapeType Circle { get; } = new("circle");
        public static ShapeType Rectangle { get; } = new("rect");
        public static ShapeType SvgPath { get; } = new("path");
        public static ShapeType Line { get; } = new("line");
        public override string ToString() => word;
    }

    public sealed class Side
    {
        private readonly string word;
        private Side(string word) => this.word = word;
        public static Side Top { get; } = new("top");
        public static Side TopLeft { get; } = new("top left");
        public static Side TopCenter { get; } = new("top center");
        public static Side TopRight { get; } = new("top right");
        public static Side Bottom { get; } = new("bottom");
        public static Side Left { get; } = new("left");
        public static Side Right { get; } = new("right");
        public override string ToString() => word;
    }

    public sealed class TextPosition
    {
        private readonly string word;
        private TextPosition(string word) => this.word = word;
        public static TextPosition TopLeft { get; } = new("top left");
        public static TextPosition TopCenter { get; } = new("top center");
        public static TextPosition TopRight { get; } = new("top right");
        public static TextPosition MiddleLeft { get; } = new("middle left");
        public static TextPosition MiddleCenter { get; } = new("middle center");
        public static TextPosition MiddleRight { get; } = new("middle right");
        public static TextPosition BottomLeft { get; } = new("bottom left");
        public static TextPosition BottomCenter { get; } = new("bottom center");
        public static TextPosition BottomRight { get; } = new("bottom right");
        public static TextPosition Auto { get; } = new("auto");
        public static TextPosition Inside { get; } = new("inside");
        public static TextPosition Outside { get; } = new("outside");
        public static TextPosition None { get; } = new("none");
        public override string ToString() => word;
    }

    public sealed class TickMode
    {
        private readonly string word;
        private TickMode(string word) => this.word = word;
        public static TickMode Auto { get; } = new("auto");
        public static TickMode Linear { get; } = new("linear");
        public static TickMode Array { get; } = new("array");
        public static TickMode Sync { get; } = new("sync");
        public override string ToString() => word;
    }

    public class TickAutoMargin
    {
        private readonly string word;
        private TickAutoMargin(string word) => this.word = word;
        public static TickAutoMargin Bottom { get; } = new("bottom");
        public override string ToString() => word;
    }

    public sealed class TickOptions
    {
        private readonly string word;
        private TickOptions(string word) => this.word = word;
        public static TickOptions Outside { get; } = new("outside");
        public static TickOptions Inside { get; } = new("inside");
        public static TickOptions Empty { get; } = new("");
        public override string ToString() => word;
    }

    public sealed class Visible
    {
        private readonly string word;
        private Visible(string word) => this.word = word;
        public static Visible True { get; } = new("true");
        public static Visible False { get; } = new("false");
        public static Visible LegendOnly { get; } = new("legendonly");
        public override string ToString() => word;
    }

    public sealed class XAnchorPosition
    {
        private readonly string word;
        private XAnchorPosition(string word) => this.word = word;
        public static XAnchorPosition Auto { get; } = new("auto");
        public static XAnchorPosition Left { get; } = new("left");
        public static XAnchorPosition Center { get; } = new("center");
        public static XAnchorPosition Right { get; } = new("right");
        public override string ToString() => word;
    }

    public sealed class YAnchorPosition
    {
        private readonly string word;
        private YAnchorPosition(string word) => this.word = word;
        public static YAnchorPosition Auto { get; } = new("auto");
        public static YAnchorPosition Top { get; } = new("top");
        public static YAnchorPosition Middle { get; } = new("middle");
        public static YAnchorPosition Bottom { get; } = new("bottom");
        public override string ToString() => word;
    }

    public sealed class ErrorType
    {
        private readonly string word;
        private ErrorType(string word) => this.word = word;
        public static ErrorType Percent { get; } = new("percent");
        public static ErrorType Constant { get; } = new("constant");
        public static ErrorType Sqrt { get; } = new("sqrt");
        public static ErrorType Data { get; } = new("data");
        public override string ToString() => word;
    }
}
