using System.Text;
using System.Text.Json.Nodes;
using ZeroI2V.Lab.Notebooks;
using ZeroI2V.Lab.Notebooks.Jupyter;

namespace ZeroI2V.Lab.Tests.Notebooks;

public sealed class JupyterProtocolTests
{
    private const string Connection = """
        {"transport": "tcp", "ip": "127.0.0.1", "signature_scheme": "hmac-sha256", "key": "k", "shell_port": 1, "control_port": 2, "iopub_port": 3, "stdin_port": 4, "hb_port": 5}
        """;

    [Fact]
    public void A_message_is_signed_as_the_protocol_says()
    {
        var wire = new WireFormat("key");
        JupyterMessage message = wire.Make("status", null, new JsonObject { ["execution_state"] = "idle" }, [[7]]);

        IReadOnlyList<byte[]> frames = wire.Encode(message);

        Assert.Equal(7, frames.Count);
        Assert.Equal(new byte[] { 7 }, frames[0]);
        Assert.Equal("<IDS|MSG>", Encoding.ASCII.GetString(frames[1]));
        byte[] signed = [.. frames[3], .. frames[4], .. frames[5], .. frames[6]];
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.HMACSHA256.HashData("key"u8, signed)), Encoding.ASCII.GetString(frames[2]));
        Assert.True(wire.TryDecode(frames, out JupyterMessage read, out _));
        Assert.Equal(("status", "idle"), (read.Type, read.Text("execution_state")));
    }

    [Theory]
    [InlineData("another key", "its signature is wrong")]
    [InlineData(null, "it is not signed")]
    public void What_is_not_signed_with_the_key_is_refused(string? key, string fault)
    {
        var other = new WireFormat(key ?? "");
        List<byte[]> frames = [.. other.Encode(other.Make("execute_request", null, new JsonObject { ["code"] = "1" }, []))];
        if (key is null)
            frames[1] = [];

        Assert.False(new WireFormat("key").TryDecode(frames, out _, out string said));
        Assert.Equal(fault, said);
    }

    [Fact]
    public void A_message_cut_off_anywhere_or_with_a_changed_byte_is_refused()
    {
        var wire = new WireFormat("key");
        IReadOnlyList<byte[]> frames = wire.Encode(wire.Make("execute_request", null, new JsonObject { ["code"] = "1" }, [[1], [2]]));
        for (int count = 0; count < frames.Count; count++)
            Assert.False(wire.TryDecode([.. frames.Take(count)], out _, out _));
        for (int part = 3; part < frames.Count; part++)
        {
            byte[][] changed = [.. frames.Select(frame => (byte[])frame.Clone())];
            changed[part][0] ^= 1;
            Assert.False(wire.TryDecode(changed, out _, out _));
        }
    }

    [Theory]
    [InlineData("127.0.0.1", "0.0.0.0", "expected a loopback address")]
    [InlineData("127.0.0.1", "192.168.1.5", "expected a loopback address")]
    [InlineData("\"k\"", "\"\"", "expected a key, found none")]
    [InlineData("hmac-sha256", "hmac-md5", "expected the signature scheme hmac-sha256, found 'hmac-md5'")]
    [InlineData("tcp", "ipc", "expected the transport tcp")]
    [InlineData("\"hb_port\": 5", "\"hb_port\": 70000", "expected a port from 1 to 65535 under hb_port, found 70000")]
    [InlineData("\"hb_port\": 5", "\"hb_port\": \"5\"", "under hb_port")]
    [InlineData("{", "", "expected JSON")]
    public void A_connection_file_that_would_open_the_kernel_to_others_or_is_broken_is_refused(string part, string instead, string message)
    {
        Assert.Equal(5, ConnectionFile.Parse(Connection, "c.json").HeartbeatPort);
        var exception = Assert.Throws<NotebookException>(() => ConnectionFile.Parse(Connection.Replace(part, instead, StringComparison.Ordinal), "c.json"));
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cursor_is_counted_in_code_points()
    {
        const string Text = "é😀x";
        Assert.Equal([0, 1, 3, 4, 4], Enumerable.Range(0, 5).Select(points => CodePoints.ToIndex(Text, points)));
        Assert.Equal([0, 1, 2, 3], new[] { 0, 1, 3, 4 }.Select(index => CodePoints.FromIndex(Text, index)));
        Assert.Equal(4, CodePoints.ToIndex(Text, null));
    }

    [Fact]
    public void What_is_installed_starts_this_lab_and_brings_plotly()
    {
        using var folder = new TemporaryFolder();
        string file = KernelSpec.Install(folder["kernels"]);

        JsonNode spec = JsonNode.Parse(File.ReadAllText(file))!;
        Assert.Equal(".net-csharp", Path.GetFileName(Path.GetDirectoryName(file)));
        Assert.Equal(["kernel", "{connection_file}"], spec["argv"]!.AsArray().Select(part => (string?)part).TakeLast(2));
        Assert.All(spec["argv"]!.AsArray().Take(spec["argv"]!.AsArray().Count - 2), part => Assert.True(File.Exists((string?)part)));
        Assert.Equal("message", (string?)spec["interrupt_mode"]);
        Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(file)!, "plotly.min.js")));
        Assert.Equal(["conf.json", "index.html.j2", "plotly.min.js"], Directory.GetFiles(folder["nbconvert/templates/zeroi2v"]).Select(Path.GetFileName).Order());
    }
}
