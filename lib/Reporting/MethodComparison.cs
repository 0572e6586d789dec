using System.Globalization;
using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Evaluation;

namespace ZeroI2V.Lab.Reporting;

/// <summary>A method of a comparison: what it reaches and what it costs.</summary>
/// <param name="Name">The method.</param>
/// <param name="Top1">Top-1 over seeds.</param>
/// <param name="Difference">To the row that others are compared with; null for that row itself.</param>
/// <param name="Cost">Computed from its options, as trained.</param>
/// <param name="InUse">The same, folded where it folds.</param>
/// <param name="Latency">Measured on this machine; null where it was not.</param>
/// <param name="TrainingSeconds">Mean over seeds.</param>
/// <param name="MemoryBytes">Peak of the process in training, mean over seeds; null where not kept.</param>
public sealed record ComparedMethod(
    string Name, Spread Top1, PairedDifference? Difference, ModelCost Cost, ModelCost InUse, TimeSpan? Latency, double TrainingSeconds, double? MemoryBytes)
{
    /// <summary>Whether it is beyond noise ahead of the row that it is compared with.</summary>
    public bool IsAhead => Difference is { IsWithinNoise: false } difference && difference.Difference.Mean > 0;
}

/// <summary>Methods on one kind of data: accuracy against what it costs to train and to use them.</summary>
/// <param name="Results">The sweep.</param>
/// <param name="Data">The kind of data.</param>
/// <param name="Methods">The methods that have a finished run.</param>
public sealed record MethodComparison(SweepResults Results, string Data, IReadOnlyList<ComparedMethod> Methods)
{
    /// <summary>Compares the rows of a sweep.</summary>
    /// <param name="results">The sweep; rows without a finished run are left out.</param>
    /// <param name="data">The kind of data.</param>
    /// <param name="latency">Measures one clip in use on this machine; null to leave that column empty.</param>
    /// <exception cref="ArgumentException">No run is finished.</exception>
    public static MethodComparison Of(SweepResults results, string data, Func<RecognizerOptions, TimeSpan>? latency = null)
    {
        ArgumentNullException.ThrowIfNull(results);
        SweepRow[] rows = [.. results.Rows.Where(row => row.Data == data && row.Finished.Count > 0)];
        if (rows.Length == 0)
            throw new ArgumentException($"No run of '{results.Sweep.Name}' on '{data}' is finished. lab sweep does them.", nameof(results));
        return new MethodComparison(results, data, [.. rows.Select(row =>
        {
            StoredRun[] runs = [.. row.Finished.Values];
            RecognizerOptions options = runs[0].Options!.Recognizer;
            double[] memory = [.. runs.Select(run => (double?)run.Result!.PeakMemoryBytes).OfType<double>()];
            SweepRow? baseline = results.BaselineOf(row);
            return new ComparedMethod(
                string.Join(", ", row.Values),
                Spread.Of([.. row.Numbers("top1").Values], row.Clips("top1")),
                baseline is null || ReferenceEquals(baseline, row) ? null : PairedDifference.Of(row.Numbers("top1"), baseline.Numbers("top1"), row.Clips("top1")),
                ModelCost.Of(options), ModelCost.AtInference(options), latency?.Invoke(options),
                runs.Average(run => run.Result!.TrainingSeconds),
                memory.Length == 0 ? null : memory.Average());
        })]);
    }

    /// <summary>Milliseconds of one clip, the median of several on this machine.</summary>
    /// <param name="options">The recogniser.</param>
    public static TimeSpan MeasuredLatency(RecognizerOptions options) => CostMeasurement.LatencyOf(options, rounds: 9);

