namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>
/// Still images with several labels each, kept in albums: H.264 files in which every frame is a still of its own. Stills
/// are numbered through all albums.
/// </summary>
public sealed record StillSet
{
    /// <summary>Name, with size and split.</summary>
    public required string Name { get; init; }

    /// <summary>Always true for stills of the synthetic world.</summary>
    public required bool Synthetic { get; init; }

    /// <summary>The folder that album paths are relative to.</summary>
    public required string Root { get; init; }

    /// <summary>The albums.</summary>
    public required IReadOnlyList<MicroFile> Albums { get; init; }

    /// <summary>What is asked of each still.</summary>
    public required IReadOnlyList<StillTarget> Targets { get; init; }

    /// <summary>Labels, [still][target]: an index into the target's classes or <see cref="StillTarget.Ignored"/>.</summary>
    public required IReadOnlyList<IReadOnlyList<int>> Labels { get; init; }

    /// <summary>Number of stills.</summary>
    public int Count => Labels.Count;

    /// <summary>Decodes every still, in order.</summary>
    /// <param name="size">Width and height to scale to by averaging areas; as stored where null.</param>
    /// <param name="cancellationToken">Stops between albums.</param>
    /// <returns>RGB bytes, [stills, H, W, 3].</returns>
    public FrameStack Decode(int? size = null, CancellationToken cancellationToken = default)
    {
        int side = size ?? MicroImages.FrameSize, bytes = side * side * 3;
        var rgb = new byte[(long)Count * bytes];
        int[] starts = new int[Albums.Count];
        for (int i = 1; i < starts.Length; i++)
            starts[i] = starts[i - 1] + Albums[i - 1].Frames;
        var order = new ParallelOptions
        {
            MaxDegreeOfParallelism = Environment.ProcessorCount,
            CancellationToken = cancellationToken,
        };
        Parallel.For(0, Albums.Count, order, i => MicroEncoder.Decode(
            Path.Combine(Root, Albums[i].Path),
            side,
            rgb.AsMemory(starts[i] * bytes, Albums[i].Frames * bytes),
            cancellationToken));
        return new FrameStack(rgb, Count, side, side);
    }
}
