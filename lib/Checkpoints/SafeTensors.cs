using System.Buffers.Binary;
using System.Text.Json;
using ZeroI2V.Lab.Files;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Checkpoints;

/// <summary>
/// The safetensors format: eight bytes with the length of a JSON header, the header, then the tensors' bytes.
/// The lab's own files are in it, and Hugging Face's.
/// </summary>
public static class SafeTensors
{
    /// <summary>Reads every tensor of a file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>Tensors and metadata.</returns>
    /// <exception cref="CheckpointException">The file is damaged or contradicts itself.</exception>
    public static WeightSet Read(string path)
    {
        using FileStream stream = File.OpenRead(path);
        SafeTensorsHeader header = ReadHeader(stream, path);
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        // On an error the scope frees what was read so far; otherwise the set takes the tensors out of it.
        using var scope = NewDisposeScope();
        // The header's check left the entries in the order of the file, without gaps.
        foreach (SafeTensorsEntry entry in header.Entries)
            tensors.Add(entry.Name, TensorBytes.Read(stream, entry.Type, entry.Shape, entry.Name, path));
        return new WeightSet(path, tensors, header.Metadata);
    }

    /// <summary>Reads only a file's metadata, without its tensors.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="CheckpointException">The header is damaged or contradicts the file.</exception>
    public static IReadOnlyDictionary<string, string> ReadMetadata(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return ReadHeader(stream, path).Metadata;
    }

    /// <summary>Writes tensors, from whatever device they are on, to a temporary file beside the target and renames it.</summary>
    /// <param name="path">The target; replaced if it exists.</param>
    /// <param name="tensors">Tensors by name.</param>
    /// <param name="metadata">Strings to keep beside them.</param>
    /// <exception cref="CheckpointException">A tensor's element type has no place in the format.</exception>
    public static void Write(string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        // Wide elements first, as the reference implementation does, so that every tensor is aligned to its elements.
        var order = tensors
            .Select(pair => (Name: pair.Key, Tensor: pair.Value, Type: TensorBytes.FromTorch(pair.Value.dtype, pair.Key)))
            .OrderByDescending(item => item.Type.Bytes())
            .ThenBy(item => item.Name, StringComparer.Ordinal)
            .ToList();

        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                writer.WriteStartObject("__metadata__");
                foreach ((string key, string value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                    writer.WriteString(key, value);
                writer.WriteEndObject();
            }
            long at = 0;
            foreach (var (name, tensor, type) in order)
            {
                long end = at + tensor.NumberOfElements * type.Bytes();
                writer.WriteStartObject(name);
                writer.WriteString("dtype", type.SafeTensorsName());
                writer.WriteStartArray("shape");
                foreach (long size in tensor.shape)
                    writer.WriteNumberValue(size);
                writer.WriteEndArray();
                writer.WriteStartArray("data_offsets");
                writer.WriteNumberValue(at);
                writer.WriteNumberValue(end);
                writer.WriteEndArray();
                writer.WriteEndObject();
                at = end;
            }
            writer.WriteEndObject();
        }
        // The first tensor starts on a multiple of eight.
        while (json.Length % 8 != 0)
            json.WriteByte((byte)' ');

        AtomicFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
            stream.Write(length);
            json.WriteTo(stream);
            foreach (var (_, tensor, _) in order)
                TensorBytes.Write(stream, tensor);
        });
    }

    /// <summary>Reads and checks the header; the stream then stands at the first tensor.</summary>
    private static SafeTensorsHeader ReadHeader(Stream stream, string path)
    {
        Span<byte> prefix = stackalloc byte[8];
        if (stream.ReadAtLeast(prefix, 8, throwOnEndOfStream: false) < 8)
            throw new CheckpointException(CheckpointFault.Truncated, $"{path}: {stream.Length} bytes are too few for a safetensors file.");
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > SafeTensorsHeader.Largest)
            throw new CheckpointException(CheckpointFault.TooLarge, $"{path}: the header claims {length} bytes; the format allows {SafeTensorsHeader.Largest}. It may be no safetensors file.");
        if ((long)length > stream.Length - 8)
            throw new CheckpointException(CheckpointFault.Truncated, $"{path}: the header claims {length} bytes; {stream.Length - 8} follow.");
        var json = new byte[length];
        stream.ReadExactly(json);
        return SafeTensorsHeader.Parse(json, stream.Length - 8 - (long)length, path);
    }
}
