using System.Globalization;
using ScottPlot.Plottables;

namespace ScottPlot;

/// <summary>Adds to a plot what is drawn on it.</summary>
public class PlottableAdder
{
    private int used;

    public PlottableAdder(Plot plot) => Plot = plot;

    public Plot Plot { get; }

    public IPalette Palette { get; set; } = new Palettes.Category10();

    public Color GetNextColor(bool incrementCounter = true)
    {
        Color color = Palette.GetColor(used);
        used += incrementCounter ? 1 : 0;
        return color;
    }

    public Scatter Scatter(double[] xs, double[] ys, Color? color = null) => Put(new Scatter(xs, ys) { Color = color ?? GetNextColor() });

    public Scatter ScatterLine(double[] xs, double[] ys, Color? color = null)
    {
        Scatter scatter = Scatter(xs, ys, color);
        scatter.MarkerSize = 0;
        return scatter;
    }

    public Scatter ScatterPoints(double[] xs, double[] ys, Color? color = null)
    {
        Scatter scatter = Scatter(xs, ys, color);
        scatter.LineWidth = 0;
        return scatter;
    }

    // The overloads of lists make a collection expression ambiguous, as in the real package.
    public Scatter Scatter<T1, T2>(List<T1> xs, List<T2> ys, Color? color = null) => Scatter(Doubles(xs), Doubles(ys), color);

    public Scatter ScatterLine<T1, T2>(List<T1> xs, List<T2> ys, Color? color = null) => ScatterLine(Doubles(xs), Doubles(ys), color);

    public Scatter ScatterPoints<T1, T2>(List<T1> xs, List<T2> ys, Color? color = null) => ScatterPoints(Doubles(xs), Doubles(ys), color);

    public BarPlot Bars(List<Bar> bars) => Put(new BarPlot(bars));

    public BarPlot Bars(Bar[] bars) => Bars(bars.ToList());

    public BarPlot Bars(double[] values) => Bars(Enumerable.Range(0, values.Length).Select(i => (double)i), values);

    public BarPlot Bars(IEnumerable<double> positions, IEnumerable<double> values)
    {
        Color color = GetNextColor();
        return Bars(positions.Zip(values, (position, value) => new Bar { Position = position, Value = value, FillColor = color }).ToList());
    }

    public BarPlot Bar(Bar bar) => Bars(new List<Bar> { bar });

    public ErrorBar ErrorBar(IReadOnlyList<double> xs, IReadOnlyList<double> ys, IReadOnlyList<double> yErrors) =>
        Put(new ErrorBar(xs, ys, yErrors) { Color = GetNextColor() });

    public FillY FillY(double[] xs, double[] ys1, double[] ys2) => Put(new FillY(xs, ys1, ys2) { FillColor = GetNextColor() });

    public HorizontalLine HorizontalLine(double y, float width = 2, Color? color = null, LinePattern pattern = default) =>
        Put(new HorizontalLine(y) { LineWidth = width, LineColor = color ?? GetNextColor(), LinePattern = pattern });

    public VerticalLine VerticalLine(double x, float width = 2, Color? color = null, LinePattern pattern = default) =>
        Put(new VerticalLine(x) { LineWidth = width, LineColor = color ?? GetNextColor(), LinePattern = pattern });

    public LinePlot Line(double x1, double y1, double x2, double y2) => Put(new LinePlot((x1, y1), (x2, y2)) { Color = GetNextColor() });

    public Text Text(string text, double x, double y) => Put(new Text(text, x, y));

    private static double[] Doubles<T>(List<T> values) => [.. values.Select(value => Convert.ToDouble(value, CultureInfo.InvariantCulture))];

    private T Put<T>(T plottable)
        where T : IPlottable
    {
        Plot.PlottableList.Add(plottable);
        return plottable;
    }
}
