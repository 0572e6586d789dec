using System.Text.Json;

namespace ZeroI2V.Lab.Checkpoints;

/// <summary>Where one tensor of a safetensors file lies. Offsets count from the first byte after the header.</summary>
/// <param name="Name">Its key.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Sizes; empty for a scalar.</param>
/// <param name="Start">First byte.</param>
/// <param name="End">One past the last byte.</param>
internal sealed record SafeTensorsEntry(string Name, ElementType Type, long[] Shape, long Start, long End);

/// <summary>
/// The header of a safetensors file: JSON with, for each tensor, its element type, shape and place, and a
/// dictionary of strings under <c>__metadata__</c>. Everything is checked against the size of the file before
/// a tensor is made: the tensors must fill the data part exactly, without overlap or gap.
/// </summary>
internal sealed record SafeTensorsHeader(IReadOnlyList<SafeTensorsEntry> Entries, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>The format's own bound on the header, in bytes.</summary>
    internal const int Largest = 100_000_000;

    /// <summary>Dimensions of a tensor that the reader accepts; weights have at most five.</summary>
    internal const int MostDimensions = 16;

    /// <summary>Tensors that the reader accepts; a tensor without elements costs a few bytes of the file and far more of memory.</summary>
    internal const int MostTensors = 200_000;

    private const string MetadataKey = "__metadata__";

    /// <summary>Parses and checks a header.</summary>
    /// <param name="json">The header's bytes, without the length in front.</param>
    /// <param name="dataLength">Bytes that follow the header in the file.</param>
    /// <param name="file">Name of the file, for messages.</param>
    /// <exception cref="CheckpointException">The header is malformed or contradicts the file.</exception>
    internal static SafeTensorsHeader Parse(ReadOnlySpan<byte> json, long dataLength, string file)
    {
        if (json.IsEmpty || json[0] != (byte)'{')
            throw Malformed(file, "must start with '{'");
        var entries = new List<SafeTensorsEntry>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 4 });
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string name = reader.GetString()!;
                if (!names.Add(name))
                    throw new CheckpointException(CheckpointFault.DuplicateName, $"{file}: the header names '{name}' twice.");
                reader.Read();
                if (name == MetadataKey)
                    ReadMetadata(ref reader, metadata, file);
                else if (entries.Count < MostTensors)
                    entries.Add(ReadEntry(ref reader, name, file));
                else
                    throw new CheckpointException(CheckpointFault.TooLarge, $"{file}: the header names more than {MostTensors} tensors.");
            }
            // The format pads headers with spaces; the JSON reader takes those, and nothing else, after the object.
            if (reader.TokenType != JsonTokenType.EndObject || reader.Read())
                throw Malformed(file, "must be one JSON object");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            throw new CheckpointException(CheckpointFault.Malformed, $"{file}: the safetensors header is no valid JSON: {error.Message}", error);
        }
        CheckPlaces(entries, dataLength, file);
        return new SafeTensorsHeader(entries, metadata);
    }

    private static void ReadMetadata(ref Utf8JsonReader reader, Dictionary<string, string> metadata, string file)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw Malformed(file, $"must hold an object under {MetadataKey}");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
                throw Malformed(file, $"must hold strings only under {MetadataKey}; '{key}' is a {reader.TokenType}");
            if (!metadata.TryAdd(key, reader.GetString()!))
                throw new CheckpointException(CheckpointFault.DuplicateName, $"{file}: {MetadataKey} names '{key}' twice.");
        }
    }

    private static SafeTensorsEntry ReadEntry(ref Utf8JsonReader reader, string name, string file)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw Malformed(file, $"must describe '{name}' by an object");
        string? type = null;
        long[]? shape = null;
        long[]? offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            reader.Read();
            bool twice = key switch { "dtype" => type is not null, "shape" => shape is not null, "data_offsets" => offsets is not null, _ => false };
            if (twice)
                throw new CheckpointException(CheckpointFault.DuplicateName, $"{file}: '{name}' states its {key} twice.");
            switch (key)
            {
                case "dtype":
                    type = reader.GetString();
                    break;
                case "shape":
                    shape = ReadNumbers(ref reader, MostDimensions, name, key, file);
                    break;
                case "data_offsets":
                    offsets = ReadNumbers(ref reader, 2, name, key, file);
                    break;
                default:
                    throw Malformed(file, $"describes '{name}' by an unknown '{key}'");
            }
        }
        if (type is null || shape is null || offsets is not { Length: 2 })
            throw Malformed(file, $"must give '{name}' a dtype, a shape and two data_offsets");
        ElementType element = ElementTypes.FromSafeTensors(type) ?? throw new CheckpointException(
            CheckpointFault.ElementType,
            $"{file}: '{name}' has elements of type {type}; the lab holds BOOL, U8, I8, I16, I32, I64, F16, BF16, F32 and F64. Convert the file first.");
        return new SafeTensorsEntry(name, element, shape, offsets[0], offsets[1]);
    }

    private static long[] ReadNumbers(ref Utf8JsonReader reader, int most, string name, string key, string file)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw Malformed(file, $"must give the {key} of '{name}' as a list");
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (numbers.Count == most)
                throw Malformed(file, $"gives the {key} of '{name}' more than {most} numbers");
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0)
                throw Malformed(file, $"must give the {key} of '{name}' as whole numbers from 0 on");
            numbers.Add(number);
        }
        return [.. numbers];
    }

    private static void CheckPlaces(List<SafeTensorsEntry> entries, long dataLength, string file)
    {
        entries.Sort((a, b) => a.Start != b.Start ? a.Start.CompareTo(b.Start) : a.End.CompareTo(b.End));
        long at = 0;
        foreach (SafeTensorsEntry entry in entries)
        {
            if (entry.Start != at || entry.End < entry.Start)
                throw new CheckpointException(
                    CheckpointFault.Offsets,
                    $"{file}: '{entry.Name}' lies at bytes {entry.Start} to {entry.End}; the tensor before it ends at {at}, and tensors may neither overlap nor leave gaps.");
            if (ElementTypes.Count(entry.Shape) is not long count || count > long.MaxValue / entry.Type.Bytes() || count * entry.Type.Bytes() != entry.End - entry.Start)
                throw new CheckpointException(
                    CheckpointFault.Size,
                    $"{file}: '{entry.Name}' has shape {ElementTypes.Text(entry.Shape)} of {entry.Type} but {entry.End - entry.Start} bytes.");
            at = entry.End;
        }
        if (at > dataLength)
            throw new CheckpointException(CheckpointFault.Truncated, $"{file}: the header announces {at} bytes of tensors; the file holds {dataLength}. It was cut short; fetch it again.");
        if (at < dataLength)
            throw new CheckpointException(CheckpointFault.Offsets, $"{file}: {dataLength - at} bytes after the last tensor belong to nothing.");
    }

    private static CheckpointException Malformed(string file, string what) =>
        new(CheckpointFault.Malformed, $"{file}: the safetensors header {what}.");
}
