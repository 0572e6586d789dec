using ScottPlot;
using ScottPlot.Plottables;

namespace ZeroI2V.Lab.Reporting;

/// <summary>The lab's figures for papers and the README, drawn by ScottPlot.</summary>
public static class StaticCharts
{
    // Without a name ScottPlot may take a serif where there is no font configuration.
    static StaticCharts() => Fonts.Default = "DejaVu Sans";

    internal static Color Ink => Color.FromHex(ReportColors.Ink);

    private static Color Muted => Color.FromHex(ReportColors.Muted);

    /// <summary>Results by group as bars with error bars and, where there is room, values, and the line of chance where it is known.</summary>
    /// <param name="results">The results.</param>
    /// <returns>The figure.</returns>
    /// <exception cref="ArgumentException">The lists of the results do not fit each other.</exception>
    public static Plot Bars(GroupedResults results)
    {
        ArgumentNullException.ThrowIfNull(results);
        results.Validated();
        Plot plot = Start(results.Title, ReportText.Subtitle(results.Note, results.Synthetic));
        int rows = results.Series.Count;
        // Groups lie 1 apart; their bars share four fifths of that.
        double size = 0.8 / rows;
        bool roomForValues = rows * results.Groups.Count <= ReportText.MostBarsWithValues;
        for (int row = 0; row < rows; row++)
        {
            ResultSeries series = results.Series[row];
            var bars = new List<Bar>();
            for (int group = 0; group < results.Groups.Count; group++)
            {
                if (double.IsNaN(series.Values[group]))
                    continue;
                bars.Add(new Bar
                {
                    Position = group + (row - (rows - 1) / 2.0) * size,
                    Value = 100 * series.Values[group],
                    Error = series.Errors is { } errors && !double.IsNaN(errors[group]) ? 100 * errors[group] : 0,
                    Size = size * 0.92,
                    ErrorSize = size * 0.3,
                    FillColor = Color.FromHex(ReportColors.Of(row)),
                    LineColor = Ink,
                    // Outline and error lines have one width; without errors a bar needs neither.
                    LineWidth = series.Errors is null ? 0 : 1.25f,
                    Label = roomForValues ? $"{100 * series.Values[group]:0.0}" : "",
                    LabelOffset = 4,
                });
            }
            BarPlot drawn = plot.Add.Bars(bars);
            drawn.LegendText = series.Name;
            drawn.ValueLabelStyle.FontSize = 11;
            drawn.ValueLabelStyle.ForeColor = Ink;
        }
        if (results.Chance is double chance)
        {
            HorizontalLine line = plot.Add.HorizontalLine(100 * chance, width: 1.5f, color: Ink, pattern: LinePattern.DenselyDashed);
            line.LegendText = "chance";
        }
        plot.Axes.Bottom.SetTicks([.. Enumerable.Range(0, results.Groups.Count).Select(group => (double)group)], [.. results.GroupLabels]);
        plot.Axes.Bottom.MajorTickStyle.Length = 0;
        plot.Axes.Bottom.TickLabelStyle.FontSize = 13;
        plot.Grid.XAxisStyle.IsVisible = false;
        plot.YLabel($"{results.ValueName} (%)", size: 13);
        // Room for the values above the bars.
        plot.Axes.SetLimits(-0.6, results.Groups.Count - 0.4, 0, 1.03 * results.Top);
        return plot;
    }

    /// <summary>One number of several runs over training.</summary>
    /// <param name="title">What is compared.</param>
    /// <param name="synthetic">Whether the data are made; the figure says so.</param>
    /// <param name="curves">The runs, the one that the others are compared with first.</param>
    /// <param name="accuracyName">What the test accuracy is, as the axis says it.</param>
    /// <returns>The figure.</returns>
    /// <exception cref="ArgumentException">There is no curve, or one's lists differ in length.</exception>
    public static Plot TestAccuracy(string title, bool synthetic, IReadOnlyList<TrainingCurve> curves, string accuracyName = "test top-1")
    {
        ArgumentNullException.ThrowIfNull(curves);
        if (curves.Count == 0)
            throw new ArgumentException("There must be at least one training curve.", nameof(curves));
        Plot plot = Start(title, ReportText.Subtitle(null, synthetic));
        for (int i = 0; i < curves.Count; i++)
        {
            TrainingCurve curve = curves[i].Validated();
            int[] evaluated = [.. Enumerable.Range(0, curve.Epochs.Count).Where(e => !double.IsNaN(curve.TestAccuracy[e]))];
            double[] epochs = [.. evaluated.Select(e => (double)curve.Epochs[e])], accuracies = [.. evaluated.Select(e => 100 * curve.TestAccuracy[e])];
            Scatter line = plot.Add.Scatter(epochs, accuracies, Color.FromHex(ReportColors.Of(i)));
            line.LineWidth = 2;
            line.MarkerSize = 5;
            line.LegendText = curve.Name;
        }
        if (plot.Axes.Bottom.TickGenerator is ScottPlot.TickGenerators.NumericAutomatic ticks)
            ticks.IntegerTicksOnly = true;
        plot.XLabel("epoch", size: 13);
        plot.YLabel($"{accuracyName} (%)", size: 13);
        return plot;
    }

    internal static Plot Start(string title, string subtitle)
    {
        var plot = new Plot();
        plot.Title(subtitle.Length == 0 ? title : $"{title}\n({subtitle})", size: 14);
        plot.Axes.Title.Label.ForeColor = Ink;
        plot.Axes.Right.FrameLineStyle.IsVisible = false;
        plot.Axes.Top.FrameLineStyle.IsVisible = false;
        foreach (IAxis axis in (IAxis[])[plot.Axes.Bottom, plot.Axes.Left])
        {
            axis.FrameLineStyle.Color = Muted;
            axis.MajorTickStyle.Color = Muted;
            axis.MinorTickStyle.Length = 0;
            axis.TickLabelStyle.ForeColor = Ink;
            axis.Label.ForeColor = Ink;
            axis.Label.Bold = false;
        }
        plot.Grid.MajorLineColor = Color.FromHex(ReportColors.Grid);
        plot.Legend.Orientation = Orientation.Horizontal;
        plot.Legend.OutlineWidth = 0;
        plot.Legend.FontSize = 12;
        plot.Legend.FontColor = Ink;
        plot.Legend.ShadowColor = Colors.Transparent;
        plot.ShowLegend(Edge.Bottom);
        return plot;
    }
}
