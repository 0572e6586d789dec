using System.Globalization;
using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.Reporting;

/// <summary>Sweeps as tables.</summary>
public static class SweepTables
{
    /// <summary>What every table of results says about its numbers.</summary>
    public const string HowToRead = "mean ± standard deviation over seeds; differences in points, paired by seed, with the 95 % interval of their mean (Student's t, each row for itself; no seed is taken to be surer than one test clip); \"within noise\": that interval holds zero, or fewer than 6 test clips make the difference";

    /// <summary>Results of a sweep on one kind of data, as far as they are there.</summary>
    /// <param name="results">The sweep.</param>
    /// <param name="data">The kind of data.</param>
    public static ResultTable Results(SweepResults results, string data)
    {
        ArgumentNullException.ThrowIfNull(results);
        SweepRow[] rows = [.. results.Rows.Where(row => row.Data == data)];
        string baseline = BaselineName(results.Sweep);
        string[] accuracies = [.. Metrics(results, data).Select(metric => metric.Key)];
        return new ResultTable
        {
            Caption = $"{results.Sweep.Question} {SweepData.Named(data).Name}, size {Size(results)}; {HowToRead}. {results.Sweep.Note}".Trim(),
            Synthetic = rows.SelectMany(row => row.Finished.Values).Any(run => run.Result!.Synthetic),
            Columns =
            [
                .. results.Sweep.AxisNames().Select(axis => new TableColumn(axis, TextAlignment.Left)),
                new("seeds"),
                .. accuracies.SelectMany(metric => (TableColumn[])[new(MetricName(metric)), new($"95 % interval"), new($"to {baseline}")]),
                new("trained values"),
                new("training, s"),
                new("memory, MB"),
            ],
            Rows = [.. rows.Select(row => (IReadOnlyList<string>)
            [
                .. row.Values,
                SeedsOf(row),
                .. accuracies.SelectMany(metric => Accuracy(results, row, metric)),
                Mean(row, run => run.Result!.TrainedParameters, "N0"),
                Mean(row, run => run.Result!.TrainingSeconds, "N0"),
                Mean(row, run => run.Result!.PeakMemoryBytes / 1e6, "N0"),
            ])],
        }.Validated();
    }

    /// <summary>How far a sweep is: by row, what its runs are doing.</summary>
    /// <param name="results">The sweep.</param>
    /// <param name="tasks">What SLURM does with its runs, by the name of their folders; null where it is not on SLURM.</param>
    public static ResultTable Status(SweepResults results, IReadOnlyDictionary<string, SlurmTask>? tasks = null)
    {
        ArgumentNullException.ThrowIfNull(results);
        return new ResultTable
        {
            Caption = $"{results.Sweep.Name}, size {Size(results)}: {results.Done} of {results.Total} runs finished",
            Synthetic = results.Sweep.Recipe is null,
            Columns =
            [
                new("data", TextAlignment.Left), .. results.Sweep.AxisNames().Select(axis => new TableColumn(axis, TextAlignment.Left)),
                new("finished"), new("now", TextAlignment.Left), new("top-1 so far"),
            ],
            Rows = [.. results.Rows.Select(row => (IReadOnlyList<string>)
            [
                SweepData.Named(row.Data).Name,
                .. row.Values,
                $"{row.Finished.Count} of {row.Seeds.Count}",
                string.Join(", ", row.Seeds.Where(seed => seed.Stored?.State != RunState.Finished).Select(seed => (seed.Run.Seed, Now: Now(seed.Stored, tasks?.GetValueOrDefault(seed.Run.Run)))).Where(seed => seed.Now.Length > 0).Select(seed => $"seed {seed.Seed} {seed.Now}")),
                row.Numbers("top1") is { Count: > 0 } numbers ? Spread.Of([.. numbers.Values]).ToString() : "",
            ])],
        }.Validated();
    }

    /// <summary>What is left of a sweep and how long that takes, by the runs that are finished.</summary>
    /// <param name="results">The sweep.</param>
    public static string Left(SweepResults results)
    {
        ArgumentNullException.ThrowIfNull(results);
        int left = results.Total - results.Done;
        double[] seconds = [.. results.Rows.SelectMany(row => row.Finished.Values).DistinctBy(run => run.Name).Select(run => run.Result!.WallSeconds ?? run.Result.TrainingSeconds)];
        if (left == 0 || seconds.Length == 0)
            return $"{results.Done} of {results.Total} runs are finished.";
        double mean = seconds.Average(), hours = left * mean / 3600;
        return string.Create(CultureInfo.InvariantCulture, $"{results.Done} of {results.Total} runs are finished; at {mean:0} s a run, their mean, the other {left} take {hours:0.0} h one after another, {hours / 2:0.0} h in two processes.");
    }

    /// <summary>A sweep's accuracies on one kind of data as bars: a group a row that has a finished run.</summary>
    /// <param name="results">The sweep.</param>
    /// <param name="data">The kind of data.</param>
    public static GroupedResults Bars(SweepResults results, string data)
    {
        ArgumentNullException.ThrowIfNull(results);
        SweepRow[] rows = [.. results.Rows.Where(row => row.Data == data && row.Finished.Count > 0)];
        if (rows.Length == 0)
            throw new ArgumentException($"No run of '{results.Sweep.Name}' on '{data}' is finished. lab sweep does them.", nameof(results));
        return new GroupedResults
        {
            Title = results.Sweep.Question,
            Note = $"{SweepData.Named(data).Name}, size {Size(results)}; {(rows.Any(row => row.Finished.Count > 1) ? "bars: 95 % interval of the mean over seeds" : "one seed")}",
            Synthetic = rows.SelectMany(row => row.Finished.Values).Any(run => run.Result!.Synthetic),
            ValueName = "accuracy",
            Groups = [.. rows.Select(row => string.Join(", ", row.Values))],
            Series = [.. Metrics(results, data).Select(metric =>
            {
                Spread[] spreads = [.. rows.Select(row => row.Numbers(metric.Key) is { Count: > 0 } numbers ? Spread.Of([.. numbers.Values], row.Clips(metric.Key)) : new Spread(double.NaN, double.NaN, 0))];
                return new ResultSeries(metric.Value, [.. spreads.Select(spread => spread.Mean)], [.. spreads.Select(spread => spread.HalfWidth95)]);
            })],
        };
    }

