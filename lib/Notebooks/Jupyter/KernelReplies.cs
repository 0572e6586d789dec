using System.Reflection;
using System.Text.Json.Nodes;

namespace ZeroI2V.Lab.Notebooks.Jupyter;

/// <summary>Answers to requests that run no cell.</summary>
internal sealed class KernelReplies(NotebookKernel cells, InputHistory history, ConnectionFile connection)
{
    /// <summary>The name of the kernel: that of the notebooks that .NET Interactive left behind.</summary>
    public const string KernelName = ".net-csharp";

    /// <summary>What clients call it.</summary>
    public const string DisplayName = ".NET (C#)";

    /// <summary>An answer that says only that all is well.</summary>
    public static JsonObject Ok() => new() { ["status"] = "ok" };

    /// <summary>An answer that says what went wrong.</summary>
    public static JsonObject Error(string name, string message, IReadOnlyList<string> traceback) => new()
    {
        ["status"] = "error",
        ["ename"] = name,
        ["evalue"] = message,
        ["traceback"] = new JsonArray([.. traceback.Select(line => (JsonNode)line)]),
    };

    /// <summary>What the kernel is.</summary>
    public static JsonObject KernelInfo()
    {
        string version = typeof(KernelReplies).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        return new JsonObject
        {
            ["status"] = "ok",
            ["protocol_version"] = WireFormat.Version,
            ["implementation"] = "zeroi2v-lab",
            ["implementation_version"] = version.Split('+')[0],
            ["language_info"] = new JsonObject
            {
                ["name"] = "C#",
                ["version"] = "14.0",
                ["mimetype"] = "text/x-csharp",
                ["file_extension"] = ".cs",
                ["pygments_lexer"] = "csharp",
                ["codemirror_mode"] = "text/x-csharp",
            },
            ["banner"] = $"ZeroI2V Lab {version}: C# on .NET {Environment.Version}",
            ["help_links"] = new JsonArray(),
        };
    }

    /// <summary>The answer to a request.</summary>
    /// <returns>Its content; null where there is none to give.</returns>
    public async Task<JsonObject?> ToAsync(JupyterMessage request)
    {
        switch (request.Type)
        {
            case "kernel_info_request":
                return KernelInfo();
            case "complete_request":
                return await CompleteAsync(request.Text("code") ?? "", request.Number("cursor_pos")).ConfigureAwait(false);
            case "inspect_request":
                return await InspectAsync(request.Text("code") ?? "", request.Number("cursor_pos")).ConfigureAwait(false);
            case "is_complete_request":
                (string status, string indent) = NotebookKernel.Completeness(request.Text("code") ?? "");
                return new JsonObject { ["status"] = status, ["indent"] = indent };
            case "history_request":
                JsonObject found = Ok();
                found["history"] = history.Find(request);
                return found;
            case "comm_info_request":
                JsonObject comms = Ok();
                comms["comms"] = new JsonObject();
                return comms;
            case "connect_request":
                JsonObject ports = Ok();
                (ports["shell_port"], ports["iopub_port"], ports["stdin_port"]) = (connection.ShellPort, connection.IoPubPort, connection.StdinPort);
                (ports["hb_port"], ports["control_port"]) = (connection.HeartbeatPort, connection.ControlPort);
                return ports;
            default:
                return null;
        }
    }

    /// <summary>Expressions that a client wants to know beside a cell, each by itself.</summary>
    public async Task<JsonObject> ExpressionsAsync(JsonObject? expressions)
    {
        var values = new JsonObject();
        foreach ((string name, JsonNode? expression) in expressions ?? [])
        {
            JsonObject? bundle = null;
            string code = expression is JsonValue value && value.TryGetValue(out string? text) ? text : "";
            CellError? error = await cells.RunAsync(1, code, null, output => bundle = (output as ResultOutput)?.Bundle ?? bundle, CancellationToken.None).ConfigureAwait(false);
            values[name] = error is not null
                ? Error(error.Name, error.Message, error.Traceback)
                : new JsonObject { ["status"] = "ok", ["data"] = bundle?.DeepClone() ?? new JsonObject(), ["metadata"] = new JsonObject() };
        }

        return values;
    }

    private async Task<JsonObject> CompleteAsync(string code, int? cursor)
    {
        int position = CodePoints.ToIndex(code, cursor);
        CellCompletions completions = await cells.CompleteAsync(code, position).ConfigureAwait(false);
        JsonObject reply = Ok();
        reply["matches"] = new JsonArray([.. completions.Items.Select(item => (JsonNode)item.Text)]);
        reply["cursor_start"] = CodePoints.FromIndex(code, completions.Start);
        reply["cursor_end"] = CodePoints.FromIndex(code, completions.End);
        // Clients that know it show the kind of each beside its name.
        var kinds = new JsonArray([.. completions.Items.Select(item => (JsonNode)new JsonObject
        {
            ["start"] = CodePoints.FromIndex(code, completions.Start),
            ["end"] = CodePoints.FromIndex(code, completions.End),
            ["text"] = item.Text,
            ["type"] = item.Kind.ToLowerInvariant(),
        })]);
        reply["metadata"] = new JsonObject { ["_jupyter_types_experimental"] = kinds };
        return reply;
    }

    private async Task<JsonObject> InspectAsync(string code, int? cursor)
    {
        JsonObject? bundle = await cells.InspectAsync(code, CodePoints.ToIndex(code, cursor)).ConfigureAwait(false);
        JsonObject reply = Ok();
        reply["found"] = bundle is not null;
        reply["data"] = bundle ?? [];
        reply["metadata"] = new JsonObject();
        return reply;
    }
}