    /// <summary>The comparison as a table; published accuracies stand in columns of their own, on other data.</summary>
    public ResultTable Table()
    {
        string baseline = SweepTables.BaselineName(Results.Sweep);
        PublishedAccuracy[] published = [.. Methods.Select(method => For(method.Name)).OfType<PublishedAccuracy>()];
        return new ResultTable
        {
            Caption = $"{Results.Sweep.Question}: {SweepData.Named(Data).Name}, size {SweepTables.Size(Results)}. {SweepTables.HowToRead}. One multiply-add is one FLOP; parameters and FLOPs in use are those of the folded model where a method folds. Published accuracies are of other data and models, as their sources state them",
            Synthetic = IsSynthetic,
            Columns =
            [
                new("method", TextAlignment.Left), new("seeds"), new("top-1"), new($"to {baseline}"), new($"ahead of {baseline}", TextAlignment.Left), new("trained values"), new("added in use"), new("MFLOPs a clip"),
                new("one clip, ms"), new("training, s"), new("memory, MB"), new("published top-1"), new("published for", TextAlignment.Left), new("source", TextAlignment.Left),
            ],
            Rows = [.. Methods.Select(method => (IReadOnlyList<string>)
            [
                method.Name,
                Text(method.Top1.Count, "0"),
                method.Top1.ToString(),
                method.Difference?.ToString() ?? (method.Name == baseline ? "baseline" : ""),
                method.IsAhead ? "yes" : method.Difference switch { null => "", { IsWithinNoise: null } => "one seed", { IsWithinNoise: true } => "within noise", _ => "no" },
                Text(method.Cost.TrainedParameters, "N0"),
                Text(method.InUse.AddedParameters, "N0"),
                Text(method.InUse.Flops / 1e6, "0.0"),
                Text(method.Latency?.TotalMilliseconds, "0.00"),
                Text(method.TrainingSeconds, "N0"),
                Text(method.MemoryBytes / 1e6, "N0"),
                .. For(method.Name) is { } known ? [Text(known.Top1, "0.0"), known.Setting, known.Source] : (string[])["", "", ""],
            ])],
        }.Validated();
    }

    /// <summary>Every published accuracy, beside what the same method is called here.</summary>
    public static ResultTable Published() => new()
    {
        Caption = "Published top-1, as the methods' own repositories state it; on Kinetics-400 AIM is ahead of ZeroI2V at equal backbone and frames, and costs more to use",
        Synthetic = false,
        Columns = [new("method", TextAlignment.Left), new("backbone, data, frames", TextAlignment.Left), new("published top-1"), new("source", TextAlignment.Left)],
        Rows = [.. PublishedAccuracy.All.Select(row => (IReadOnlyList<string>)[row.Method.Name, row.Setting, Text(row.Top1, "0.0"), row.Source])],
    };

    /// <summary>Accuracy against values that are trained.</summary>
    public ParetoChart ByTrainedParameters() => Chart("trained values", method => method.Cost.TrainedParameters);

    /// <summary>Accuracy against operations of one clip in use.</summary>
    public ParetoChart ByFlops() => Chart("MFLOPs of a clip in use", method => method.InUse.Flops / 1e6);

    /// <summary>Accuracy against the measured time of one clip.</summary>
    public ParetoChart ByLatency() => Chart("one clip on this machine, ms", method => method.Latency?.TotalMilliseconds);

    /// <summary>Accuracy against the time of training.</summary>
    public ParetoChart ByTrainingTime() => Chart("training, s", method => method.TrainingSeconds);

    private ParetoChart Chart(string cost, Func<ComparedMethod, double?> number) => new ParetoChart
    {
        Title = $"{Results.Sweep.Question}: accuracy and {cost}",
        Note = $"{SweepData.Named(Data).Name}, size {SweepTables.Size(Results)}; line: what no other method beats",
        Synthetic = IsSynthetic,
        CostName = cost,
        Points = [.. Methods.Where(method => number(method) is not null).Select(method => new ParetoPoint(method.Name, number(method)!.Value, method.Top1.Mean, method.Top1.HalfWidth95))],
    }.Validated();

    private bool IsSynthetic => Results.Rows.Where(row => row.Data == Data).SelectMany(row => row.Finished.Values).Any(run => run.Result!.Synthetic);

    // ViT-B/16 on Kinetics-400 is what most of them published.
    private static PublishedAccuracy? For(string method) => PublishedAccuracy.All.FirstOrDefault(row => row.Method.Name == method);

    private static string Text(double? value, string format) => value is double number ? number.ToString(format, CultureInfo.InvariantCulture) : "";
}
