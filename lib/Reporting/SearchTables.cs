using System.Globalization;
using ZeroI2V.Lab.Ablations;

namespace ZeroI2V.Lab.Reporting;

/// <summary>Searches as tables.</summary>
public static class SearchTables
{
    /// <summary>What a search saw in each round, what it chose and what that cost, beside the full sweep as far as it is there.</summary>
    /// <param name="search">The search.</param>
    /// <param name="sweep">The full sweep; null where it was not begun.</param>
    public static ResultTable Search(RowSearchResult search, SweepResults? sweep)
    {
        ArgumentNullException.ThrowIfNull(search);
        IReadOnlyList<string> axes = sweep?.Sweep.AxisNames() ?? ["row"];
        SweepRow[] full = [.. sweep?.Rows.Where(row => row.Data == search.Data) ?? []];
        var means = full.Where(row => row.Finished.Count > 0).ToDictionary(row => Name(row.Values), row => Spread.Of([.. row.Numbers("top1").Values]));
        return new ResultTable
        {
            Caption = string.Create(CultureInfo.InvariantCulture,
                $"Search on {SweepData.Named(search.Data).Name}: {Name(search.Chosen)} at {100 * search.Share:0.0} % of the clips that the full sweep of {search.FullSweepSeeds} seeds trains on. {Beside(search, full, means)} Top-1 on held-out training clips in each round; the full sweep's on the test clips"),
            Synthetic = SweepData.Named(search.Data).IsMade,
            Columns =
            [
                .. axes.Select(axis => new TableColumn(axis, TextAlignment.Left)),
                .. search.Rounds.Select(round => new TableColumn($"{round.Epochs} epochs")),
                new("chosen", TextAlignment.Left), new("full sweep"),
            ],
            Rows = [.. search.Rounds[0].Rows.Select(row => (IReadOnlyList<string>)
            [
                .. sweep is null ? [Name(row.Values)] : row.Values,
                .. search.Rounds.Select(round => round.Rows.FirstOrDefault(other => Name(other.Values) == Name(row.Values)) is { } there ? there.Accuracy is double top1 ? ReportText.Percent(top1, double.NaN) : "failed" : ""),
                Name(row.Values) == Name(search.Chosen) ? "chosen" : "",
                means.TryGetValue(Name(row.Values), out Spread mean) ? mean.ToString() : "not run",
            ])],
        }.Validated();
    }

    /// <summary>How much the frozen image model needs each head, and which heads the temporal ones would be by importance.</summary>
    /// <param name="importance">The importance.</param>
    /// <param name="data">The kind of data.</param>
    public static ResultTable Heads(HeadImportance importance, string data)
    {
        ArgumentNullException.ThrowIfNull(importance);
        int heads = importance.ByLayer[0].Count, temporal = importance.TemporalHeads;
        return new ResultTable
        {
            Caption = $"Importance of the image model's heads for {SweepData.Named(data).Name}, as a share of the layer's sum; heads count from 0. Nothing is trained for it",
            Synthetic = SweepData.Named(data).IsMade,
            Columns =
            [
                new("layer"), .. Enumerable.Range(0, heads).Select(head => new TableColumn($"head {head}")),
                new("published: lowest", TextAlignment.Left), new("least important", TextAlignment.Left), new("most important", TextAlignment.Left),
            ],
            Rows = [.. importance.ByLayer.Select((layer, number) =>
            {
                int[] order = [.. Enumerable.Range(0, heads).OrderBy(head => layer[head])];
                return (IReadOnlyList<string>)
                [
                    $"{number}", .. layer.Select(value => ReportText.Percent(value / layer.Sum(), double.NaN)),
                    Heads(Enumerable.Range(0, temporal)), Heads(order.Take(temporal)), Heads(order.TakeLast(temporal)),
                ];
            })],
        }.Validated();

        static string Heads(IEnumerable<int> some) => string.Join(", ", some.Order());
    }

    private static string Beside(RowSearchResult search, SweepRow[] full, Dictionary<string, Spread> means)
    {
        if (means.Count < search.Rounds[0].Rows.Count || full.Any(row => row.Finished.Count < row.Seeds.Count))
            return $"The full sweep has {full.Sum(row => row.Finished.Count)} of {full.Sum(row => row.Seeds.Count)} runs, so what it would choose is not known yet.";
        (string best, Spread top) = means.MaxBy(row => row.Value.Mean);
        return best == Name(search.Chosen)
            ? "The full sweep chooses the same."
            : string.Create(CultureInfo.InvariantCulture, $"The full sweep chooses {best}, which is {100 * (top.Mean - means[Name(search.Chosen)].Mean):0.0} points better there.");
    }

    private static string Name(IReadOnlyList<string> values) => string.Join(", ", values);
}
