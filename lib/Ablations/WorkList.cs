using System.Text.Json;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.Files;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.Ablations;

/// <summary>One run of a work list.</summary>
/// <param name="Title">What it is called in messages.</param>
/// <param name="Data">Its kind of data, as <see cref="SweepData"/> names it.</param>
/// <param name="Shots">Clips of each class in training; null for all.</param>
/// <param name="HoldOut">Share of the training clips that is tested on instead of the test clips; null for none.</param>
/// <param name="Options">The run.</param>
public sealed record ListedRun(string Title, string Data, int? Shots, double? HoldOut, VideoRunOptions Options);

/// <summary>
/// Runs for another process to do, as a file: with it a worker needs neither the sweep's definition nor what was measured to
/// write the runs out.
/// </summary>
/// <param name="Size">The size of the data.</param>
/// <param name="Data">Folder of the data sets.</param>
/// <param name="Models">Folder of the image models.</param>
/// <param name="Runs">Folder of the run store.</param>
/// <param name="List">The runs, each once.</param>
public sealed record WorkList(MicroSize Size, string Data, string Models, string Runs, IReadOnlyList<ListedRun> List)
{
    /// <summary>The public data set that the runs are on; null for the lab's own data.</summary>
    public DataSetChoice? DataSet { get; init; }

    /// <summary>The device that whoever does the runs computes on, as <c>--device</c> names it.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Runs of a sweep.</summary>
    /// <param name="size">The size of the data.</param>
    /// <param name="runs">The runs; several rows may be one run.</param>
    /// <param name="data">Folder of the data sets.</param>
    /// <param name="models">Folder of the image models.</param>
    /// <param name="store">The run store.</param>
    /// <param name="set">The public data set; null for the lab's own data.</param>
    public static WorkList Of(MicroSize size, IEnumerable<SweepRun> runs, string data, string models, RunStore store, DataSetChoice? set = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new WorkList(
            size, Path.GetFullPath(data), Path.GetFullPath(models), store.Root,
            [.. runs.DistinctBy(run => run.Folder).Select(run => new ListedRun(run.Title, run.Data, run.Settings.Shots, run.Settings.HoldOut, run.Options))])
        {
            DataSet = set is null ? null : set with { ImageModel = Path.GetFullPath(set.ImageModel) },
        };
    }

    /// <summary>The runs as a queue takes them.</summary>
    public IReadOnlyList<SweepRun> Queue()
    {
        var store = new RunStore(Runs);
        return [.. List.Select(run => new SweepRun(
            run.Data, [], run.Options.Training.Seed, new RunSettings { Shots = run.Shots, HoldOut = run.HoldOut }, run.Title, run.Options, store.FinishedOr(run.Options).Folder))];
    }

    /// <summary>Reads a list.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="ArgumentException">It is no such list.</exception>
    public static WorkList Read(string file)
    {
        WorkList list = RunJson.Read<WorkList>(File.ReadAllText(file), file);
        foreach (ListedRun run in list.List)
        {
            SweepData.Named(run.Data);
            run.Options.Validate();
        }
        return list;
    }

    /// <summary>Writes the list.</summary>
    /// <param name="file">The file.</param>
    public void Write(string file) => AtomicFile.WriteText(file, JsonSerializer.Serialize(this, RunJson.Options) + "\n");
}
