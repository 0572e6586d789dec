using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ZeroI2V.Lab.Files;

namespace ZeroI2V.Lab.Notebooks;

/// <summary>
/// A Jupyter notebook (nbformat 4; written as 4.5). Fields that we do not know are kept as they are.
/// Nothing in it is trusted: size, depth and structure are checked before anything is made of it.
/// Source: https://nbformat.readthedocs.io/en/latest/format_description.html
/// </summary>
public sealed class NotebookFile
{
    /// <summary>The largest notebook that is read, in bytes.</summary>
    public const int MaxBytes = 64 << 20;

    private const int MaxDepth = 64;
    private const int MaxCells = 5_000;
    private const int MaxSourceLength = 1 << 20;

    // As Jupyter writes notebooks, so that a rerun changes only what it changed.
    private static readonly JsonSerializerOptions AsJupyterWrites = new()
    {
        WriteIndented = true,
        IndentSize = 1,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = MaxDepth,
    };

    private readonly JsonArray _cells;

    private NotebookFile(string path, JsonObject root)
    {
        Path = path;
        Root = root;
        _cells = (JsonArray)root["cells"]!;
    }

    /// <summary>Where the notebook was read from.</summary>
    public string Path { get; }

    /// <summary>The notebook as it stands in the file.</summary>
    public JsonObject Root { get; }

    /// <summary>The notebook's metadata.</summary>
    public JsonObject Metadata => (JsonObject)Root["metadata"]!;

    /// <summary>Its cells in order.</summary>
    public IReadOnlyList<NotebookCell> Cells => [.. _cells.Select(cell => new NotebookCell((JsonObject)cell!))];

    /// <summary>The cells that run: code with something in it.</summary>
    public IReadOnlyList<NotebookCell> CodeCells => [.. Cells.Where(cell => cell.IsCode && !string.IsNullOrWhiteSpace(cell.Source))];

