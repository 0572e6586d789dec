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

    // In CSS pixels, as plotly.js lays them out.
    private const int Width = 900, LeftMargin = 80, RightMargin = 70, TopMargin = 84, PlotHeight = 300, LabelLineHeight = 18, LegendRowHeight = 19;
    private const double LegendFontSize = 12;

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
        return Finished(Chart.Grid([loss, accuracy], 1, 2, XGap: 0.16), title, note, synthetic, curves.Select(curve => curve.Name));
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
        return Finished(chart, results.Title, results.Note, results.Synthetic, results.Series.Select(series => series.Name), results.GroupLabels.Max(label => 1 + label.Count(letter => letter == '\n')));
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

    /// <summary>The chart with its title, in the lab's look; labels, legend and edge below each other, however many lines they have.</summary>
    /// <param name="chart">The chart; it has been given its axes.</param>
    /// <param name="title">What is compared.</param>
    /// <param name="note">What the reader must know; null for nothing.</param>
    /// <param name="synthetic">Whether the data are made.</param>
    /// <param name="legend">The names in the legend.</param>
    /// <param name="labelLines">Lines of the tallest label below the plot.</param>
    internal static GenericChart Finished(GenericChart chart, string title, string? note, bool synthetic, IEnumerable<string> legend, int labelLines = 1)
    {
        string subtitle = ReportText.Subtitle(note, synthetic);
        string heading = $"<b>{Encoded(title)}</b>"
            + (subtitle.Length == 0 ? "" : $"<br><span style=\"font-size:13px;color:{ReportColors.Muted}\">{Encoded(subtitle)}</span>");
        Layout layout = Layout.init<string>(
            Title: Title.init(Text: heading, Font: Font.init(Size: 17.0), X: 0.0, XRef: "paper", XAnchor: StyleParam.XAnchorPosition.Left),
            Width: Width,
            Height: Height(LegendRows(legend), labelLines),
            Margin: Margin.init<int, int, int, int, int, bool>(Left: LeftMargin, Right: RightMargin, Top: TopMargin, Bottom: 10),
            Font: Font.init(Family: StyleParam.FontFamily.NewCustom(FontNames), Size: 13.0, Color: Color.fromHex(ReportColors.Ink)),
            PaperBGColor: Color.fromHex("#FFFFFF"),
            PlotBGColor: Color.fromHex("#FFFFFF"),
            BarGap: 0.28,
            BarGroupGap: 0.06,
            HoverMode: StyleParam.HoverMode.X);
        return chart
            .WithLayout(layout)
            .WithConfig(Config.init(Responsive: true, Displaylogo: false))
            // A legend that stands on the chart's edge and not at a height of the plot has its room below whatever room the labels take: at any width neither reaches the other.
            .WithXAxis(LinearAxis.init<double, double, double, double, double, string, double, double>(AutoMargin: StyleParam.TickAutoMargin.Bottom))
            .WithLegend(Legend.init(
                Font: Font.init(Size: LegendFontSize), Orientation: StyleParam.Orientation.Horizontal, TraceGroupGap: 0.0, X: 0.0, XAnchor: StyleParam.XAnchorPosition.Left,
                Y: 0.0, YAnchor: StyleParam.YAnchorPosition.Bottom, YRef: "container"));
    }

    // Ten for the legend's edges, two labels' lines for the axis's title or what is left free. A legend taller than the plot would get a scroll bar.
    private static int Height(int legendRows, int labelLines)
    {
        int legend = 10 + LegendRowHeight * legendRows;
        return TopMargin + Math.Max(PlotHeight, legend) + LabelLineHeight * (labelLines + 2) + legend;
    }

    /// <summary>
    /// About how many rows a legend has in a chart of the lab's width: plotly.js puts all names in one row or else in columns as wide as the longest.
    /// A wrong guess makes the plot a little taller or lower; nothing is covered.
    /// </summary>
    internal static int LegendRows(IEnumerable<string> names)
    {
        const double symbol = 45, room = Width - LeftMargin - RightMargin;
        double[] widths = [.. names.Select(name => symbol + name.Length * LegendFontSize / 2)];
        if (widths.Sum() <= room)
            return 1;
        int columns = Math.Max(1, (int)(room / widths.Max()));
        return (widths.Length + columns - 1) / columns;
    }

    // plotly.js reads a little HTML in titles; a title's own signs are none.
    private static string Encoded(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal);
}
