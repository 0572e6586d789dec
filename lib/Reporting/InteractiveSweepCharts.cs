using Microsoft.FSharp.Core;
using Plotly.NET;
using Plotly.NET.LayoutObjects;
using Chart = Plotly.NET.CSharp.Chart;

namespace ZeroI2V.Lab.Reporting;

/// <summary>Curves with bands and Pareto charts, drawn by plotly.js.</summary>
public static class InteractiveSweepCharts
{
    private const string Unbeaten = "not beaten";

    /// <summary>Curves, each with its band where intervals are known.</summary>
    /// <param name="curves">The curves.</param>
    /// <returns>The chart.</returns>
    public static GenericChart Curves(ValueCurves curves)
    {
        ArgumentNullException.ThrowIfNull(curves);
        curves.Validated();
        var parts = new List<GenericChart>();
        for (int i = 0; i < curves.Curves.Count; i++)
        {
            ValueCurve curve = curves.Curves[i];
            Color color = Color.fromHex(ReportColors.Of(i));
            int[] known = [.. Enumerable.Range(0, curves.Places.Count).Where(place => !double.IsNaN(curve.Values[place]))];
            int[] wide = [.. known.Where(place => !double.IsNaN(curve.HalfWidths[place]))];
            if (wide.Length > 1)
            {
                parts.Add(Chart.Range<int, double, string>(
                    wide, wide.Select(place => 100 * curve.Values[place]),
                    wide.Select(place => 100 * Math.Min(1, curve.Values[place] + curve.HalfWidths[place])),
                    wide.Select(place => 100 * Math.Max(0, curve.Values[place] - curve.HalfWidths[place])),
                    StyleParam.Mode.Lines, Name: curve.Name, ShowLegend: false, LineColor: color, LineWidth: 0.0,
                    RangeColor: Faint(ReportColors.Of(i)), UseDefaults: false));
            }
            parts.Add(Chart.Line<int, double, string>(
                known, known.Select(place => 100 * curve.Values[place]), ShowMarkers: true, Name: curve.Name, MarkerColor: color, LineColor: color, LineWidth: 2.5,
                LineDash: Dash(i), UseDefaults: false));
        }
        GenericChart chart = Chart.Combine(parts)
            .WithXAxis(LinearAxis.init<double, double, double, double, double, string, double, double>(
                Title: Title.init(Text: curves.PlaceName, Standoff: 6),
                TickVals: FSharpOption<IEnumerable<double>>.Some([.. Enumerable.Range(0, curves.Places.Count).Select(place => (double)place)]),
                TickText: FSharpOption<IEnumerable<string>>.Some(curves.Places),
                ShowLine: true, LineColor: Color.fromHex(ReportColors.Muted), ShowGrid: false, ZeroLine: false))
            .WithYAxis(InteractiveCharts.ValueAxis(curves.ValueName, suffix: " %", range: (0, curves.Top)));
        return InteractiveCharts.Finished(chart, curves.Title, curves.Note, curves.Synthetic, curves.Curves.Select(curve => curve.Name));
    }

    /// <summary>Accuracy against a cost, with the line of what nothing beats.</summary>
    /// <param name="chart">The points.</param>
    /// <returns>The chart.</returns>
    public static GenericChart Pareto(ParetoChart chart)
    {
        ArgumentNullException.ThrowIfNull(chart);
        chart.Validated();
        IReadOnlyList<ParetoPoint> front = chart.Front();
        var parts = new List<GenericChart>
        {
            Chart.Line<double, double, string>(
                front.Select(point => point.Cost), front.Select(point => 100 * point.Accuracy), Name: Unbeaten, LineColor: Color.fromHex(ReportColors.Muted), LineWidth: 1.5,
                LineDash: StyleParam.DrawingStyle.Dash, UseDefaults: false),
        };
        parts.AddRange(chart.Points.Select((point, i) =>
        {
            GenericChart drawn = Chart.Point<double, double, string>(
                [point.Cost], [100 * point.Accuracy], Name: point.Name, Marker: Plotly.NET.TraceObjects.Marker.init(Color: Color.fromHex(ReportColors.Of(i)), Size: 10, Symbol: Symbol(i)),
                UseDefaults: false);
            return double.IsNaN(point.HalfWidth) ? drawn : drawn.WithYError(Plotly.NET.TraceObjects.Error.init<double, double>(
                Visible: true, Type: StyleParam.ErrorType.Data, Array: FSharpOption<IEnumerable<double>>.Some([100 * point.HalfWidth]),
                Color: Color.fromHex(ReportColors.Of(i)), Thickness: 1.2, Width: 4.0));
        }));
        GenericChart all = Chart.Combine(parts)
            .WithXAxis(LinearAxis.init<double, double, double, double, double, string, double, double>(
                Title: Title.init(Text: chart.CostName, Standoff: 6),
                AxisType: chart.IsLogarithmic ? StyleParam.AxisType.Log : StyleParam.AxisType.Linear,
                ShowLine: true, LineColor: Color.fromHex(ReportColors.Muted), GridColor: Color.fromHex(ReportColors.Grid), ZeroLine: false))
            .WithYAxis(InteractiveCharts.ValueAxis(chart.ValueName, suffix: " %", range: (0, chart.Top)));
        return InteractiveCharts.Finished(all, chart.Title, chart.Note, chart.Synthetic, [Unbeaten, .. chart.Points.Select(point => point.Name)]);
    }

    private static Color Faint(string hex)
    {
        int value = Convert.ToInt32(hex[1..], 16);
        return Color.fromARGB(36, (value >> 16) & 255, (value >> 8) & 255, value & 255);
    }

    // More points than colours: the second round is of squares. Names stand in the legend: beside points of like cost they cover each other.
    private static StyleParam.MarkerSymbol Symbol(int index) => index < ReportColors.Count ? StyleParam.MarkerSymbol.Circle : StyleParam.MarkerSymbol.Square;

    // More curves than colours: the second round is dashed.
    private static StyleParam.DrawingStyle Dash(int index) => index < ReportColors.Count ? StyleParam.DrawingStyle.Solid : StyleParam.DrawingStyle.Dash;
}
