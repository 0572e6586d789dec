using System.Text.Json.Serialization;

namespace FFMpegCore;

/// <summary>The packets of a file.</summary>
public class FFProbePackets
{
    /// <summary>In the order in which they are stored.</summary>
    [JsonPropertyName("packets")]
    public List<FFProbePacketAnalysis> Packets { get; set; } = null!;
}

/// <summary>A packet: for video, one coded frame.</summary>
public class FFProbePacketAnalysis
{
    /// <summary>Kind of the stream.</summary>
    [JsonPropertyName("codec_type")]
    public string CodecType { get; set; } = null!;

    /// <summary>Number of the stream.</summary>
    [JsonPropertyName("stream_index")]
    public int StreamIndex { get; set; }

    /// <summary>When it is shown, in the stream's time base.</summary>
    [JsonPropertyName("pts")]
    public long Pts { get; set; }

    /// <summary>When it is shown, h:mm:ss with decimals; null where unknown.</summary>
    [JsonPropertyName("pts_time")]
    public string PtsTime { get; set; } = null!;

    /// <summary>When it is decoded, in the stream's time base.</summary>
    [JsonPropertyName("dts")]
    public long Dts { get; set; }

    /// <summary>How long it is shown, in the stream's time base.</summary>
    [JsonPropertyName("duration")]
    public int Duration { get; set; }

    /// <summary>Bytes.</summary>
    [JsonPropertyName("size")]
    public int Size { get; set; }

    /// <summary><c>K</c> for a key frame, <c>D</c> for one that is decoded but not shown, <c>_</c> otherwise.</summary>
    [JsonPropertyName("flags")]
    public string Flags { get; set; } = null!;
}