    /// <summary>Reads and checks a notebook.</summary>
    /// <exception cref="NotebookException">The file is missing, too large, or not a notebook of nbformat 4.</exception>
    public static NotebookFile Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = new FileInfo(path);
        if (!file.Exists)
            throw new NotebookException($"There is no notebook {path}.");
        if (file.Length > MaxBytes)
            throw new NotebookException($"{path} has {file.Length:N0} bytes; a notebook may have {MaxBytes:N0}. Clear its outputs in the client that made it.");
        return Parse(File.ReadAllBytes(path), path);
    }

    /// <summary>Reads a notebook from its JSON; <paramref name="path"/> is what errors name and where it would be written.</summary>
    /// <exception cref="NotebookException">This is not a notebook of nbformat 4.</exception>
    public static NotebookFile Parse(ReadOnlyMemory<byte> json, string path)
    {
        JsonNode? node;
        try
        {
            // The order mark that some editors put before UTF-8 is no JSON.
            ReadOnlySpan<byte> text = json.Span.StartsWith("\uFEFF"u8) ? json.Span[3..] : json.Span;
            node = JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
        }
        catch (JsonException exception)
        {
            throw new NotebookException($"{path} is not a notebook: it should be JSON of at most {MaxDepth} levels, and is not ({exception.Message})", exception);
        }

        JsonObject root = node as JsonObject ?? throw Not(path, "a JSON object", node);
        if (Whole(root["nbformat"]) != 4)
            throw new NotebookException($"{path}: nbformat should be 4, and is {Shown(root["nbformat"])}. Open the notebook in Jupyter and save it, or run jupyter nbconvert --to notebook.");
        root["metadata"] ??= new JsonObject();
        if (root["metadata"] is not JsonObject)
            throw Not(path, "an object under \"metadata\"", root["metadata"]);
        if (root["cells"] is not JsonArray cells)
            throw Not(path, "a list under \"cells\"", root["cells"]);
        if (cells.Count > MaxCells)
            throw new NotebookException($"{path} has {cells.Count:N0} cells; a notebook may have {MaxCells:N0}.");
        var ids = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < cells.Count; i++)
            CheckCell(cells[i], $"{path}: cell {i + 1} of {cells.Count}", ids);

        // 4.5 is the version that knows cell identifiers; nothing else in it differs from 4.0 for what we write.
        if (Whole(root["nbformat_minor"]) is not >= 5)
            root["nbformat_minor"] = 5;
        foreach (JsonObject cell in cells.OfType<JsonObject>().Where(cell => cell["id"] is null))
            cell["id"] = NewId("cell", ids);
        return new NotebookFile(path, root);
    }

    /// <summary>Writes the notebook: to a file beside <paramref name="path"/>, which then takes its place at once.</summary>
    public void Write(string path)
    {
        string target = System.IO.Path.GetFullPath(path);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
        AtomicFile.WriteText(target, ToJson());
    }

    /// <summary>The notebook's JSON.</summary>
    public string ToJson() => Root.ToJsonString(AsJupyterWrites) + "\n";

    /// <summary>Puts a code cell after another one.</summary>
    internal NotebookCell InsertCodeAfter(NotebookCell cell, string id, string source, string tag)
    {
        NotebookCell added = NotebookCell.Code(NewId(id, [.. Cells.Select(c => c.Id)]), source, tag);
        _cells.Insert(_cells.IndexOf(cell.Json) + 1, added.Json);
        return added;
    }

    /// <summary>Takes a cell out.</summary>
    internal void Remove(NotebookCell cell) => _cells.Remove(cell.Json);

    private static void CheckCell(JsonNode? node, string where, HashSet<string> ids)
    {
        JsonObject cell = node as JsonObject ?? throw Not(where, "a JSON object", node);
        string? type = cell["cell_type"] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
        if (type is not ("code" or "markdown" or "raw"))
            throw Not(where, "a \"cell_type\" of code, markdown or raw", cell["cell_type"]);
        bool isText = cell["source"] switch
        {
            JsonValue source => source.GetValueKind() == JsonValueKind.String,
            JsonArray lines => lines.All(line => line?.GetValueKind() == JsonValueKind.String),
            _ => false,
        };
        if (!isText)
            throw Not(where, "a string, or a list of strings, under \"source\"", cell["source"]);
        if (new NotebookCell(cell).Source.Length is > MaxSourceLength and var length)
            throw new NotebookException($"{where} has {length:N0} characters; a cell may have {MaxSourceLength:N0}.");
        cell["metadata"] ??= new JsonObject();
        if (cell["metadata"] is not JsonObject)
            throw Not(where, "an object under \"metadata\"", cell["metadata"]);
        if (cell["id"] is { } id && (id.GetValueKind() != JsonValueKind.String || !ids.Add((string)id!)))
            throw Not(where, "an \"id\" that no other cell has", id);
        if (type != "code")
            return;

        cell["outputs"] ??= new JsonArray();
        if (cell["outputs"] is not JsonArray outputs || !outputs.All(output => output is JsonObject))
            throw Not(where, "a list of objects under \"outputs\"", cell["outputs"]);
        if (cell["execution_count"] is { } count && Whole(count) is null)
            throw Not(where, "an integer or null under \"execution_count\"", count);
    }

    private static string NewId(string wish, HashSet<string> taken)
    {
        string id = wish;
        for (int i = 1; !taken.Add(id); i++)
            id = $"{wish}-{i}";
        return id;
    }

    private static int? Whole(JsonNode? node) => node is JsonValue value && value.TryGetValue(out int number) ? number : null;

    private static NotebookException Not(string where, string expected, JsonNode? found) =>
        new($"{where} is not as nbformat 4 has it: expected {expected}, found {Shown(found)}.");

    private static string Shown(JsonNode? node) => node switch
    {
        null => "nothing",
        JsonObject => "an object",
        JsonArray list => $"a list of {list.Count}",
        _ => node.ToJsonString() is var text && text.Length <= 40 ? text : text[..40] + "…",
    };
}
