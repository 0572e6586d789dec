using System.Globalization;
using ScottPlot;
using ScottPlot.Plottables;

namespace ZeroI2V.Lab.Reporting;

/// <summary>Curves with bands and Pareto charts for papers, drawn by ScottPlot.</summary>
public static class StaticSweepCharts
{
    /// <summary>Curves, each with its band where intervals are known.</summary>
    /// <param name="curves">The curves.</param>
    /// <returns>The figure.</returns>
    public static Plot Curves(ValueCurves curves)
    {
        ArgumentNullException.ThrowIfNull(curves);
        curves.Validated();
        Plot plot = StaticCharts.Start(curves.Title, ReportText.Subtitle(curves.Note, curves.Synthetic));
        for (int i = 0; i < curves.Curves.Count; i++)
        {
            ValueCurve curve = curves.Curves[i];
            Color color = Color.FromHex(ReportColors.Of(i));
            int[] known = [.. Enumerable.Range(0, curves.Places.Count).Where(place => !double.IsNaN(curve.Values[place]))];
            int[] wide = [.. known.Where(place => !double.IsNaN(curve.HalfWidths[place]))];
            if (wide.Length > 1)
            {
                double[] places = [.. wide.Select(place => (double)place)];
                double[] low = [.. wide.Select(place => 100 * Math.Max(0, curve.Values[place] - curve.HalfWidths[place]))];
                double[] high = [.. wide.Select(place => 100 * Math.Min(1, curve.Values[place] + curve.HalfWidths[place]))];
                FillY band = plot.Add.FillY(places, low, high);
                band.FillColor = color.WithAlpha(0.13);
                band.LineWidth = 0;
            }
            double[] xs = [.. known.Select(place => (double)place)], ys = [.. known.Select(place => 100 * curve.Values[place])];
            Scatter line = plot.Add.Scatter(xs, ys, color);
            line.LineWidth = 2;
            line.MarkerSize = 6;
            line.LegendText = curve.Name;
            // More curves than colours: the second round is dashed.
            if (i >= ReportColors.Count)
                line.LinePattern = LinePattern.Dashed;
        }
        plot.Axes.Bottom.SetTicks([.. Enumerable.Range(0, curves.Places.Count).Select(place => (double)place)], [.. curves.Places]);
        plot.Axes.Bottom.MajorTickStyle.Length = 0;
        plot.XLabel(curves.PlaceName, size: 13);
        plot.YLabel($"{curves.ValueName} (%)", size: 13);
        plot.Axes.SetLimits(-0.3, curves.Places.Count - 0.7, 0, curves.Top);
        return plot;
    }

    /// <summary>Accuracy against a cost, with the line of what nothing beats.</summary>
    /// <param name="chart">The points.</param>
    /// <returns>The figure.</returns>
    public static Plot Pareto(ParetoChart chart)
    {
        ArgumentNullException.ThrowIfNull(chart);
        chart.Validated();
        Plot plot = StaticCharts.Start(chart.Title, ReportText.Subtitle(chart.Note, chart.Synthetic));
        IReadOnlyList<ParetoPoint> front = chart.Front();
        double[] frontCosts = [.. front.Select(point => Place(chart, point.Cost))], frontValues = [.. front.Select(point => 100 * point.Accuracy)];
        Scatter line = plot.Add.ScatterLine(frontCosts, frontValues, Color.FromHex(ReportColors.Muted));
        line.LineWidth = 1.5f;
        line.LinePattern = LinePattern.Dashed;
        line.LegendText = "not beaten";
        for (int i = 0; i < chart.Points.Count; i++)
        {
            ParetoPoint point = chart.Points[i];
            double[] x = [Place(chart, point.Cost)], y = [100 * point.Accuracy], half = [100 * point.HalfWidth];
            Color color = Color.FromHex(ReportColors.Of(i));
            if (!double.IsNaN(point.HalfWidth))
                plot.Add.ErrorBar(x, y, half).Color = color;
            Scatter dot = plot.Add.ScatterPoints(x, y, color);
            dot.MarkerSize = 9;
            dot.MarkerShape = i < ReportColors.Count ? MarkerShape.FilledCircle : MarkerShape.FilledSquare;
            dot.LegendText = point.Name;
        }
        double[] places = [.. chart.Points.Select(point => Place(chart, point.Cost))];
        double low = places.Min(), high = places.Max(), margin = Math.Max(0.08 * (high - low), 1e-9);
        if (chart.IsLogarithmic)
        {
            int[] decades = [.. Enumerable.Range((int)Math.Floor(low), (int)Math.Ceiling(high) - (int)Math.Floor(low) + 1)];
            plot.Axes.Bottom.SetTicks([.. decades.Select(decade => (double)decade)], [.. decades.Select(decade => Math.Pow(10, decade).ToString("#,0.####", CultureInfo.InvariantCulture))]);
            (low, high) = (decades[0], decades[^1]);
        }
        plot.XLabel(chart.CostName, size: 13);
        plot.YLabel($"{chart.ValueName} (%)", size: 13);
        plot.Axes.SetLimits(low - margin, high + margin, 0, chart.Top);
        return plot;
    }

    private static double Place(ParetoChart chart, double cost) => chart.IsLogarithmic ? Math.Log10(cost) : cost;
}
