using ZeroI2V.Lab.VideoData.DataSets;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.Ablations;

/// <summary>A kind of data that sweeps train on: one that the lab makes, or a public data set.</summary>
/// <param name="Key">Its name in definitions and commands.</param>
/// <param name="Name">Its name in tables.</param>
/// <param name="Ensure">Its lists in a size, made where they are missing; null for a public data set, whose lists are imported.</param>
public sealed record SweepData(string Key, string Name, Func<string, MicroSize, IProgress<MicroProgress>?, CancellationToken, MicroSplits>? Ensure)
{
    private static readonly Lazy<IReadOnlyList<SweepData>> s_public = new(() => [.. DataSetManifest.All().Select(manifest => new SweepData(manifest.Id, manifest.Name, null))]);

    /// <summary>Synthetic clips that differ only in what happens over time.</summary>
    public static SweepData MicroSsv2 { get; } = new("micro-ssv2", "MicroSSv2", VideoData.MicroWorld.MicroSsv2.Ensure);

    /// <summary>Synthetic clips told apart by what is seen, with motion as a distractor.</summary>
    public static SweepData MicroK400 { get; } = new("micro-k400", "MicroK400", VideoData.MicroWorld.MicroK400.Ensure);

    /// <summary>All kinds that the lab makes.</summary>
    public static IReadOnlyList<SweepData> Made { get; } = [MicroSsv2, MicroK400];

    /// <summary>Whether the lab makes it; results on it are synthetic.</summary>
    public bool IsMade => Ensure is not null;

    /// <summary>The kind of a name.</summary>
    /// <param name="key">Such as <c>micro-ssv2</c>, or a public data set such as <c>ssv2</c>.</param>
    /// <exception cref="ArgumentException">There is no such kind; the message lists all.</exception>
    public static SweepData Named(string key) => Made.FirstOrDefault(data => data.Key == key) ?? s_public.Value.FirstOrDefault(data => data.Key == key)
        ?? throw new ArgumentException($"There is no kind of data '{key}'; choose one of {string.Join(", ", Made.Concat(s_public.Value).Select(data => data.Key))}.", nameof(key));
}
