namespace FFMpegCore;

/// <summary>A container.</summary>
public class MediaFormat : ITagsContainer
{
    /// <summary>Length, to a millisecond.</summary>
    public TimeSpan Duration { get; set; }

    /// <summary>First time stamp, to a millisecond.</summary>
    public TimeSpan StartTime { get; set; }

    /// <summary>Short names, with commas between them.</summary>
    public string FormatName { get; set; } = null!;

    /// <summary>Name in words.</summary>
    public string FormatLongName { get; set; } = null!;

    /// <summary>Number of streams of all kinds.</summary>
    public int StreamCount { get; set; }

    /// <summary>How sure ffprobe is of the format, to 100.</summary>
    public double ProbeScore { get; set; }

    /// <summary>Bits a second.</summary>
    public double BitRate { get; set; }

    /// <inheritdoc/>
    public Dictionary<string, string>? Tags { get; set; }
}
