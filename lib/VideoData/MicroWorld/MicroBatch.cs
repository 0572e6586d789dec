namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>Files of equal length that one run of the encoder writes.</summary>
internal sealed record MicroBatch
{
    /// <summary>Paths below the data set's folder.</summary>
    public required IReadOnlyList<string> Paths { get; init; }

    /// <summary>Frames of each file.</summary>
    public required int FramesPerFile { get; init; }

    /// <summary>Draws the frames of all files, one file after the other, RGB [F, H, W, 3].</summary>
    public required Func<byte[]> Draw { get; init; }
}
