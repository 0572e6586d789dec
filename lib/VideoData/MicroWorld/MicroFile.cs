namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>One H.264 file of a synthetic data set, as its manifest lists it.</summary>
public sealed record MicroFile
{
    /// <summary>Path below the data set's folder, with forward slashes.</summary>
    public required string Path { get; init; }

    /// <summary>Number of frames.</summary>
    public required int Frames { get; init; }

    /// <summary>Length in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>SHA-256 of the file, lower-case hexadecimal: finds damage quickly.</summary>
    public required string FileSha256 { get; init; }

    /// <summary>SHA-256 of the decoded frames, RGB bytes [F, H, W, 3]: says which data a result was measured on.</summary>
    public required string FramesSha256 { get; init; }
}
