using System.Globalization;
using System.Text.Json.Nodes;
using ZeroI2V.Lab.Evaluation;

namespace ZeroI2V.Lab.Ablations;

/// <summary>How a row of a sweep is searched for.</summary>
public sealed record RowSearchOptions
{
    /// <summary>Epochs of the first round as a share of the sweep's.</summary>
    public double FirstRound { get; init; } = 0.125;

    /// <summary>Rows that stay from one round to the next, as a share; each round has as many times more epochs.</summary>
    public double Keep { get; init; } = 0.5;

    /// <summary>Share of the training clips that rows are judged by. Test clips are not looked at.</summary>
    public double HoldOut { get; init; } = 0.2;

    /// <summary>Seeds of every round.</summary>
    public int Seeds { get; init; } = 1;

    /// <summary>Checks every value.</summary>
    /// <returns>This record.</returns>
    /// <exception cref="ArgumentException">The message names the value.</exception>
    public RowSearchOptions Validate()
    {
        Require(FirstRound is > 0 and < 1, nameof(FirstRound), "above 0 and below 1", FirstRound);
        Require(Keep is > 0 and < 1, nameof(Keep), "above 0 and below 1", Keep);
        Require(HoldOut is > 0 and < 1, nameof(HoldOut), "above 0 and below 1", HoldOut);
        Require(Seeds is >= 1 and <= SweepPlan.MostSeeds, nameof(Seeds), $"1 to {SweepPlan.MostSeeds}", Seeds);
        return this;

        static void Require(bool holds, string name, string expected, double found)
        {
            if (!holds)
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{name} is {found}; expected {expected}."));
        }
    }
}

/// <summary>A row in one round of a search.</summary>
/// <param name="Values">Its value on every axis.</param>
/// <param name="Accuracy">Top-1 on the held-out clips, mean over seeds; null where a run failed.</param>
public sealed record SearchedRow(IReadOnlyList<string> Values, double? Accuracy);

/// <summary>One round of a search.</summary>
/// <param name="Epochs">Epochs that every row was trained for.</param>
/// <param name="Rows">The rows that were in it, the best first.</param>
public sealed record SearchRound(int Epochs, IReadOnlyList<SearchedRow> Rows);

/// <summary>What a search came to.</summary>
/// <param name="Data">The kind of data.</param>
/// <param name="Rounds">Its rounds.</param>
/// <param name="Chosen">The row that it chose.</param>
/// <param name="Spent">Clips that were trained on, all passes counted.</param>
/// <param name="FullSweep">The same number of the full sweep.</param>
/// <param name="FullSweepSeeds">Seeds of that sweep.</param>
public sealed record RowSearchResult(string Data, IReadOnlyList<SearchRound> Rounds, IReadOnlyList<string> Chosen, long Spent, long FullSweep, int FullSweepSeeds)
{
    /// <summary>The cost as a share of the full sweep's.</summary>
    public double Share => (double)Spent / FullSweep;
}

