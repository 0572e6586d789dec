using System.IO.Enumeration;
using System.Text.Json.Nodes;

namespace ZeroI2V.Lab.Notebooks.Jupyter;

/// <summary>The cells that were run since the kernel started, for clients that offer them again.</summary>
internal sealed class InputHistory
{
    private const int Session = 1;
    private const int MaxEntries = 1_000;
    private const int MaxOutput = 1_000;

    private readonly List<(int Line, string Source, string? Output)> _entries = [];

    /// <summary>Adds a cell.</summary>
    public void Add(int line, string source, string? output)
    {
        if (_entries.Count == MaxEntries)
            _entries.RemoveAt(0);
        _entries.Add((line, source, output is { Length: > MaxOutput } ? output[..MaxOutput] : output));
    }

    /// <summary>The entries that a history_request asks for: the last ones, a range, or those that match a pattern.</summary>
    public JsonArray Find(JupyterMessage request)
    {
        IEnumerable<(int Line, string Source, string? Output)> found = _entries;
        switch (request.Text("hist_access_type"))
        {
            case "range":
                int start = request.Number("start") ?? 0, stop = request.Number("stop") ?? int.MaxValue;
                // 0 is this session, and there is no other.
                found = (request.Number("session") ?? 0) is 0 or Session ? found.Where(e => e.Line >= start && e.Line < stop) : [];
                break;
            case "search":
                string pattern = request.Text("pattern") is { Length: > 0 } text ? text : "*";
                found = found.Where(e => FileSystemName.MatchesSimpleExpression(pattern, e.Source, ignoreCase: false));
                if (request.Flag("unique", ifAbsent: false))
                    found = found.Reverse().DistinctBy(e => e.Source).Reverse();
                found = Last(found);
                break;
            default:
                found = Last(found);
                break;
        }

        bool output = request.Flag("output", ifAbsent: false);
        return new JsonArray([.. found.Select(e => (JsonNode)new JsonArray(Session, e.Line, output ? new JsonArray(e.Source, e.Output) : (JsonNode)e.Source))]);

        IEnumerable<(int Line, string Source, string? Output)> Last(IEnumerable<(int Line, string Source, string? Output)> of) =>
            request.Number("n") is { } n and >= 0 ? of.TakeLast(n) : of;
    }
}
