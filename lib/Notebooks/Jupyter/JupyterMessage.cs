using System.Text.Json.Nodes;

namespace ZeroI2V.Lab.Notebooks.Jupyter;

/// <summary>A message of the Jupyter protocol.</summary>
/// <param name="Identities">Where it came from or goes to; for what cells show, what it is about.</param>
/// <param name="Header">What it is.</param>
/// <param name="ParentHeader">The header of the request that it answers; empty where there is none.</param>
/// <param name="Content">What it says.</param>
/// <remarks>Source: https://jupyter-client.readthedocs.io/en/stable/messaging.html</remarks>
internal sealed record JupyterMessage(IReadOnlyList<byte[]> Identities, JsonObject Header, JsonObject ParentHeader, JsonObject Content)
{
    /// <summary>The message's type, such as <c>execute_request</c>.</summary>
    public string Type => Text(Header, "msg_type") ?? "";

    /// <summary>A string in the content; null where there is none.</summary>
    public string? Text(string name) => Text(Content, name);

    /// <summary>A truth value in the content.</summary>
    public bool Flag(string name, bool ifAbsent) => Content[name] is JsonValue value && value.TryGetValue(out bool flag) ? flag : ifAbsent;

    /// <summary>A whole number in the content; null where there is none.</summary>
    public int? Number(string name) => Content[name] is JsonValue value && value.TryGetValue(out int number) ? number : null;

    private static string? Text(JsonObject from, string name) => from[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
