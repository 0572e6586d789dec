using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.Training;

namespace ZeroI2V.Lab.Reporting;

/// <summary>The runs of a store as tables.</summary>
public static class RunTables
{
    /// <summary>Every run with its state and main numbers.</summary>
    /// <param name="store">Where the runs are, for the caption.</param>
    /// <param name="runs">The runs.</param>
    public static ResultTable List(string store, IReadOnlyList<StoredRun> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return new ResultTable
        {
            Caption = $"{runs.Count} runs in {store}",
            Synthetic = runs.Any(run => run.Result?.Synthetic == true),
            Columns =
            [
                new("run", TextAlignment.Left), new("data", TextAlignment.Left), new("state", TextAlignment.Left), new("epochs"), new("top-1"),
                new("pair accuracy"), new("training, s"), new("ended (UTC)"),
            ],
            Rows = [.. runs.Select(run => (IReadOnlyList<string>)
            [
                run.Name,
                run.Options?.Data.Split(" / ")[0] ?? "",
                State(run),
                run.Options is { } options ? $"{run.Epochs}/{options.Training.Epochs}" : "",
                ReportText.Percent(run.Result?.Evaluation.Overall.Top1 ?? double.NaN),
                ReportText.Percent(run.Result?.Evaluation.Overall.PairAccuracy ?? double.NaN),
                run.Result?.TrainingSeconds.ToString("0", CultureInfo.InvariantCulture) ?? "",
                run.Result?.Finished.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "",
            ])],
        };
    }

    /// <summary>Everything that is known of how a run was made.</summary>
    /// <param name="run">The run.</param>
    public static ResultTable Show(StoredRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        Surroundings? by = run.Result?.Surroundings;
        var rows = new List<IReadOnlyList<string>>
        {
            (string[])["folder", run.Path],
            (string[])["state", State(run)],
        };
        if (run.Problem is string problem)
            rows.Add(["problem", problem]);
        if (run.Options is { } options)
        {
            rows.Add(["data", options.Data]);
            rows.Add(["hash of data", options.DataSha256]);
            rows.Add(["hash of image model", options.ImageModelSha256]);
            rows.Add(["seed", options.Training.Seed.ToString(CultureInfo.InvariantCulture)]);
            rows.Add(["heads", options.Recognizer.Heads.ToString()]);
        }
        if (run.Result is { } result)
        {
            rows.Add(["trained values", result.TrainedParameters.ToString("N0", CultureInfo.InvariantCulture)]);
            rows.Add(["seconds of training", result.TrainingSeconds.ToString("0.0", CultureInfo.InvariantCulture)]);
            rows.Add(["seconds in all", result.WallSeconds?.ToString("0.0", CultureInfo.InvariantCulture) ?? "not kept"]);
            rows.Add(["parts", result.Parts?.ToString(CultureInfo.InvariantCulture) ?? "not kept"]);
            rows.Add(["peak memory, MB", result.PeakMemoryBytes is long bytes ? (bytes / 1e6).ToString("0", CultureInfo.InvariantCulture) : "not kept"]);
        }
        if (run.Owner is { } owner)
            rows.Add(["last worked on by", owner.ToString()]);
        if (by is not null)
        {
            rows.Add(["commit", by.Commit is null ? "none" : by.Commit + (by.UncommittedChanges == true ? " with uncommitted changes" : "")]);
            rows.AddRange(by.Versions.Select(v => (IReadOnlyList<string>)[v.Key, v.Value]));
            rows.AddRange(by.Machine.Select(m => (IReadOnlyList<string>)[m.Key, m.Value]));
        }
        return new ResultTable
        {
            Caption = run.Name,
            Synthetic = run.Result?.Synthetic == true,
            Columns = [new("", TextAlignment.Left), new("", TextAlignment.Left)],
            Rows = rows,
        };
    }

    /// <summary>Two runs: the options in which they differ, then their numbers.</summary>
    /// <param name="first">One run.</param>
    /// <param name="second">The other.</param>
    /// <exception cref="ArgumentException">The options of one cannot be read.</exception>
    public static ResultTable Compare(StoredRun first, StoredRun second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        var rows = new List<IReadOnlyList<string>>();
        rows.AddRange(RunJson.Differences(Options(first), Options(second)).Select(d => (IReadOnlyList<string>)[d.Place, d.First, d.Second, ""]));
        if (first.Result is { } a && second.Result is { } b)
        {
            IReadOnlyDictionary<string, double> x = a.Evaluation.Summary(), y = b.Evaluation.Summary();
            rows.AddRange(x.Where(number => y.ContainsKey(number.Key)).Select(number => (IReadOnlyList<string>)
            [
                number.Key, ReportText.Percent(number.Value), ReportText.Percent(y[number.Key]),
                string.Create(CultureInfo.InvariantCulture, $"{100 * (y[number.Key] - number.Value):+0.0;−0.0;0.0}"),
            ]));
            rows.Add(["trained values", a.TrainedParameters.ToString("N0", CultureInfo.InvariantCulture), b.TrainedParameters.ToString("N0", CultureInfo.InvariantCulture), ""]);
        }
        return new ResultTable
        {
            Caption = "Two runs: options that differ, results",
            Synthetic = first.Result?.Synthetic == true || second.Result?.Synthetic == true,
            Columns = [new("", TextAlignment.Left), new(first.Name), new(second.Name), new("difference, points")],
            Rows = rows,
        };
    }

    private static string State(StoredRun run) => run.State switch
    {
        RunState.Finished => "finished",
        RunState.Running => "running",
        RunState.Elsewhere => $"held by {run.Owner?.Host ?? "an unknown process"}",
        RunState.Interrupted => "interrupted",
        _ => "damaged",
    };

    private static JsonNode Options(StoredRun run) => run.Options is { } options
        ? JsonSerializer.SerializeToNode(options, RunJson.Options)!
        : throw new ArgumentException($"The options of '{run.Name}' cannot be read{(run.Problem is null ? "" : $": {run.Problem}")}");
}
