using System.Text.Json.Serialization;

namespace ZeroI2V.Lab.VideoData;

/// <summary>One video of a list.</summary>
public sealed record ClipRecord
{
    /// <summary>The file, relative to the list's root, with forward slashes.</summary>
    [JsonRequired]
    public required string Path { get; init; }

    /// <summary>Class number, from 0.</summary>
    [JsonRequired]
    public required int Label { get; init; }

    /// <summary>Number of frames that decoding gives.</summary>
    [JsonRequired]
    public required int Frames { get; init; }

    /// <summary>SHA-256 of all decoded frames (<see cref="FrameStack.Sha256"/>); empty where not known.</summary>
    public string Sha256 { get; init; } = "";

    /// <summary>Pixels across as shown; 0 where not known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Width { get; init; }

    /// <summary>Pixels down as shown; 0 where not known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Height { get; init; }

    /// <summary>Mean frames a second; 0 where not known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double FramesPerSecond { get; init; }
}
