using System.Text.Json.Nodes;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.Ablations;

/// <summary>One run of a sweep.</summary>
/// <param name="Data">Its kind of data.</param>
/// <param name="Values">Its value on every axis, in the order of the axes.</param>
/// <param name="Seed">Its seed.</param>
/// <param name="Settings">What its row sets.</param>
/// <param name="Title">What it is called in messages.</param>
/// <param name="Options">The run.</param>
/// <param name="Folder">Its folder.</param>
public sealed record SweepRun(string Data, IReadOnlyList<string> Values, int Seed, RunSettings Settings, string Title, VideoRunOptions Options, string Folder)
    : QueuedRun(Title, Options, Folder);

/// <summary>A sweep in one size, written out as runs.</summary>
/// <param name="Definition">The sweep.</param>
/// <param name="Size">Its size.</param>
/// <param name="Seeds">How many seeds, from 0.</param>
/// <param name="Runs">Every run: by data, row and seed. Runs with the same options are one folder.</param>
public sealed record SweepPlan(SweepDefinition Definition, MicroSize Size, int Seeds, IReadOnlyList<SweepRun> Runs)
{
    /// <summary>Most seeds that a sweep takes.</summary>
    public const int MostSeeds = 100;

    /// <summary>Writes a sweep out.</summary>
    /// <param name="definition">The sweep.</param>
    /// <param name="size">Its size.</param>
    /// <param name="seeds">How many seeds.</param>
    /// <param name="source">Image model and data.</param>
    /// <param name="store">Where runs are kept.</param>
    /// <exception cref="ArgumentException">A row's options do not fit; the message names the row.</exception>
    public static SweepPlan Make(SweepDefinition definition, MicroSize size, int seeds, SweepSource source, RunStore store)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(store);
        if (seeds is < 1 or > MostSeeds)
            throw new ArgumentException($"A sweep needs 1 to {MostSeeds} seeds; found {seeds}.", nameof(seeds));
        definition = source.Fit(definition);
        var runs = new List<SweepRun>();
        foreach (string data in definition.Data)
        {
            foreach ((string[] values, RunSettings settings) in Rows(definition, size))
            {
                for (int seed = 0; seed < seeds; seed++)
                    runs.Add(Run(data, values, settings, seed));
            }
        }
        if (source.DataSet is { Settings.Count: > 0 } set)
            RequireRowsOfTheirOwn(runs, set);
        return new SweepPlan(definition, size, seeds, runs);

        SweepRun Run(string data, string[] values, RunSettings settings, int seed)
        {
            string title = $"{definition.Name}: {string.Join(", ", values)}, {SweepData.Named(data).Name}, seed {seed}";
            try
            {
                VideoRunOptions options = settings.Run(source, data, seed);
                (options, string folder) = store.FinishedOr(options);
                return new SweepRun(data, values, seed, settings, title, options, folder);
            }
            catch (ArgumentException error)
            {
                throw new ArgumentException($"{title}: {error.Message}", error);
            }
        }
    }

    /// <summary>What is given for the whole sweep may be what an axis is about; then nothing would be left of that.</summary>
    private static void RequireRowsOfTheirOwn(IEnumerable<SweepRun> runs, PublicDataSet set)
    {
        // Chosen heads may be the same ones by chance.
        foreach (IGrouping<string, SweepRun> same in runs.Where(run => run.Seed == 0 && run.Settings.HeadChoice == HeadChoice.Lowest).GroupBy(run => run.Folder))
        {
            if (same.Count() > 1)
                throw new ArgumentException($"With the settings {string.Join(", ", set.Settings)}, {string.Join(" and ", same.Select(run => $"'{string.Join(", ", run.Values)}'").Take(2))} are one run. Leave the setting out that the sweep is about.");
        }
    }

    /// <summary>Every row of a definition in a size: the product of its axes, the first axis slowest.</summary>
    internal static IEnumerable<(string[] Values, RunSettings Settings)> Rows(SweepDefinition definition, MicroSize size)
    {
        SweepSize own = Own(definition, size);
        IEnumerable<string[]> rows = [[]];
        foreach (string axis in definition.AxisNames())
        {
            IReadOnlyList<string> values = own.Only.TryGetValue(axis, out IReadOnlyList<string>? only) ? [.. definition.Values(axis).Where(only.Contains)] : definition.Values(axis);
            rows = rows.SelectMany(row => values.Select(value => (string[])[.. row, value]));
        }
        return rows.Select(row => (row, RunSettings.Of(Row(definition, size, row))));
    }

    /// <summary>The settings of one row, later ones win.</summary>
    internal static IEnumerable<JsonObject> Row(SweepDefinition definition, MicroSize size, IReadOnlyList<string> values) =>
        [definition.Settings, .. definition.AxisNames().Select((axis, i) => definition.Axes[axis]![values[i]]!.AsObject()), Own(definition, size).Settings];

    private static SweepSize Own(SweepDefinition definition, MicroSize size) =>
        definition.Sizes.FirstOrDefault(s => s.Key.Equals(size.ToString(), StringComparison.OrdinalIgnoreCase)).Value ?? new SweepSize();
}
