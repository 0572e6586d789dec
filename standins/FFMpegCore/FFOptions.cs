using System.Text;
using System.Text.Json.Serialization;
using FFMpegCore.Enums;

namespace FFMpegCore;

/// <summary>Where the programs are and how they are called.</summary>
public class FFOptions : ICloneable
{
    /// <summary>Working directory of the programs; empty for the caller's.</summary>
    public string WorkingDirectory { get; set; } = "";

    /// <summary>Folder of ffmpeg and ffprobe; empty where they are on the PATH.</summary>
    public string BinaryFolder { get; set; } = "";

    /// <summary>Folder for temporary files.</summary>
    public string TemporaryFilesFolder { get; set; } = Path.GetTempPath();

    /// <summary>Name of <see cref="Encoding"/>.</summary>
    public string EncodingWebName { get; set; } = Encoding.Default.WebName;

    /// <summary>Encoding of what the programs write.</summary>
    [JsonIgnore]
    public Encoding Encoding
    {
        get => Encoding.GetEncoding(EncodingWebName);
        set => EncodingWebName = (value ?? Encoding.Default).WebName;
    }

    /// <summary>Log level added to every call of ffmpeg, or none.</summary>
    public FFMpegLogLevel? LogLevel { get; set; }

    object ICloneable.Clone() => Clone();

    /// <summary>A copy that can be changed by itself.</summary>
    public FFOptions Clone() => (FFOptions)MemberwiseClone();
}
