using Microsoft.FSharp.Core;
using Plotly.NET;
using Plotly.NET.CSharp;
using Plotly.NET.LayoutObjects;
using Chart = Plotly.NET.CSharp.Chart;

namespace ZeroI2V.Lab.Reporting;

/// <summary>The lab's interactive charts, drawn by plotly.js.</summary>
public static class InteractiveCharts
{
    private const string FontNames = "Inter, Segoe UI, Helvetica Neue, DejaVu Sans, Arial, sans-serif";

    /// <summary>Training loss and test accuracy of several runs, side by side; one legend for both.</summary>
    /// <param name="title">What is compared.</param>
    /// <param name="synthetic">Whether the data are made; the chart says so.</param>
    /// <param name="curves">The runs, the one that the others are compared with first.</param>
    /// <param name="accuracyName">What the test accuracy is, as the axis says it.</param>
    /// <param name="note">What the reader must know; null for nothing.</param>
    /// <returns>The chart.</returns>
    /// <exception cref="ArgumentException">There is no curve, or one's lists differ in length.</exception>
    public static GenericChart TrainingCurves(string title, bool synthetic, IReadOnlyList<TrainingCurve> curves, string accuracyName = "test top-1", string? note = null)
    {
        ArgumentNullException.ThrowIfNull(curves);
        if (curves.Count == 0)
            throw new ArgumentException("There must be at least one training curve.", nameof(curves));

        var losses = new List<GenericChart>();
        var accuracies = new List<GenericChart>();
        for (int i = 0; i < curves.Count; i++)
        {
            TrainingCurve curve = curves[i].Validated();
            Color color = Color.fromHex(ReportColors.Of(i));
            int[] evaluated = [.. Enumerable.Range(0, curve.Epochs.Count).Where(e => !double.IsNaN(curve.TestAccuracy[e]))];
            losses.Add(Chart.Line<int, double, string>(
                curve.Epochs, curve.TrainLoss, ShowMarkers: true, Name: curve.Name, MarkerColor: color, LineColor: color, LineWidth: 2.5,
                UseDefaults: false).Grouped(curve.Name));
            accuracies.Add(Chart.Line<int, double, string>(
                evaluated.Select(e => curve.Epochs[e]), evaluated.Select(e => 100 * curve.TestAccuracy[e]), ShowMarkers: true, Name: curve.Name,
                ShowLegend: false, MarkerColor: color, LineColor: color, LineWidth: 2.5, UseDefaults: false).Grouped(curve.Name));
        }

        int lastEpoch = curves.Max(curve => curve.Epochs.Max());
        GenericChart loss = Chart.Combine(losses).WithXAxis(EpochAxis(lastEpoch)).WithYAxis(ValueAxis("training loss"));
        GenericChart accuracy = Chart.Combine(accuracies).WithXAxis(EpochAxis(lastEpoch)).WithYAxis(ValueAxis(accuracyName, suffix: " %"));
        return Finished(Chart.Grid([loss, accuracy], 1, 2, XGap: 0.16), title, note, synthetic);
    }

    /// <summary>Results by group as bars with error bars and, where known, the line of chance.</summary>
    /// <param name="results">The results.</param>
    /// <returns>The chart.</returns>
    /// <exception cref="ArgumentException">The lists of the results do not fit each other.</exception>
    public static GenericChart Bars(GroupedResults results)
    {
        ArgumentNullException.ThrowIfNull(results);
        results.Validated();
        bool roomForValues = results.Series.Count * results.Groups.Count <= ReportText.MostBarsWithValues;
        IEnumerable<GenericChart> bars = results.Series.Select((series, i) =>
        {
            // The value stands in the bar, an empty line below its end where an error bar is.
            string above = series.Errors is null ? "" : "\u00a0<br>";
            GenericChart bar = Chart.Column<double, string, string>(
                series.Values.Select(value => 100 * value),
                Keys: new Optional<IEnumerable<string>>(results.Groups, true),
                Name: series.Name,
                MultiText: new Optional<IEnumerable<string>>(series.Values.Select(value => double.IsNaN(value) || !roomForValues ? "" : $"{above}{100 * value:0.0}"), true),
                TextPosition: StyleParam.TextPosition.Inside,
                MarkerColor: Color.fromHex(ReportColors.Of(i)),
                UseDefaults: false);
            if (series.Errors is not { } errors)
                return bar;
            return bar.WithYError(Plotly.NET.TraceObjects.Error.init<double, double>(
                Visible: true,
                Type: StyleParam.ErrorType.Data,
                Array: FSharpOption<IEnumerable<double>>.Some(errors.Select(error => 100 * error)),
                Color: Color.fromHex(ReportColors.Ink),
                Thickness: 1.5,
                Width: 5.0));
        });
        GenericChart chart = Chart.Combine(bars)
            .WithXAxis(LinearAxis.init<double, double, double, double, double, string, double, double>(
                // Groups named "0" and "1/4" would be taken for numbers otherwise, and what is none left out.
                AxisType: StyleParam.AxisType.Category,
                TickVals: FSharpOption<IEnumerable<double>>.Some([.. Enumerable.Range(0, results.Groups.Count).Select(group => (double)group)]),
                TickText: FSharpOption<IEnumerable<string>>.Some([.. results.GroupLabels.Select(label => label.Replace("\n", "<br>", StringComparison.Ordinal))]),
                ShowLine: true, LineColor: Color.fromHex(ReportColors.Muted), TickFont: Font.init(Size: 14.0)))
            .WithYAxis(ValueAxis(results.ValueName, suffix: " %", range: (0, results.Top)));
        if (results.Chance is double chance)
        {
            chart = chart
                .WithShape(Shape.init<double, double, double, double>(
                    ShapeType: StyleParam.ShapeType.Line, Xref: "paper", X0: 0.0, X1: 1.0, Yref: "y", Y0: 100 * chance, Y1: 100 * chance,
                    Line: Line.init(Color: Color.fromHex(ReportColors.Ink), Width: 1.5, Dash: StyleParam.DrawingStyle.Dash)))
                .WithAnnotation(Annotation.init<double, double, double, string, double, string, double, string, double, string>(
                    XRef: "paper", X: 1.0, XAnchor: StyleParam.XAnchorPosition.Left, XShift: 6, YRef: "y", Y: 100 * chance,
                    YAnchor: StyleParam.YAnchorPosition.Middle, ShowArrow: false, Text: "chance", Font: Font.init(Size: 12.0, Color: Color.fromHex(ReportColors.Ink))));
        }
        return Finished(chart, results.Title, results.Note, results.Synthetic);
    }

