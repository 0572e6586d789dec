using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.Ablations;

/// <summary>A sweep as notebooks ask for it: what the store has of it is read, and the rest trained only where that is asked for.</summary>
/// <param name="Name">A sweep of the lab, or the path of a JSON file.</param>
/// <param name="Size">Its size.</param>
public sealed record SweepCall(string Name, MicroSize Size)
{
    /// <summary>How many seeds.</summary>
    public int Seeds { get; init; } = 3;

    /// <summary>Epochs of every run; 0 for those of the sweep. With other epochs it is a sweep of its own.</summary>
    public int Epochs { get; init; }

    /// <summary>Kinds of the lab's own data; none for all of the sweep. On a public data set they say nothing.</summary>
    public IReadOnlyList<string> Kinds { get; init; } = [];

    /// <summary>A public data set in place of the lab's own data (<see cref="DataSetChoice.DataSet"/>); "" for those.</summary>
    public string DataSet { get; init; } = "";

    /// <summary>For a public data set: the image model's file.</summary>
    public string ImageModel { get; init; } = "";

    /// <summary>For a public data set: the recipe of its manifest; "" for the first.</summary>
    public string Recipe { get; init; } = "";

    /// <summary>For a public data set: what differs from the recipe, such as <c>training.epochs=10</c>.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>The folder in which <c>data</c>, <c>models</c> and <c>runs</c> are.</summary>
    public string Folder { get; init; } = ".";

    /// <summary>Reads what is finished and, if that is asked for, trains the rest in this process, on one core, as <c>lab sweep</c> does.</summary>
    /// <param name="train">Whether to train what is missing; else it stays open.</param>
    /// <param name="told">Told of finished runs, all runs, and what is being done.</param>
    /// <param name="cancellationToken">Stops it; a later call goes on from there.</param>
    /// <returns>The results, as far as they are there.</returns>
    public SweepResults Do(bool train, Action<int, int, string>? told = null, CancellationToken cancellationToken = default)
    {
        (SweepPlan plan, SweepSource source, RunStore store) = Plan(cancellationToken);
        SweepRecord record = SweepRecord.Keep(store, plan);
        if (train)
            Train(plan.Runs, source, told, cancellationToken);
        SweepResults results = SweepResults.Read(store, record);
        told?.Invoke(results.Done, results.Total, "");
        return results;
    }

    /// <summary>Searches for the best row of a kind of data (<see cref="RowSearch"/>), the full sweep of this size and these seeds being what its cost is compared with.</summary>
    /// <param name="kind">The kind of data.</param>
    /// <param name="options">How it searches.</param>
    /// <param name="train">Whether to train what is missing.</param>
    /// <param name="told">Told of finished runs, runs of the round, and what is being done.</param>
    /// <param name="cancellationToken">Stops it; a later call goes on from there.</param>
    /// <returns>What it came to; null where runs are missing and are not to be trained.</returns>
    public RowSearchResult? Search(string kind, RowSearchOptions options, bool train, Action<int, int, string>? told = null, CancellationToken cancellationToken = default)
    {
        (SweepPlan plan, SweepSource source, RunStore store) = Plan(cancellationToken);
        return RowSearch.TryFind(plan, kind, source, store, options, runs =>
        {
            if (train)
                Train(runs, source, told, cancellationToken);
            return train || runs.All(run => new RunFolder(run.Folder).HasResult);
        });
    }

    /// <summary>How much the frozen image model needs each head for a kind of data.</summary>
    /// <param name="kind">The kind of data.</param>
    public HeadImportance Importance(string kind) => Source(default).Importance(kind);

    private (SweepPlan Plan, SweepSource Source, RunStore Store) Plan(CancellationToken cancellationToken)
    {
        RunStore store = Store;
        SweepSource source = Source(cancellationToken);
        return (SweepPlan.Make(source.Narrowed(SweepDefinition.Open(Name), Epochs, source.DataSet is null ? Kinds : []), Size, Seeds, source, store), source, store);
    }

    private RunStore Store => new(Path.Combine(Folder, "runs"));

    private SweepSource Source(CancellationToken cancellationToken)
    {
        string data = Path.Combine(Folder, "data");
        return DataSetChoice.Of(DataSet, ImageModel, Recipe, Settings) is { } set
            ? SweepSource.Of(set, Size, data, Store)
            : SweepSource.Ensure(Size, data, Path.Combine(Folder, "models"), cancellationToken: cancellationToken);
    }

    private static void Train(IReadOnlyList<SweepRun> wanted, SweepSource source, Action<int, int, string>? told, CancellationToken cancellationToken)
    {
        SweepRun[] runs = [.. wanted.DistinctBy(run => run.Folder)];
        int ended = 0;
        var progress = new ImmediateProgress<QueueProgress>(p =>
        {
            if (p.Ended is not null)
                ended++;
            string now = p is { Run: { } run, Training: { } training } ? $"{run.Title}: {training.InWords()}" : "";
            told?.Invoke(ended, runs.Length, now);
        });
        QueueResult[] failed = [.. source.Execute(runs, progress, cancellationToken: cancellationToken).Where(result => result.Failure is not null)];
        if (failed.Length > 0)
            throw new InvalidOperationException($"{failed.Length} of {runs.Length} runs could not be done; the first, {failed[0].Run.Title}: {failed[0].Failure!.Message}", failed[0].Failure);
    }
}
