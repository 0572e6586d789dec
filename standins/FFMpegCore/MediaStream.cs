namespace FFMpegCore;

/// <summary>A stream of a file.</summary>
public abstract class MediaStream : ITagsContainer
{
    /// <summary>Number in the file, from 0.</summary>
    public int Index { get; set; }

    /// <summary>Short name of the codec.</summary>
    public string CodecName { get; set; } = null!;

    /// <summary>Name of the codec in words.</summary>
    public string CodecLongName { get; set; } = null!;

    /// <summary>The codec's four characters in this container.</summary>
    public string CodecTagString { get; set; } = null!;

    /// <summary>The codec's number in this container.</summary>
    public string CodecTag { get; set; } = null!;

    /// <summary>Bits a second; 0 where unknown.</summary>
    public long BitRate { get; set; }

    /// <summary>First time stamp, to a millisecond.</summary>
    public TimeSpan StartTime { get; set; }

    /// <summary>Length, to a millisecond; zero where the container does not say.</summary>
    public TimeSpan Duration { get; set; }

    /// <inheritdoc/>
    public Dictionary<string, string>? Tags { get; set; }
}
