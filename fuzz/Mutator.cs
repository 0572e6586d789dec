using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;

namespace ZeroI2V.Lab.Fuzz;

/// <summary>
/// Makes damaged and lying files out of sound ones. Half of the time it works inside the container, on a safetensors
/// header or an archive's pickle, and writes the container around it anew; otherwise the file would hardly ever get past
/// its first check.
/// </summary>
public sealed class Mutator(int seed)
{
    private static readonly long[] Numbers = [0, 1, -1, 7, 8, 255, 256, 65535, int.MaxValue, int.MinValue, uint.MaxValue, 1L << 32, 1L << 40, 1L << 62, long.MaxValue, long.MinValue];

    /// <summary>Instructions of pickles, known and unknown.</summary>
    private static readonly byte[] Instructions = [.. "().0123BCGIJKLMNQRSTUVX]abcdeghijlopqrstu}"u8, .. Enumerable.Range(0x80, 0x1a).Select(code => (byte)code)];

    /// <summary>Beginnings and middles of names, to put in front or to take out.</summary>
    private static readonly string[] Parts = ["visual.", "backbone.", "vision_model.", "module.", "embeddings.", "weight", "class_embedding", "transformer.resblocks.0.", "transformer.resblocks.00.", "transformer.resblocks.99999999999.", "cls_head.", "fc.", "T_Adapter.", "adapter_pre_mlp.", "cls_token", "_in"];

    private static readonly Func<long, long[]>[] Shapes =
    [
        count => [count], count => [1, 1, count], count => [count, 1], count => [count, 1, 1, 1], count => [1, count, 1, 1, 1], count => [2, count / 2, count % 2 == 0 ? 1 : 0],
    ];

    private static readonly string[] Json = ["0", "-1", "1e9", "9223372036854775807", "18446744073709551616", "\"F16\"", "[]", "{}", "null", "\"\\u0000\"", "[0,0,0,0,0,0,0,0]", "true"];

    private readonly Random _random = new(seed);

