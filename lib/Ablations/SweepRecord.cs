using System.Text.Json;
using System.Text.Json.Nodes;
using ZeroI2V.Lab.Files;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.Ablations;

/// <summary>One run as the record of a sweep keeps it.</summary>
/// <param name="Data">Its kind of data.</param>
/// <param name="Values">Its value on every axis.</param>
/// <param name="Seed">Its seed.</param>
/// <param name="Run">The name of its folder.</param>
public sealed record RecordedRun(string Data, IReadOnlyList<string> Values, int Seed, string Run);

/// <summary>
/// What a sweep is made of, <c>runs/sweeps/NAME-SIZE.json</c>: with it state and results are read from the store alone, without
/// data and image model, while the runs are still being done too.
/// </summary>
/// <param name="Definition">The sweep as it was begun.</param>
/// <param name="Size">Its size.</param>
/// <param name="Seeds">How many seeds.</param>
/// <param name="Runs">Every run.</param>
public sealed record SweepRecord(JsonNode Definition, MicroSize Size, int Seeds, IReadOnlyList<RecordedRun> Runs)
{
    private const string FolderName = "sweeps";

    /// <summary>The sweep.</summary>
    public SweepDefinition Sweep() => SweepDefinition.Parse(Definition.ToJsonString(), "the record of a sweep");

    /// <summary>Every sweep that was begun in a store, by name and size.</summary>
    /// <param name="store">The store.</param>
    public static IReadOnlyList<SweepRecord> All(RunStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        string folder = Path.Combine(store.Root, FolderName);
        return !Directory.Exists(folder) ? [] : [.. Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal).Select(Read)];
    }

    /// <summary>The record of a sweep.</summary>
    /// <param name="store">The store.</param>
    /// <param name="name">The sweep's name.</param>
    /// <param name="size">Its size.</param>
    /// <exception cref="ArgumentException">It was not begun there.</exception>
    public static SweepRecord Open(RunStore store, string name, MicroSize size)
    {
        string file = FileOf(store, name, size);
        return File.Exists(file) ? Read(file)
            : throw new ArgumentException($"The sweep '{name}' was not begun in '{store.Root}' in size {Word(size)}. Start it with lab sweep {name} --size {Word(size)}.", nameof(name));
    }

    /// <summary>The record of a sweep, not kept anywhere.</summary>
    /// <param name="plan">The sweep.</param>
    public static SweepRecord Of(SweepPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return new SweepRecord(
            plan.Definition.ToJson(), plan.Size, plan.Seeds, [.. plan.Runs.Select(run => new RecordedRun(run.Data, run.Values, run.Seed, Path.GetFileName(run.Folder)))]);
    }

    /// <summary>Keeps what a sweep is made of.</summary>
    /// <param name="store">The store.</param>
    /// <param name="plan">The sweep.</param>
    /// <param name="replace">Whether another definition under the same name gives way; its runs stay.</param>
    /// <returns>The record: with more seeds than the plan where more were asked for before.</returns>
    /// <exception cref="InvalidOperationException">A sweep of that name has another definition there.</exception>
    public static SweepRecord Keep(RunStore store, SweepPlan plan, bool replace = false)
    {
        ArgumentNullException.ThrowIfNull(plan);
        string file = FileOf(store, plan.Definition.Name, plan.Size);
        SweepRecord record = Of(plan);
        if (File.Exists(file) && !replace)
        {
            SweepRecord found = Read(file);
            IReadOnlyList<(string Place, string First, string Second)> differences = RunJson.Differences(Runs(found), Runs(record));
            if (differences.Count > 0)
            {
                throw new InvalidOperationException(
                    $"A sweep '{plan.Definition.Name}' of size {Word(plan.Size)} was begun with other options: {string.Join("; ", differences.Take(5).Select(d => $"{d.Place} is {d.First} there and {d.Second} here"))}{(differences.Count > 5 ? " …" : "")}. Give this one another name, or --replace to forget the other; no run is lost.");
            }
            // Other data or another image model: what was there is another sweep's table, made anew.
            if (found.Seeds > record.Seeds && record.Runs.All(run => found.Runs.Any(other => other.Run == run.Run)))
                return found;
        }
        AtomicFile.WriteText(file, JsonSerializer.Serialize(record, RunJson.Options) + "\n");
        return record;

        // Words may be put better; what is run may not change.
        static JsonNode Runs(SweepRecord record)
        {
            JsonObject definition = record.Definition.DeepClone().AsObject();
            definition.Remove("question");
            definition.Remove("note");
            return definition;
        }
    }

    /// <summary>Reads every run of the sweep.</summary>
    /// <param name="store">The store.</param>
    /// <returns>The runs in order; null for one that was not begun.</returns>
    public IReadOnlyList<(RecordedRun Run, StoredRun? Stored)> Read(RunStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        var known = new Dictionary<string, StoredRun?>();
        return [.. Runs.Select(run =>
        {
            if (!known.TryGetValue(run.Run, out StoredRun? stored))
                known[run.Run] = stored = store.ReadIfThere(run.Run);
            return (run, stored);
        })];
    }

    private static SweepRecord Read(string file)
    {
        SweepRecord record = RunJson.Read<SweepRecord>(File.ReadAllText(file), file);
        foreach (RecordedRun run in record.Runs)
        {
            // A name, and never a way out of the store.
            if (run.Run.Length == 0 || run.Run.AsSpan().ContainsAny('/', '\\') || run.Run.StartsWith('.'))
                throw new ArgumentException($"'{file}' must name folders of runs; found '{run.Run}'. Start the sweep again with --replace.", nameof(file));
        }
        return record;
    }

    private static string FileOf(RunStore store, string name, MicroSize size) => Path.Combine(store.Root, FolderName, $"{name}-{Word(size)}.json");

    internal static string Word(MicroSize size) => size.ToString().ToLowerInvariant();
}
