using System.Globalization;
using Plotly.NET;
using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.Reporting;

/// <summary>The first comparison as tables, charts and a figure: what notebook 01 shows.</summary>
public static class FirstLightFigures
{
    /// <summary>What the rows may see of time, and what of each is trained.</summary>
    /// <param name="report">The comparison.</param>
    /// <returns>A line a row.</returns>
    public static ResultTable Rows(FirstLightReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return new ResultTable
        {
            Caption = Model(report.Backbone) + ", three ways to see time",
            Synthetic = report.Synthetic,
            Columns = [new("", TextAlignment.Left), new("heads that look at other frames"), new("temporal embedding"), new("trained values"), new("training, s")],
            Rows = [.. FirstLightRow.All.Select(row => (IReadOnlyList<string>)
            [
                row.Name,
                row == FirstLightRow.Stdha ? "two in every layer: Δt −1 and +1" : "none",
                row.TemporalEmbedding ? "yes" : "no",
                report.Of(row)[0].TrainedParameters.ToString("N0", CultureInfo.InvariantCulture),
                report.Of(row).Average(run => run.Seconds).ToString("N0", CultureInfo.InvariantCulture),
            ])],
        };
    }

    /// <summary>Top-1, top-5 and pair accuracy of every row by group of classes, on objects that training never shows.</summary>
    /// <param name="report">The comparison.</param>
    /// <returns>A line a row; mean ± standard deviation where there are several seeds.</returns>
    public static ResultTable Results(FirstLightReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        string[] groups = [.. report.Runs[0].Result.Groups.Select(group => group.Name)];
        return new ResultTable
        {
            Caption = $"{report.TestClips} test clips{(report.Options.DataSet.Length == 0 ? " of unseen objects" : $" of {report.DataName}")}{Seeds(report)}",
            Synthetic = report.Synthetic,
            Columns =
            [
                new("", TextAlignment.Left),
                .. groups.SelectMany(group => (TableColumn[])[new($"{group}: top-1"), new($"{group}: pair")]),
                new("all: top-1"), new("all: top-5"), .. report.HasPairs ? (TableColumn[])[new("all: pair")] : [],
            ],
            Rows = [.. FirstLightRow.All.Select(row => (IReadOnlyList<string>)
            [
                row.Name,
                .. groups.SelectMany(group => (string[])
                    [Percent(report, row, r => r.Group(group).Top1), Percent(report, row, r => r.Group(group).PairAccuracy ?? double.NaN)]),
                Percent(report, row, r => r.Overall.Top1),
                Percent(report, row, r => r.Overall.Top5),
                .. report.HasPairs ? (string[])[Percent(report, row, r => r.Overall.PairAccuracy ?? double.NaN)] : [],
            ])],
        };
    }

    /// <summary>What must come out, and whether it did.</summary>
    /// <param name="report">The comparison.</param>
    /// <returns>A line a statement.</returns>
    public static ResultTable Expectations(FirstLightReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return new ResultTable
        {
            Caption = $"What must come out{Seeds(report)}",
            Synthetic = report.Synthetic,
            Columns = [new("expected", TextAlignment.Left), new("measured"), new("", TextAlignment.Left)],
            Rows = [.. report.Expectations().Select(e => (IReadOnlyList<string>)[e.Statement, e.Measured, e.Holds ? "holds" : "does not hold"])],
        };
    }

    /// <summary>Pair accuracy by group, to be drawn; of a data set whose classes have no reversals, top-1.</summary>
    /// <param name="report">The comparison.</param>
    /// <returns>The numbers.</returns>
    public static GroupedResults Compared(FirstLightReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (report.HasPairs)
        {
            return GroupedResults.PairAccuracy(
                $"{report.DataName}: a movement or its time reversal?",
                report.Synthetic,
                [.. FirstLightRow.All.Select(row => new ModelResults(row.Name, [.. report.Of(row).Select(run => run.Result)]))]);
        }

        return new GroupedResults
        {
            Title = $"{report.DataName}: three ways to see time",
            Note = report.Options.Seeds.Count > 1 ? $"mean of {report.Options.Seeds.Count} seeds" : null,
            Synthetic = report.Synthetic,
            ValueName = "top-1",
            Groups = ["all classes"],
            Series = [.. FirstLightRow.All.Select(row => new ResultSeries(row.Name, [report.Mean(row, result => result.Overall.Top1)]))],
        };
    }

    /// <summary>Training loss and test top-1 of every row, epoch by epoch, of the first seed.</summary>
    /// <param name="report">The comparison.</param>
    /// <returns>The chart.</returns>
    public static GenericChart Curves(FirstLightReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return InteractiveCharts.TrainingCurves(
            $"{report.DataName}: training", report.Synthetic, [.. FirstLightRow.All.Select(row => TrainingCurve.From(row.Name, report.Of(row)[0].Epochs))]);
    }

    /// <summary>Writes the comparison (<see cref="Compared"/>) as SVG and PNG, with what it was made from beside it: as <c>first-light</c>, or under a name that says which other size or seeds it shows.</summary>
    /// <param name="report">The comparison.</param>
    /// <param name="folder">The folder, such as <c>figures</c>.</param>
    /// <returns>The files.</returns>
    public static SavedFigure Save(FirstLightReport report, string folder)
    {
        GroupedResults results = Compared(report);
        Provenance provenance = Provenance.Collect(
            report.Options,
            report.Options.Seeds,
            [new DataSource(report.DataName, report.DataSha256, report.Synthetic)],
            [.. report.Runs.Select(run => Path.GetFileName(run.Folder))]);
        // Another size or seed must not take the place of the figure that is kept.
        FirstLightOptions options = report.Options;
        string name = options is { Size: MicroSize.Small, Seeds: [0], DataSet: "" }
            ? "first-light"
            : $"first-light-{(options.DataSet.Length > 0 ? options.DataSet : options.Size.ToString().ToLowerInvariant())}-seed{string.Join('-', options.Seeds)}";
        return StaticFigure.Save(StaticCharts.Bars(results), folder, name, results.Title, provenance);
    }

    private static string Model(VitOptions vit) =>
        $"One frozen image model ({vit.Layers} layers, width {vit.Width}, {vit.Heads} heads, {vit.Resolution}-pixel frames in {vit.PatchSize}-pixel patches)";

    private static string Seeds(FirstLightReport report) => report.Options.Seeds is [int only] ? $", seed {only}" : $", mean ± standard deviation of {report.Options.Seeds.Count} seeds";

    private static string Percent(FirstLightReport report, FirstLightRow row, Func<EvaluationResult, double> number) =>
        Spread.Of([.. report.Of(row).Select(run => number(run.Result))]).ToString();
}