/// <summary>
/// Finds the row of a sweep that is best for a kind of data without training every row to its end: successive halving (Jamieson,
/// Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter Optimization", AISTATS 2016). Every row is trained
/// briefly, with a whole learning rate schedule of that length; the better half goes on for twice as long, until one is left.
/// Rows are judged by held-out training clips. Every training is a run in the store: reused, resumed, shared among processes.
/// </summary>
public static class RowSearch
{
    /// <summary>Searches.</summary>
    /// <param name="full">The full sweep: its rows are the candidates, and the cost is compared with its.</param>
    /// <param name="data">The kind of data.</param>
    /// <param name="source">Image model and data.</param>
    /// <param name="store">Where runs are kept.</param>
    /// <param name="options">How it searches.</param>
    /// <param name="run">Does the runs of a round; false ends the search. Rows whose runs it leaves without result fall out.</param>
    /// <returns>What it chose, and at what cost; null where it was ended.</returns>
    /// <exception cref="ArgumentException">The sweep has no such data.</exception>
    /// <exception cref="InvalidOperationException">Every run of a round failed.</exception>
    public static RowSearchResult? TryFind(
        SweepPlan full, string data, SweepSource source, RunStore store, RowSearchOptions options, Func<IReadOnlyList<SweepRun>, bool> run)
    {
        ArgumentNullException.ThrowIfNull(full);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(run);
        options.Validate();
        SweepDefinition definition = full.Definition;
        SweepRun[] rows = [.. full.Runs.Where(other => other.Data == data).DistinctBy(other => string.Join('\n', other.Values))];
        if (rows.Length == 0)
            throw new ArgumentException($"The sweep '{definition.Name}' has no rows on '{data}'; its data are {string.Join(", ", definition.Data)}.", nameof(data));
        int clips = source.Listed(data).Train.List.Clips.Count;
        long fullCost = full.Runs.Where(other => other.Data == data).Sum(other => Cost(other, clips));
        var rounds = new List<SearchRound>();
        // Rounds of as many epochs, where those are few, are the same runs.
        var paid = new HashSet<string>();
        long spent = 0;
        double share = options.FirstRound;
        while (rows.Length > 1)
        {
            SweepRun[][] trained = [.. rows.Select(row => Enumerable.Range(0, options.Seeds).Select(seed => Brief(full, row, source, store, options, share, seed)).ToArray())];
            SweepRun[] all = [.. trained.SelectMany(row => row)];
            if (!run(all))
                return null;
            spent += all.Where(other => paid.Add(other.Folder)).Sum(other => Cost(other, (int)(clips * (1 - options.HoldOut))));
            (SweepRun Row, double? Accuracy)[] ranked = [.. rows
                .Select((row, i) => (row, Accuracy(trained[i])))
                // Equal rows stay in the order of the definition.
                .OrderByDescending(row => row.Item2 ?? -1)];
            rounds.Add(new SearchRound(all.Max(other => other.Options.Training.Epochs), [.. ranked.Select(row => new SearchedRow(row.Row.Values, row.Accuracy))]));
            if (ranked[0].Accuracy is null)
                throw new InvalidOperationException($"Every run of a round of the search in '{definition.Name}' failed; what is wrong stands above.");
            rows = [.. ranked.Take(Math.Max(1, Math.Min(rows.Length - 1, (int)Math.Round(rows.Length * options.Keep)))).Where(row => row.Accuracy is not null).Select(row => row.Row)];
            share = Math.Min(1, share / options.Keep);
        }
        return new RowSearchResult(data, rounds, rows[0].Values, spent, fullCost, full.Seeds);
    }

    private static SweepRun Brief(SweepPlan full, SweepRun row, SweepSource source, RunStore store, RowSearchOptions options, double share, int seed)
    {
        int epochs = Math.Max(1, (int)Math.Round(share * row.Options.Training.Epochs));
        double warmUp = row.Options.Training.WarmUpEpochs * epochs / row.Options.Training.Epochs;
        RunSettings settings = RunSettings.Of(
        [
            .. SweepPlan.Row(full.Definition, full.Size, row.Values),
            new JsonObject { ["holdOut"] = options.HoldOut, ["training.epochs"] = epochs, ["training.warmUpEpochs"] = warmUp },
        ]);
        VideoRunOptions run = settings.Run(source, row.Data, seed);
        (run, string folder) = store.FinishedOr(run);
        return new SweepRun(row.Data, row.Values, seed, settings, $"search in {full.Definition.Name}: {string.Join(", ", row.Values)}, {SweepData.Named(row.Data).Name}, {epochs} epochs, seed {seed}", run, folder);
    }

    private static double? Accuracy(SweepRun[] seeds)
    {
        StoredRun[] stored = [.. seeds.Where(run => Directory.Exists(run.Folder)).Select(run => StoredRun.Read(run.Folder)).Where(run => run.State == RunState.Finished)];
        return stored.Length < seeds.Length ? null : stored.Average(run => run.Result!.Evaluation.Overall.Top1);
    }

    private static long Cost(SweepRun run, int clips) =>
        (long)run.Options.Training.Epochs * (run.Settings.Shots is int shots ? (long)shots * run.Options.Recognizer.Classes : clips);
}
