using System.Text.Json;
using System.Text.Json.Serialization;

namespace ZeroI2V.Lab.VideoData.DataSets;

/// <summary>What an import has found out so far, a line a video: an import that was stopped goes on, and a later one examines only
/// files that are new or have changed.</summary>
internal sealed class ProbeJournal : IDisposable
{
    public const string FileName = "probed.jsonl";

    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
    };

    private readonly Dictionary<string, ProbedVideo> _known = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private readonly StreamWriter _writer;

    /// <param name="folder">The import's folder.</param>
    /// <param name="root">The folder of the videos; what was found below another one does not count.</param>
    /// <param name="thorough">Whether only what was decoded wholly counts.</param>
    public ProbeJournal(string folder, string root, bool thorough)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, FileName);
        string first = JsonSerializer.Serialize(new { root });
        if (File.Exists(path))
        {
            using IEnumerator<string> lines = File.ReadLines(path).GetEnumerator();
            if (lines.MoveNext() && lines.Current == first)
            {
                while (lines.MoveNext())
                {
                    if (TryRead(lines.Current) is { } probed && probed.Problem.Length == 0 && probed.StillHolds(root, thorough))
                        _known[probed.Path] = probed;
                }
            }
        }
        // Written anew: without what no longer holds, and without a last line that was cut off.
        Files.AtomicFile.WriteText(path, first + "\n" + string.Concat(_known.Values.Select(probed => JsonSerializer.Serialize(probed, s_json) + "\n")));
        _writer = new StreamWriter(path, append: true);
    }

    public ProbedVideo? Find(string path)
    {
        lock (_lock)
            return _known.GetValueOrDefault(path);
    }

    public void Add(ProbedVideo probed)
    {
        lock (_lock)
        {
            _known[probed.Path] = probed;
            _writer.WriteLine(JsonSerializer.Serialize(probed, s_json));
            _writer.Flush();
        }
    }

    public void Dispose() => _writer.Dispose();

    private static ProbedVideo? TryRead(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<ProbedVideo>(line, s_json);
        }
        catch (JsonException)
        {
            // A process that was killed leaves half a line: that video is examined again.
            return null;
        }
    }
}
