using ScottPlot.Drawing;

namespace ScottPlot.Plottables;

/// <summary>A line through the whole data area; its <see cref="Text"/> stands on the axis.</summary>
public abstract class AxisLine : LabelStyleProperties, IPlottable
{
    private protected AxisLine(double position) => Position = position;

    public double Position { get; set; }

    public bool IsVisible { get; set; } = true;

    public string LegendText { get; set; } = "";

    public Color Color
    {
        get => LineColor;
        set => LineColor = value;
    }

    public Color LineColor { get; set; }

    public float LineWidth { get; set; } = 2;

    public LinePattern LinePattern { get; set; } = LinePattern.Solid;

    public bool EnableAutoscale { get; set; } = true;

    public override LabelStyle LabelStyle { get; set; } = new() { Bold = true };

    public abstract AxisLimits GetAxisLimits();

    IEnumerable<LegendEntry> IPlottable.Entries() => [new LegendEntry(LegendText, Line: new Stroke(LineColor, LineWidth, LinePattern))];

    void IPlottable.Draw(DataArea area) => Draw(area, new Stroke(LineColor, LineWidth, LinePattern));

    void IPlottable.DrawLast(DataArea area)
    {
    }

    private protected abstract void Draw(DataArea area, Stroke stroke);
}

public class HorizontalLine : AxisLine
{
    internal HorizontalLine(double y)
        : base(y)
    {
    }

    public double Y
    {
        get => Position;
        set => Position = value;
    }

    public override AxisLimits GetAxisLimits() => EnableAutoscale ? new(double.NaN, double.NaN, Y, Y) : AxisLimits.NoLimits;

    private protected override void Draw(DataArea area, Stroke stroke) => area.Canvas.Line(area.Left, area.Y(Y), area.Right, area.Y(Y), stroke);
}

public class VerticalLine : AxisLine
{
    internal VerticalLine(double x)
        : base(x)
    {
    }

    public double X
    {
        get => Position;
        set => Position = value;
    }

    public override AxisLimits GetAxisLimits() => EnableAutoscale ? new(X, X, double.NaN, double.NaN) : AxisLimits.NoLimits;

    private protected override void Draw(DataArea area, Stroke stroke) => area.Canvas.Line(area.X(X), area.Top, area.X(X), area.Bottom, stroke);
}

/// <summary>A line from one point to another.</summary>
public class LinePlot : IPlottable
{
    private readonly (double X, double Y) start;
    private readonly (double X, double Y) end;

    internal LinePlot((double X, double Y) start, (double X, double Y) end) => (this.start, this.end) = (start, end);

    public bool IsVisible { get; set; } = true;

    public string LegendText { get; set; } = "";

    public Color Color
    {
        get => LineColor;
        set => LineColor = value;
    }

    public Color LineColor { get; set; }

    public float LineWidth { get; set; } = 1;

    public LinePattern LinePattern { get; set; } = LinePattern.Solid;

    public AxisLimits GetAxisLimits() => AxisLimits.Of([start.X, end.X], [start.Y, end.Y]);

    IEnumerable<LegendEntry> IPlottable.Entries() => [new LegendEntry(LegendText, Line: new Stroke(LineColor, LineWidth, LinePattern))];

    void IPlottable.Draw(DataArea area) =>
        area.Canvas.Line(area.X(start.X), area.Y(start.Y), area.X(end.X), area.Y(end.Y), new Stroke(LineColor, LineWidth, LinePattern));

    void IPlottable.DrawLast(DataArea area)
    {
    }
}

/// <summary>Error bars around points.</summary>
public class ErrorBar : IPlottable
{
    internal ErrorBar(IReadOnlyList<double> xs, IReadOnlyList<double> ys, IReadOnlyList<double> yErrors)
    {
        if (xs.Count != ys.Count || ys.Count != yErrors.Count)
            throw new ArgumentException($"{xs.Count} x values, {ys.Count} y values and {yErrors.Count} errors; expected as many.");
        (Xs, Ys, YErrorPositive, YErrorNegative) = (xs, ys, yErrors, yErrors);
    }

