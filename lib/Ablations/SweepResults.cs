namespace ZeroI2V.Lab.Ablations;

/// <summary>One row of a sweep on one kind of data.</summary>
/// <param name="Data">The kind of data.</param>
/// <param name="Values">Its value on every axis.</param>
/// <param name="Seeds">Its runs by seed; null for one that was not begun.</param>
public sealed record SweepRow(string Data, IReadOnlyList<string> Values, IReadOnlyList<(RecordedRun Run, StoredRun? Stored)> Seeds)
{
    /// <summary>Its finished runs by seed.</summary>
    public IReadOnlyDictionary<int, StoredRun> Finished { get; } =
        Seeds.Where(seed => seed.Stored?.State == RunState.Finished).ToDictionary(seed => seed.Run.Seed, seed => seed.Stored!);

    /// <summary>A number of its finished runs, by seed; without seeds that lack it.</summary>
    /// <param name="metric">As <see cref="Evaluation.EvaluationResult.Summary"/> names it: top1, pair, cyclic.pair.</param>
    public IReadOnlyDictionary<int, double> Numbers(string metric) => Finished
        .Select(run => (run.Key, Numbers: run.Value.Result!.Evaluation.Summary()))
        .Where(run => run.Numbers.ContainsKey(metric))
        .ToDictionary(run => run.Key, run => run.Numbers[metric]);

    /// <summary>How many test clips a number is a share of; null where no finished run has it.</summary>
    /// <param name="metric">As of <see cref="Numbers"/>.</param>
    public int? Clips(string metric) => Finished.Values.Select(run => run.Result!.Evaluation.ClipsOf(metric)).FirstOrDefault(clips => clips is not null);
}

/// <summary>What a sweep has come to so far.</summary>
/// <param name="Record">The sweep.</param>
/// <param name="Sweep">Its definition.</param>
/// <param name="Rows">Its rows: by data, then in the order of the definition.</param>
public sealed record SweepResults(SweepRecord Record, SweepDefinition Sweep, IReadOnlyList<SweepRow> Rows)
{
    /// <summary>Runs that are finished.</summary>
    public int Done => Rows.Sum(row => row.Finished.Count);

    /// <summary>All runs.</summary>
    public int Total => Rows.Sum(row => row.Seeds.Count);

    /// <summary>Reads the runs of a sweep whose record need not be kept.</summary>
    /// <param name="store">The store.</param>
    /// <param name="plan">The sweep.</param>
    public static SweepResults Of(RunStore store, SweepPlan plan) => Read(store, SweepRecord.Of(plan));

    /// <summary>Reads the runs of a sweep.</summary>
    /// <param name="store">The store.</param>
    /// <param name="record">The sweep.</param>
    public static SweepResults Read(RunStore store, SweepRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return new SweepResults(
            record,
            record.Sweep(),
            [.. record.Read(store)
                .GroupBy(run => (run.Run.Data, Values: string.Join('\n', run.Run.Values)))
                .Select(row => new SweepRow(row.Key.Data, row.First().Run.Values, [.. row.OrderBy(run => run.Run.Seed)]))]);
    }

    /// <summary>The row that a row is compared with; null where that is not in this size.</summary>
    /// <param name="row">The row.</param>
    public SweepRow? BaselineOf(SweepRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        IReadOnlyList<string> axes = Sweep.AxisNames();
        string[] wanted = [.. row.Values.Select((value, i) => Sweep.Baseline.TryGetValue(axes[i], out string? baseline) ? baseline : value)];
        return Rows.FirstOrDefault(other => other.Data == row.Data && other.Values.SequenceEqual(wanted));
    }
}
