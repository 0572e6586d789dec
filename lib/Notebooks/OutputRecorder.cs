using System.Text;
using System.Text.Json.Nodes;

namespace ZeroI2V.Lab.Notebooks;

/// <summary>Writes what cells show into their outputs, as nbformat has it.</summary>
internal sealed class OutputRecorder
{
    // Displayed values can be updated by later cells too.
    private readonly Dictionary<string, JsonObject> _displayed = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private NotebookCell? _cell;
    private StringBuilder? _text;
    private string _stream = "";

    /// <summary>From here on, outputs are of this cell.</summary>
    public void Begin(NotebookCell cell)
    {
        lock (_gate)
        {
            _cell = cell;
            cell.Outputs.Clear();
        }
    }

    /// <summary>Adds an output.</summary>
    public void Add(CellOutput output)
    {
        lock (_gate)
        {
            NotebookCell cell = _cell ?? throw new InvalidOperationException("No cell has begun.");
            if (output is StreamOutput stream)
            {
                Print(cell, stream);
                return;
            }

            EndStream(cell);
            switch (output)
            {
                case DisplayOutput display:
                    JsonObject shown = Append(cell, "display_data", display.Bundle);
                    if (display.DisplayId is { } id)
                        _displayed[id] = shown;
                    break;
                case UpdateOutput update when _displayed.TryGetValue(update.DisplayId, out JsonObject? earlier):
                    earlier["data"] = InLines(update.Bundle);
                    break;
                case ResultOutput result:
                    Append(cell, "execute_result", result.Bundle)["execution_count"] = cell.ExecutionCount;
                    break;
            }
        }
    }

    /// <summary>The cell is done; with an error if there was one.</summary>
    public void End(CellError? error)
    {
        lock (_gate)
        {
            NotebookCell cell = _cell ?? throw new InvalidOperationException("No cell has begun.");
            EndStream(cell);
            if (error is null)
                return;
            cell.Outputs.Add(new JsonObject
            {
                ["ename"] = error.Name,
                ["evalue"] = error.Message,
                ["output_type"] = "error",
                ["traceback"] = new JsonArray([.. error.Traceback.Select(line => (JsonNode)line)]),
            });
        }
    }

    private static JsonObject Append(NotebookCell cell, string type, JsonObject bundle)
    {
        var output = new JsonObject { ["data"] = InLines(bundle), ["metadata"] = new JsonObject(), ["output_type"] = type };
        cell.Outputs.Add((JsonNode)output);
        return output;
    }

    private static JsonObject InLines(JsonObject bundle)
    {
        var data = new JsonObject();
        foreach ((string mimeType, JsonNode? content) in bundle.OrderBy(form => form.Key, StringComparer.Ordinal))
        {
            bool isText = mimeType.StartsWith("text/", StringComparison.Ordinal) || mimeType == "image/svg+xml";
            data[mimeType] = isText && content is JsonValue text ? NotebookCell.Lines((string)text!) : content?.DeepClone();
        }

        return data;
    }

    private static JsonObject Stream(string name, string text) => new() { ["name"] = name, ["output_type"] = "stream", ["text"] = NotebookCell.Lines(text) };

    private void Print(NotebookCell cell, StreamOutput output)
    {
        if (_text is not null && _stream != output.Name)
            EndStream(cell);
        _stream = output.Name;
        _text ??= new StringBuilder();
        _text.Append(output.Text);
    }

    private void EndStream(NotebookCell cell)
    {
        if (_text is null)
            return;
        string text = Overwritten(_text.ToString());
        _text = null;
        if (text.Length > 0)
            cell.Outputs.Add((JsonNode)Stream(_stream, text));
    }

    /// <summary>What a terminal would show in the end: text after a lone carriage return replaces the line before it, so that a progress bar leaves one line.</summary>
    private static string Overwritten(string text)
    {
        text = text.Replace("\r\n", "\n", StringComparison.Ordinal);
        if (!text.Contains('\r', StringComparison.Ordinal))
            return text;
        return string.Join('\n', text.Split('\n').Select(line => line.TrimEnd('\r') is var whole ? whole[(whole.LastIndexOf('\r') + 1)..] : line));
    }
}
