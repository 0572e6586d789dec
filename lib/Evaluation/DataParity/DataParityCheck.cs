using System.Text.Json;
using ZeroI2V.Lab.Parity;

namespace ZeroI2V.Lab.Evaluation.DataParity;

/// <summary>
/// Proves sampling, geometry, pixels, scores and annotation reading equal to the official pipelines: a folder of reference
/// vectors (<c>sampling_*.json</c>, <c>geometry_*.json</c>, <c>pixels_*.json</c> with its tensors, <c>scores_*.json</c>,
/// <c>annotations_*.json</c> with its files) in, a row for each kind of case out. Integers, boxes and bytes must be equal.
/// </summary>
public static class DataParityCheck
{
    private const long LongestFile = 256L << 20;

    private static readonly (string Prefix, Func<JsonElement, string, IEnumerable<ParityRow>> Check)[] s_kinds =
    [
        ("sampling_", (data, _) => SamplingParity.Check(data)),
        ("geometry_", (data, _) => GeometryParity.Check(data)),
        ("pixels_", PixelParity.Check),
        ("scores_", (data, _) => ScoreParity.Check(data)),
        ("annotations_", AnnotationParity.Check),
    ];

    /// <summary>Whether a folder holds such vectors.</summary>
    public static bool Handles(string folder) => Directory.Exists(folder) && Files(folder).Count > 0;

    /// <summary>Compares everything in a folder.</summary>
    /// <exception cref="ParityException">A file is damaged or not of its form.</exception>
    public static ParityReport Run(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var rows = new List<ParityRow>();
        foreach ((string path, Func<JsonElement, string, IEnumerable<ParityRow>> check) in Files(folder))
        {
            if (new FileInfo(path).Length > LongestFile)
                throw new ParityException($"{path}: a file of reference vectors has at most {LongestFile >> 20} MiB; found {new FileInfo(path).Length} bytes.");
            try
            {
                using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
                string name = Path.GetFileNameWithoutExtension(path);
                rows.AddRange(check(document.RootElement, path).Select(row => row with { What = $"{name}: {row.What}" }));
            }
            catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException or IOException or InvalidDataException)
            {
                throw new ParityException($"{path}: {error.Message}", error);
            }
        }
        return rows.Count > 0
            ? new ParityReport(Path.GetFileName(Path.GetFullPath(folder)), rows)
            : throw new ParityException($"{folder}: expected reference vectors ({string.Join(", ", s_kinds.Select(kind => kind.Prefix + "*.json"))}); found none.");
    }

    private static List<(string Path, Func<JsonElement, string, IEnumerable<ParityRow>> Check)> Files(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal)
            .SelectMany(path => s_kinds.Where(kind => Path.GetFileName(path).StartsWith(kind.Prefix, StringComparison.Ordinal)).Select(kind => (path, kind.Check)))];
}