    /// <summary>One damaged file.</summary>
    /// <param name="file">A sound one.</param>
    /// <param name="other">Another, for parts.</param>
    public byte[] Mutate(byte[] file, byte[] other)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (_random.Next(2) == 0)
        {
            if (file.AsSpan().StartsWith("PK"u8))
                return InsideArchive(file);
            if (file.Length > 9 && file[8] == (byte)'{')
                return _random.Next(2) == 0 ? InsideHeader(file) : OtherTensors(file);
        }
        return Damage(file, other, Instructions);
    }

    private byte[] InsideHeader(byte[] file)
    {
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        string header = Encoding.UTF8.GetString(file, 8, length);
        for (int times = _random.Next(1, 4); times > 0; times--)
        {
            // A value, or a piece of text, for another.
            int at = header.IndexOfAny([':', ',', '['], _random.Next(header.Length));
            int end = at < 0 ? -1 : header.IndexOfAny([',', '}', ']', ':'], at + 1);
            if (end > 0)
                header = header[..(at + 1)] + Json[_random.Next(Json.Length)] + header[end..];
        }
        byte[] json = Encoding.UTF8.GetBytes(header);
        return [.. BitConverter.GetBytes((long)json.Length), .. json, .. file.AsSpan(8 + length)];
    }

    /// <summary>A sound file of tensors that no model has: other names, shapes and element types, tensors gone or there twice.</summary>
    private byte[] OtherTensors(byte[] file)
    {
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        var header = JsonNode.Parse(file.AsSpan(8, length))!.AsObject();
        var tensors = header.Where(item => item.Key != "__metadata__").Select(item => new Stored(
            item.Key, (string)item.Value!["dtype"]!, [.. item.Value["shape"]!.AsArray().Select(size => (long)size!)], file[(8 + length + (int)item.Value["data_offsets"]![0]!)..(8 + length + (int)item.Value["data_offsets"]![1]!)])).ToList();
        for (int times = _random.Next(1, 4); times > 0 && tensors.Count > 0; times--)
        {
            int which = _random.Next(tensors.Count);
            Stored tensor = tensors[which], other = tensors[_random.Next(tensors.Count)];
            long count = tensor.Bytes.Length / 4;
            switch (_random.Next(9))
            {
                case 0:
                    tensors.RemoveAt(which);
                    break;
                case 1:
                    tensors.Add(tensor with { Name = Parts[_random.Next(Parts.Length)] + tensor.Name });
                    break;
                case 2:
                    tensors[which] = tensor with { Name = tensor.Name.Replace(Parts[_random.Next(Parts.Length)], "", StringComparison.Ordinal) };
                    break;
                case 3:
                    tensors[which] = tensor with { Name = other.Name.Split('.')[0] + "." + string.Join('.', tensor.Name.Split('.').Skip(1)) };
                    break;
                case 4:
                    tensors[which] = tensor with { Shape = other.Shape, Bytes = other.Bytes, Type = other.Type };
                    break;
                case 5:
                    tensors[which] = tensor with { Type = "I32" };
                    break;
                case 6:
                    tensors[which] = tensor with { Type = "F16", Shape = [.. tensor.Shape, 2] };
                    break;
                case 7:
                    tensors[which] = tensor with { Shape = Shapes[_random.Next(Shapes.Length)](count) };
                    break;
                default:
                    tensors[which] = tensor with { Shape = [0, .. tensor.Shape], Bytes = [] };
                    break;
            }
        }
        var written = new JsonObject();
        if (_random.Next(2) == 0 && header["__metadata__"] is { } metadata)
            written["__metadata__"] = metadata.DeepClone();
        long at = 0;
        var data = new MemoryStream();
        foreach (Stored tensor in tensors.DistinctBy(tensor => tensor.Name))
        {
            written[tensor.Name] = new JsonObject
            {
                ["dtype"] = tensor.Type,
                ["shape"] = new JsonArray([.. tensor.Shape.Select(size => (JsonNode)size)]),
                ["data_offsets"] = new JsonArray(at, at + tensor.Bytes.Length),
            };
            data.Write(tensor.Bytes);
            at += tensor.Bytes.Length;
        }
        byte[] json = Encoding.UTF8.GetBytes(written.ToJsonString());
        return [.. BitConverter.GetBytes((long)json.Length), .. json, .. data.ToArray()];
    }

    private byte[] InsideArchive(byte[] file)
    {
        var entries = new List<(string Name, byte[] Bytes)>();
        using (var zip = new ZipArchive(new MemoryStream(file)))
            foreach (ZipArchiveEntry entry in zip.Entries)
            {
                using Stream stream = entry.Open();
                var bytes = new byte[entry.Length];
                stream.ReadExactly(bytes);
                entries.Add((entry.FullName, bytes));
            }
        // Mostly the pickle; now and then a storage, a name, one entry more or fewer.
        int which = _random.Next(4) > 0 ? entries.FindIndex(entry => entry.Name.EndsWith("data.pkl", StringComparison.Ordinal)) : _random.Next(entries.Count);
        switch (_random.Next(12))
        {
            case 0:
                entries.RemoveAt(which);
                break;
            case 1:
                entries.Add(entries[which]);
                break;
            case 2:
                entries[which] = ("../" + entries[which].Name, entries[which].Bytes);
                break;
            default:
                entries[which] = (entries[which].Name, Damage(entries[which].Bytes, entries[_random.Next(entries.Count)].Bytes, Instructions));
                break;
        }
        return PickleWriter.Zip([.. entries], _random.Next(8) == 0 ? CompressionLevel.SmallestSize : CompressionLevel.NoCompression);
    }

    private byte[] Damage(byte[] file, byte[] other, byte[] alphabet)
    {
        var bytes = new List<byte>(file);
        for (int times = _random.Next(1, 5); times > 0 && bytes.Count > 0; times--)
        {
            int at = _random.Next(bytes.Count);
            switch (_random.Next(8))
            {
                case 0:
                    bytes[at] = (byte)_random.Next(256);
                    break;
                case 1:
                    bytes[at] = alphabet[_random.Next(alphabet.Length)];
                    break;
                case 2:
                    bytes.Insert(at, alphabet[_random.Next(alphabet.Length)]);
                    break;
                case 3:
                    bytes.RemoveRange(at, Math.Min(_random.Next(1, 17), bytes.Count - at));
                    break;
                case 4:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 5:
                    Number(bytes, at);
                    break;
                case 6:
                    // A piece once more, from this file or another.
                    byte[] source = _random.Next(2) == 0 || other.Length == 0 ? [.. bytes] : other;
                    int start = _random.Next(source.Length);
                    bytes.InsertRange(at, source[start..Math.Min(source.Length, start + _random.Next(1, 200))]);
                    break;
                default:
                    // The same byte again and again: deep nesting, long chains.
                    bytes.InsertRange(at, Enumerable.Repeat(alphabet[_random.Next(alphabet.Length)], 1 << _random.Next(1, 13)));
                    break;
            }
        }
        return [.. bytes];
    }

    /// <summary>A number that lies, at any width: zero, the largest, the file's length and its neighbours.</summary>
    private void Number(List<byte> bytes, int at)
    {
        long number = _random.Next(3) == 0 ? bytes.Count + _random.Next(-2, 3) : Numbers[_random.Next(Numbers.Length)];
        int width = 1 << _random.Next(4);
        for (int i = 0; i < width && at + i < bytes.Count; i++)
            bytes[at + i] = (byte)(number >> (8 * i));
    }

    private sealed record Stored(string Name, string Type, long[] Shape, byte[] Bytes);
}
