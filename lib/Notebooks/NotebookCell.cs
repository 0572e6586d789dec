using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace ZeroI2V.Lab.Notebooks;

/// <summary>One cell of a notebook: a view of its JSON, so that whatever we do not know about it stays in the file.</summary>
public sealed class NotebookCell
{
    internal NotebookCell(JsonObject json) => Json = json;

    /// <summary>The cell as it stands in the file.</summary>
    public JsonObject Json { get; }

    /// <summary>Whether the cell is code; else it is Markdown or raw text.</summary>
    public bool IsCode => (string?)Json["cell_type"] == "code";

    /// <summary>The cell's identifier, unique in its notebook.</summary>
    public string Id => (string?)Json["id"] ?? "";

    /// <summary>The text of the cell. The file holds one string, or a list of lines.</summary>
    public string Source
    {
        get => Json["source"] is JsonArray lines ? string.Concat(lines.Select(line => (string?)line)) : (string?)Json["source"] ?? "";
        set => Json["source"] = Lines(value);
    }

    /// <summary>The numeral before the cell, as in <c>[3]</c>; null where it has not run.</summary>
    public int? ExecutionCount
    {
        get => (int?)Json["execution_count"];
        set => Json["execution_count"] = value;
    }

    /// <summary>What the cell showed.</summary>
    public JsonArray Outputs => (JsonArray)Json["outputs"]!;

    /// <summary>The cell's metadata.</summary>
    public JsonObject Metadata => (JsonObject)Json["metadata"]!;

    /// <summary>The cell's tags, such as <c>parameters</c>.</summary>
    public IEnumerable<string> Tags => Metadata["tags"] is JsonArray tags ? tags.OfType<JsonValue>().Select(tag => tag.TryGetValue(out string? text) ? text : "") : [];

    /// <summary>The language that a client chose for this cell; null where it is the notebook's.</summary>
    public string? Language => Text("polyglot_notebook", "kernelName") ?? Text("dotnet_interactive", "language") ?? Text("vscode", "languageId");

    /// <summary>A short hash of the source: tells whether outputs are of this source or of an older one.</summary>
    public string SourceHash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Source)))[..16];

    /// <summary>A code cell with this source and tag.</summary>
    internal static NotebookCell Code(string id, string source, string tag) => new(new JsonObject
    {
        ["cell_type"] = "code",
        ["execution_count"] = null,
        ["id"] = id,
        ["metadata"] = new JsonObject { ["tags"] = new JsonArray(tag) },
        ["outputs"] = new JsonArray(),
        ["source"] = Lines(source),
    });

    /// <summary>Text as notebooks keep it: a list of lines with their ends, so that a change of one line is a change of one line.</summary>
    internal static JsonArray Lines(string text)
    {
        var lines = new JsonArray();
        for (int start = 0; start < text.Length;)
        {
            int end = text.IndexOf('\n', start);
            int next = end < 0 ? text.Length : end + 1;
            lines.Add((JsonNode)text[start..next]);
            start = next;
        }

        return lines;
    }

    private string? Text(string group, string name) =>
        Metadata[group] is JsonObject values && values[name] is JsonValue value && value.TryGetValue(out string? text) && text.Length > 0 ? text : null;
}
