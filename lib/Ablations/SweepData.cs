using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.Ablations;

/// <summary>A kind of data that sweeps train on.</summary>
/// <param name="Key">Its name in definitions and commands.</param>
/// <param name="Name">Its name in tables.</param>
/// <param name="Ensure">Its lists in a size, made where they are missing.</param>
public sealed record SweepData(string Key, string Name, Func<string, MicroSize, IProgress<MicroProgress>?, CancellationToken, MicroSplits> Ensure)
{
    /// <summary>Synthetic clips that differ only in what happens over time.</summary>
    public static SweepData MicroSsv2 { get; } = new("micro-ssv2", "MicroSSv2", VideoData.MicroWorld.MicroSsv2.Ensure);

    /// <summary>Synthetic clips told apart by what is seen, with motion as a distractor.</summary>
    public static SweepData MicroK400 { get; } = new("micro-k400", "MicroK400", VideoData.MicroWorld.MicroK400.Ensure);

    /// <summary>All kinds.</summary>
    public static IReadOnlyList<SweepData> All { get; } = [MicroSsv2, MicroK400];

    /// <summary>The kind of a name.</summary>
    /// <param name="key">Such as <c>micro-ssv2</c>.</param>
    /// <exception cref="ArgumentException">There is no such kind; the message lists all.</exception>
    public static SweepData Named(string key) => All.FirstOrDefault(data => data.Key == key)
        ?? throw new ArgumentException($"There is no kind of data '{key}'; choose one of {string.Join(", ", All.Select(data => data.Key))}.", nameof(key));
}
