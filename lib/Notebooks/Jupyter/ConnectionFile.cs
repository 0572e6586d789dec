using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ZeroI2V.Lab.Notebooks.Jupyter;

/// <summary>Where a client expects the kernel: the file that it names when it starts one.</summary>
/// <param name="Address">A loopback address.</param>
/// <param name="ShellPort">Requests, one after the other.</param>
/// <param name="ControlPort">Requests that overtake them.</param>
/// <param name="IoPubPort">What cells show.</param>
/// <param name="StdinPort">Questions to the user; the kernel asks none.</param>
/// <param name="HeartbeatPort">Whether the kernel lives.</param>
/// <param name="Key">With which messages are signed.</param>
internal sealed record ConnectionFile(IPAddress Address, int ShellPort, int ControlPort, int IoPubPort, int StdinPort, int HeartbeatPort, string Key)
{
    private const int MaxBytes = 1 << 16;

    /// <summary>Reads and checks a connection file.</summary>
    /// <exception cref="NotebookException">It is missing, or not as it must be.</exception>
    public static ConnectionFile Read(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
            throw new NotebookException($"There is no connection file {path}. Clients make one when they start a kernel; to start one by hand, use jupyter console --kernel .net-csharp.");
        if (file.Length > MaxBytes)
            throw new NotebookException($"{path} has {file.Length:N0} bytes; a connection file has a few hundred.");
        return Parse(File.ReadAllText(path), path);
    }

    /// <summary>Checks the text of a connection file; <paramref name="path"/> is what errors name.</summary>
    /// <exception cref="NotebookException">It is not as it must be.</exception>
    internal static ConnectionFile Parse(string json, string path)
    {
        JsonObject values;
        try
        {
            values = JsonNode.Parse(json) as JsonObject ?? throw new NotebookException($"{path} is not a connection file: expected a JSON object.");
        }
        catch (JsonException exception)
        {
            throw new NotebookException($"{path} is not a connection file: expected JSON ({exception.Message})", exception);
        }

        if (Text("transport") is var transport && transport != "tcp")
            throw new NotebookException($"{path}: expected the transport tcp, found '{transport}'. Leave the client's transport at its default.");
        if (Text("signature_scheme") is var scheme && scheme != "hmac-sha256")
            throw new NotebookException($"{path}: expected the signature scheme hmac-sha256, found '{scheme}'.");
        string key = Text("key");
        if (key.Length == 0)
            throw new NotebookException($"{path}: expected a key, found none. The kernel takes signed messages only; leave the client's Session.key at its default.");
        // Whoever reaches the kernel can run programs as this user: it never listens to another machine.
        if (!IPAddress.TryParse(Text("ip"), out IPAddress? address) || !IPAddress.IsLoopback(address))
            throw new NotebookException($"{path}: expected a loopback address such as 127.0.0.1 under ip, found '{Text("ip")}'. The kernel listens to this machine only; reach it from another one through the Jupyter server there.");
        return new ConnectionFile(address, Port("shell_port"), Port("control_port"), Port("iopub_port"), Port("stdin_port"), Port("hb_port"), key);

        string Text(string name) => values[name] is JsonValue value && value.TryGetValue(out string? text) ? text : "";

        int Port(string name) => values[name] is JsonValue value && value.TryGetValue(out int port) && port is > 0 and <= 65535
            ? port
            : throw new NotebookException($"{path}: expected a port from 1 to 65535 under {name}, found {values[name]?.ToJsonString() ?? "nothing"}.");
    }
}
