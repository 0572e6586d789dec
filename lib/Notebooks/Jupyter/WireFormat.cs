using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ZeroI2V.Lab.Notebooks.Jupyter;

/// <summary>Messages as frames: identities, a delimiter, an HMAC-SHA256 over what follows, and four JSON objects.</summary>
/// <param name="key">The key that kernel and client share.</param>
internal sealed class WireFormat(string key)
{
    /// <summary>The version of the protocol that the kernel speaks.</summary>
    public const string Version = "5.3";

    private const int MaxDepth = 64;
    private const int Parts = 4;

    private static readonly byte[] Delimiter = "<IDS|MSG>"u8.ToArray();
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly byte[] _key = Encoding.UTF8.GetBytes(key);
    private readonly string _session = Guid.NewGuid().ToString("N");

    /// <summary>Makes a message of the kernel.</summary>
    public JupyterMessage Make(string type, JupyterMessage? parent, JsonObject content, IReadOnlyList<byte[]> identities) => new(
        identities,
        new JsonObject
        {
            ["msg_id"] = Guid.NewGuid().ToString("N"),
            ["session"] = _session,
            ["username"] = "kernel",
            ["date"] = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
            ["msg_type"] = type,
            ["version"] = Version,
        },
        parent?.Header ?? [],
        content);

    /// <summary>A message's frames.</summary>
    public IReadOnlyList<byte[]> Encode(JupyterMessage message)
    {
        byte[][] parts = [Bytes(message.Header), Bytes(message.ParentHeader), "{}"u8.ToArray(), Bytes(message.Content)];
        return [.. message.Identities, Delimiter, Encoding.ASCII.GetBytes(Sign(parts)), .. parts];
    }

    /// <summary>Reads a message and checks its signature before anything of it is looked at.</summary>
    /// <param name="frames">What was received.</param>
    /// <param name="message">The message.</param>
    /// <param name="fault">Why there is none.</param>
    /// <returns>Whether it is one.</returns>
    public bool TryDecode(IReadOnlyList<byte[]> frames, out JupyterMessage message, out string fault)
    {
        message = null!;
        int delimiter = 0;
        while (delimiter < frames.Count && !frames[delimiter].AsSpan().SequenceEqual(Delimiter))
            delimiter++;
        // Frames behind the four are buffers of widgets, which the kernel does not have; they are not signed.
        if (frames.Count < delimiter + 2 + Parts)
        {
            fault = $"it has {frames.Count} frames, and too few after the delimiter";
            return false;
        }

        byte[][] parts = [.. frames.Skip(delimiter + 2).Take(Parts)];
        if (!CryptographicOperations.FixedTimeEquals(frames[delimiter + 1], Encoding.ASCII.GetBytes(Sign(parts))))
        {
            fault = frames[delimiter + 1].Length == 0 ? "it is not signed" : "its signature is wrong";
            return false;
        }

        var objects = new JsonObject[Parts];
        for (int i = 0; i < Parts; i++)
        {
            try
            {
                if (JsonNode.Parse(parts[i], documentOptions: new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false }) is not JsonObject read)
                {
                    fault = $"part {i + 1} is no JSON object";
                    return false;
                }

                objects[i] = read;
            }
            catch (JsonException exception)
            {
                fault = $"part {i + 1} is no JSON: {exception.Message}";
                return false;
            }
        }

        message = new JupyterMessage([.. frames.Take(delimiter)], objects[0], objects[1], objects[3]);
        fault = message.Type.Length == 0 ? "its header names no type" : "";
        return fault.Length == 0;
    }

    private string Sign(byte[][] parts)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        foreach (byte[] part in parts)
            hmac.AppendData(part);
        return Convert.ToHexStringLower(hmac.GetHashAndReset());
    }

    private static byte[] Bytes(JsonObject json) => JsonSerializer.SerializeToUtf8Bytes(json, Compact);
}
