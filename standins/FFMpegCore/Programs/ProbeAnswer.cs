using System.Text.Json;
using System.Text.Json.Serialization;

namespace FFMpegCore.Programs;

/// <summary>ffprobe's JSON, as far as it is used.</summary>
internal sealed record ProbeAnswer
{
    [JsonPropertyName("streams")]
    public List<ProbeStream> Streams { get; init; } = [];

    [JsonPropertyName("format")]
    public ProbeFormat? Format { get; init; }
}

internal sealed record ProbeFormat
{
    [JsonPropertyName("format_name")]
    public string Name { get; init; } = null!;

    [JsonPropertyName("format_long_name")]
    public string LongName { get; init; } = null!;

    [JsonPropertyName("nb_streams")]
    public int Streams { get; init; }

    [JsonPropertyName("start_time")]
    public string? StartTime { get; init; }

    [JsonPropertyName("duration")]
    public string? Duration { get; init; }

    [JsonPropertyName("bit_rate")]
    public string? BitRate { get; init; }

    [JsonPropertyName("probe_score")]
    public int Score { get; init; }

    [JsonPropertyName("tags")]
    public Dictionary<string, string>? Tags { get; init; }
}

internal sealed record ProbeStream
{
    [JsonPropertyName("index")]
    public int Index { get; init; }

    [JsonPropertyName("codec_type")]
    public string? CodecType { get; init; }

    [JsonPropertyName("codec_name")]
    public string? CodecName { get; init; }

    [JsonPropertyName("codec_long_name")]
    public string? CodecLongName { get; init; }

    [JsonPropertyName("codec_tag")]
    public string? CodecTag { get; init; }

    [JsonPropertyName("codec_tag_string")]
    public string? CodecTagString { get; init; }

    [JsonPropertyName("profile")]
    public string? Profile { get; init; }

    [JsonPropertyName("width")]
    public int? Width { get; init; }

    [JsonPropertyName("height")]
    public int? Height { get; init; }

    [JsonPropertyName("pix_fmt")]
    public string? PixelFormat { get; init; }

    [JsonPropertyName("sample_aspect_ratio")]
    public string? SampleAspectRatio { get; init; }

    [JsonPropertyName("r_frame_rate")]
    public string? FrameRate { get; init; }

    [JsonPropertyName("avg_frame_rate")]
    public string? AverageFrameRate { get; init; }

    [JsonPropertyName("start_time")]
    public string? StartTime { get; init; }

    [JsonPropertyName("duration")]
    public string? Duration { get; init; }

    [JsonPropertyName("bit_rate")]
    public string? BitRate { get; init; }

    [JsonPropertyName("channels")]
    public int? Channels { get; init; }

    [JsonPropertyName("sample_rate")]
    public string? SampleRate { get; init; }

    [JsonPropertyName("tags")]
    public Dictionary<string, string>? Tags { get; init; }

    [JsonPropertyName("side_data_list")]
    public List<Dictionary<string, JsonElement>>? SideData { get; init; }
}
