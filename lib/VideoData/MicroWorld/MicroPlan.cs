namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>What a synthetic data set is to hold.</summary>
internal sealed record MicroPlan
{
    /// <summary>Name of the data set, with its size.</summary>
    public required string Name { get; init; }

    /// <summary>Class names; of stills, the names of the targets.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>The batches of each split, in the manifest's order; planned only where something has to be made.</summary>
    public required IReadOnlyList<(string Name, IEnumerable<MicroBatch> Batches)> Splits { get; init; }

    /// <summary>Files beside the videos, and what writes them.</summary>
    public IReadOnlyList<(string Path, Action<string> Write)> Besides { get; init; } = [];
}
