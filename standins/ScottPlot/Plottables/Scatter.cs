using ScottPlot.Drawing;

namespace ScottPlot.Plottables;

public class Scatter : IPlottable
{
    private readonly double[] xs;
    private readonly double[] ys;

    internal Scatter(double[] xs, double[] ys)
    {
        if (xs.Length != ys.Length)
            throw new ArgumentException($"{xs.Length} x values and {ys.Length} y values; expected as many.");
        this.xs = xs;
        this.ys = ys;
    }

    public bool IsVisible { get; set; } = true;

    public string LegendText { get; set; } = "";

    public Color Color
    {
        get => LineColor;
        set => LineColor = MarkerColor = value;
    }

    public Color LineColor { get; set; }

    public Color MarkerColor { get; set; }

    public float LineWidth { get; set; } = 1;

    public LinePattern LinePattern { get; set; } = LinePattern.Solid;

    public MarkerShape MarkerShape { get; set; } = MarkerShape.FilledCircle;

    public float MarkerSize { get; set; } = 5;

    public AxisLimits GetAxisLimits() => AxisLimits.Of(xs, ys);

    IEnumerable<LegendEntry> IPlottable.Entries() =>
        [new LegendEntry(LegendText, Line: LineWidth > 0 ? new Stroke(LineColor, LineWidth, LinePattern) : null, Marker: MarkerSize > 0 ? MarkerShape : MarkerShape.None, MarkerSize: MarkerSize, MarkerColor: MarkerColor)];

    void IPlottable.Draw(DataArea area)
    {
        // A missing value (NaN) interrupts the line.
        var run = new List<(double X, double Y)>();
        for (int i = 0; i <= xs.Length; i++)
        {
            if (i < xs.Length && double.IsFinite(xs[i]) && double.IsFinite(ys[i]))
            {
                run.Add((area.X(xs[i]), area.Y(ys[i])));
                continue;
            }
            if (run.Count > 1 && LineWidth > 0)
                area.Canvas.Path(run, new Stroke(LineColor, LineWidth, LinePattern));
            if (MarkerSize > 0)
            {
                foreach ((double x, double y) in run)
                    area.Canvas.Marker(MarkerShape, x, y, MarkerSize, MarkerColor);
            }
            run.Clear();
        }
    }

    void IPlottable.DrawLast(DataArea area)
    {
    }
}
