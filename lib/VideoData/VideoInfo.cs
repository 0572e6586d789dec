namespace ZeroI2V.Lab.VideoData;

/// <summary>What a video file says of itself (<see cref="VideoFile.Probe(string)"/>).</summary>
public sealed record VideoInfo
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>Pixels across as shown, after any rotation that the file asks for.</summary>
    public required int Width { get; init; }

    /// <summary>Pixels down as shown.</summary>
    public required int Height { get; init; }

    /// <summary>Mean frames a second; 0 where the file does not say.</summary>
    public required double FramesPerSecond { get; init; }

    /// <summary>Name of the codec.</summary>
    public required string Codec { get; init; }

    /// <summary>Number of frames stored. Decoding gives as many unless the file is damaged.</summary>
    public required int Frames { get; init; }

    /// <summary>When each frame is shown, in seconds, rising; empty where the file's time stamps are missing, equal or
    /// would not let a seek find a frame by its number.</summary>
    public IReadOnlyList<double> FrameSeconds { get; init; } = [];
}
