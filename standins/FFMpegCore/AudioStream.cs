namespace FFMpegCore;

/// <summary>An audio stream.</summary>
public class AudioStream : MediaStream
{
    /// <summary>Number of channels.</summary>
    public int Channels { get; set; }

    /// <summary>Samples a second.</summary>
    public int SampleRateHz { get; set; }
}