    // Series of one run in several panels hide and show together.
    private static GenericChart Grouped(this GenericChart chart, string name) =>
        Plotly.NET.CSharp.GenericChartExtensions.WithTraceInfo(chart, LegendGroup: name);

    private static LinearAxis EpochAxis(int last) => LinearAxis.init<double, double, double, double, double, string, double, double>(
        Title: Title.init(Text: "epoch", Standoff: 6),
        Tick0: 0.0,
        DTick: EpochStep(last),
        ShowLine: true,
        LineColor: Color.fromHex(ReportColors.Muted),
        Ticks: StyleParam.TickOptions.Outside,
        TickColor: Color.fromHex(ReportColors.Muted),
        TickFormat: "d",
        ShowGrid: false,
        ZeroLine: false);

    // At most twelve labels, at whole epochs: every first, second or fifth, or ten times as many.
    private static double EpochStep(int last)
    {
        int power = 1;
        while (power * 5 * 12 < last)
            power *= 10;
        return power * 12 >= last ? power : power * 2 * 12 >= last ? power * 2 : power * 5;
    }

    internal static LinearAxis ValueAxis(string title, string? suffix = null, (double Low, double High)? range = null) =>
        LinearAxis.init<double, double, double, double, double, string, double, double>(
            Title: Title.init(Text: title, Standoff: 8),
            Range: range is { } bounds ? FSharpOption<StyleParam.Range>.Some(StyleParam.Range.NewMinMax(bounds.Low, bounds.High)) : null,
            TickSuffix: suffix is null ? null : FSharpOption<string>.Some(suffix),
            ShowGrid: true,
            GridColor: Color.fromHex(ReportColors.Grid),
            ZeroLine: false);

    internal static GenericChart Finished(GenericChart chart, string title, string? note, bool synthetic)
    {
        string subtitle = ReportText.Subtitle(note, synthetic);
        string heading = $"<b>{Encoded(title)}</b>"
            + (subtitle.Length == 0 ? "" : $"<br><span style=\"font-size:13px;color:{ReportColors.Muted}\">{Encoded(subtitle)}</span>");
        Layout layout = Layout.init<string>(
            Title: Title.init(Text: heading, Font: Font.init(Size: 17.0), X: 0.0, XRef: "paper", XAnchor: StyleParam.XAnchorPosition.Left),
            Width: 900,
            Height: 450,
            Margin: Margin.init<int, int, int, int, int, bool>(Left: 80, Right: 70, Top: 84, Bottom: 100),
            Font: Font.init(Family: StyleParam.FontFamily.NewCustom(FontNames), Size: 13.0, Color: Color.fromHex(ReportColors.Ink)),
            PaperBGColor: Color.fromHex("#FFFFFF"),
            PlotBGColor: Color.fromHex("#FFFFFF"),
            BarGap: 0.28,
            BarGroupGap: 0.06,
            HoverMode: StyleParam.HoverMode.X);
        return chart
            .WithLayout(layout)
            .WithConfig(Config.init(Responsive: true, Displaylogo: false))
            .WithLegendStyle(Orientation: StyleParam.Orientation.Horizontal, X: 0.0, XAnchor: StyleParam.XAnchorPosition.Left, Y: -0.22, YAnchor: StyleParam.YAnchorPosition.Top);
    }

    // plotly.js reads a little HTML in titles; a title's own signs are none.
    private static string Encoded(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal);
}