    /// <summary>Every sweep of a store.</summary>
    /// <param name="store">Where it is, for the caption.</param>
    /// <param name="sweeps">The sweeps.</param>
    public static ResultTable List(string store, IReadOnlyList<SweepResults> sweeps)
    {
        ArgumentNullException.ThrowIfNull(sweeps);
        return new ResultTable
        {
            Caption = $"Sweeps in {store}",
            Synthetic = false,
            Columns = [new("sweep", TextAlignment.Left), new("size", TextAlignment.Left), new("seeds"), new("finished"), new("question", TextAlignment.Left)],
            Rows = [.. sweeps.Select(sweep => (IReadOnlyList<string>)
                [sweep.Sweep.Name, Size(sweep), $"{sweep.Record.Seeds}", $"{sweep.Done} of {sweep.Total}", sweep.Sweep.Question])],
        };
    }

    /// <summary>The sweeps that the lab brings.</summary>
    public static ResultTable Definitions() => new()
    {
        Caption = "Sweeps of the lab",
        Synthetic = false,
        Columns = [new("sweep", TextAlignment.Left), new("rows"), new("axes", TextAlignment.Left), new("question", TextAlignment.Left)],
        Rows = [.. SweepDefinition.Names().Select(name => SweepFitting.OnOwnData(SweepDefinition.Open(name))).Select(sweep => (IReadOnlyList<string>)
        [
            sweep.Name,
            $"{sweep.AxisNames().Aggregate(1, (rows, axis) => rows * sweep.Values(axis).Count)}",
            string.Join(" × ", sweep.AxisNames()),
            sweep.Question,
        ])],
    };

    /// <summary>Accuracies that the results on a kind of data have, with their names.</summary>
    internal static IReadOnlyList<KeyValuePair<string, string>> Metrics(SweepResults results, string data)
    {
        StoredRun? any = results.Rows.Where(row => row.Data == data).SelectMany(row => row.Finished.Values).FirstOrDefault();
        string[] main = ["top1", "pair"];
        return [.. main.Where(metric => any?.Result?.Evaluation.Summary().ContainsKey(metric) ?? metric == "top1").Select(metric => KeyValuePair.Create(metric, MetricName(metric)))];
    }

    /// <summary>What rows are compared with, in words.</summary>
    internal static string BaselineName(SweepDefinition sweep) => string.Join(", ", sweep.AxisNames().Where(sweep.Baseline.ContainsKey).Select(axis => sweep.Baseline[axis]));

    /// <summary>The size in words.</summary>
    internal static string Size(SweepResults results) =>
        results.Sweep.Recipe is not null && results.Record.Size != MicroSize.Quick ? "whole" : SweepRecord.Word(results.Record.Size);

    internal static string MetricName(string metric) => metric switch { "top1" => "top-1", "pair" => "pair accuracy", _ => metric };

    private static string SeedsOf(SweepRow row)
    {
        int damaged = row.Seeds.Count(seed => seed.Stored?.State == RunState.Damaged);
        string finished = row.Finished.Count == row.Seeds.Count ? $"{row.Seeds.Count}" : row.Finished.Count > 0 ? $"{row.Finished.Count} of {row.Seeds.Count}" : damaged > 0 ? "" : "not run";
        return damaged == 0 ? finished : $"{finished}{(finished.Length > 0 ? ", " : "")}{damaged} damaged";
    }

    private static string[] Accuracy(SweepResults results, SweepRow row, string metric)
    {
        IReadOnlyDictionary<int, double> numbers = row.Numbers(metric);
        if (numbers.Count == 0)
            return ["", "", ""];
        Spread spread = Spread.Of([.. numbers.Values], row.Clips(metric));
        SweepRow? baseline = results.BaselineOf(row);
        string difference = baseline is null ? "" : ReferenceEquals(baseline, row) ? "baseline" : PairedDifference.Of(numbers, baseline.Numbers(metric), row.Clips(metric))?.ToString() ?? "";
        string interval = double.IsNaN(spread.HalfWidth95) ? "" : string.Create(CultureInfo.InvariantCulture, $"{100 * (spread.Mean - spread.HalfWidth95):0.0} to {100 * (spread.Mean + spread.HalfWidth95):0.0}");
        return [spread.ToString(), interval, difference];
    }

    private static string Mean(SweepRow row, Func<StoredRun, double?> number, string format)
    {
        double[] values = [.. row.Finished.Values.Select(number).OfType<double>()];
        return values.Length == 0 ? "" : values.Average().ToString(format, CultureInfo.InvariantCulture);
    }

    private static string Now(StoredRun? run, SlurmTask? task)
    {
        string epoch = run?.Options is { } options ? $"epoch {run.Epochs + 1} of {options.Training.Epochs}" : "";
        string state = run?.State switch
        {
            null => "",
            RunState.Running => epoch,
            RunState.Elsewhere => $"{epoch} on {run.Owner?.Host ?? "another machine"}".TrimStart(),
            RunState.Interrupted => $"stopped in {epoch}",
            _ => "damaged",
        };
        return task is null ? state : $"{state}{(state.Length > 0 ? "; " : "")}SLURM {task}";
    }
}
