using System.Text.Json;
using System.Text.Json.Serialization;
using ZeroI2V.Lab.Files;

namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>What lies in the folder of a synthetic data set and how it was made (<c>manifest.json</c>).</summary>
public sealed record MicroManifest
{
    /// <summary>Name of the manifest's file in the data set's folder.</summary>
    public const string FileName = "manifest.json";

    internal static readonly JsonSerializerOptions OneLine = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    private static readonly JsonSerializerOptions Indented = new(OneLine) { WriteIndented = true };

    /// <summary>Name of the data set, with its size.</summary>
    public required string Name { get; init; }

    /// <summary>Always true: drawn by a program, not filmed.</summary>
    public required bool Synthetic { get; init; }

    /// <summary>Everything that decides the pictures: generator and its version, seed, counts, frame size, encoder options.</summary>
    public required string Recipe { get; init; }

    /// <summary>Class names; of stills, the names of the targets.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Files by split.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<MicroFile>> Splits { get; init; }

    /// <summary>Reads the manifest of a folder; null where there is none, or none that can be read.</summary>
    /// <remarks>A manifest that was cut short or edited wrongly only means that the data is made again.</remarks>
    internal static MicroManifest? TryRead(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            return null;
        try
        {
            using FileStream stream = File.OpenRead(path);
            return JsonSerializer.Deserialize<MicroManifest>(stream, Indented);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes it into the data set's folder.</summary>
    internal void Write(string folder) =>
        AtomicFile.Write(Path.Combine(folder, FileName), stream => JsonSerializer.Serialize(stream, this, Indented));
}