    public IReadOnlyList<double> Xs { get; set; }

    public IReadOnlyList<double> Ys { get; set; }

    public IReadOnlyList<double> YErrorPositive { get; set; }

    public IReadOnlyList<double> YErrorNegative { get; set; }

    public bool IsVisible { get; set; } = true;

    public string LegendText { get; set; } = "";

    public Color Color
    {
        get => LineColor;
        set => LineColor = value;
    }

    public Color LineColor { get; set; }

    public float LineWidth { get; set; } = 1;

    public float CapSize { get; set; } = 3;

    public AxisLimits GetAxisLimits() => AxisLimits.Of(Xs, Ys.Select((y, i) => y + YErrorPositive[i]).Concat(Ys.Select((y, i) => y - YErrorNegative[i])));

    IEnumerable<LegendEntry> IPlottable.Entries() => [new LegendEntry(LegendText, Line: new Stroke(LineColor, LineWidth))];

    void IPlottable.Draw(DataArea area)
    {
        var stroke = new Stroke(LineColor, LineWidth);
        for (int i = 0; i < Xs.Count; i++)
        {
            double x = area.X(Xs[i]);
            (double top, double bottom) = (area.Y(Ys[i] + YErrorPositive[i]), area.Y(Ys[i] - YErrorNegative[i]));
            area.Canvas.Line(x, bottom, x, top, stroke);
            area.Canvas.Line(x - CapSize, top, x + CapSize, top, stroke);
            area.Canvas.Line(x - CapSize, bottom, x + CapSize, bottom, stroke);
        }
    }

    void IPlottable.DrawLast(DataArea area)
    {
    }
}

/// <summary>The area between two curves.</summary>
public class FillY : IPlottable
{
    private readonly double[] xs;
    private readonly double[] first;
    private readonly double[] second;

    internal FillY(double[] xs, double[] first, double[] second)
    {
        if (xs.Length != first.Length || xs.Length != second.Length)
            throw new ArgumentException($"{xs.Length} x values, {first.Length} and {second.Length} y values; expected as many.");
        (this.xs, this.first, this.second) = (xs, first, second);
    }

    public bool IsVisible { get; set; } = true;

    public string LegendText { get; set; } = "";

    public Color FillColor { get; set; }

    public Color LineColor { get; set; } = Colors.Black;

    public float LineWidth { get; set; }

    public float MarkerSize { get; set; }

    public AxisLimits GetAxisLimits() => AxisLimits.Of(xs, first.Concat(second));

    IEnumerable<LegendEntry> IPlottable.Entries() => [new LegendEntry(LegendText, Fill: FillColor)];

    void IPlottable.Draw(DataArea area) => area.Canvas.Polygon(
        [.. xs.Select((x, i) => (area.X(x), area.Y(first[i]))), .. xs.Select((x, i) => (area.X(x), area.Y(second[i]))).Reverse()],
        FillColor, LineWidth > 0 ? new Stroke(LineColor, LineWidth) : null);

    void IPlottable.DrawLast(DataArea area)
    {
    }
}

/// <summary>A label at a point of the data.</summary>
public class Text : LabelStyleProperties, IPlottable
{
    private readonly double x;
    private readonly double y;

    internal Text(string text, double x, double y)
    {
        (this.x, this.y) = (x, y);
        LabelStyle.Text = text;
    }

    public override LabelStyle LabelStyle { get; set; } = new();

    public bool IsVisible { get; set; } = true;

    public AxisLimits GetAxisLimits() => new(x, x, y, y);

    IEnumerable<LegendEntry> IPlottable.Entries() => [];

    void IPlottable.Draw(DataArea area) =>
        area.Canvas.Text(LabelText, area.X(x) + LabelOffsetX, area.Y(y) + LabelOffsetY, LabelStyle, LabelAlignment);

    void IPlottable.DrawLast(DataArea area)
    {
    }
}
