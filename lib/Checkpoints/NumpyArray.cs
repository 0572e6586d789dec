using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Checkpoints;

/// <summary>NumPy's <c>.npy</c> files: one array of numbers, row-major, little-endian.</summary>
public static partial class NumpyArray
{
    private const int LargestHeader = 1 << 16;

    /// <summary>Reads an array.</summary>
    /// <param name="path">The file.</param>
    /// <returns>A tensor on the CPU in the file's element type; the caller frees it.</returns>
    /// <exception cref="CheckpointException">The file is damaged, or holds Fortran order, big-endian numbers or Python objects.</exception>
    public static Tensor Read(string path)
    {
        using FileStream stream = File.OpenRead(path);
        (ElementType type, long[] shape) = ReadHeader(stream, path);
        long left = stream.Length - stream.Position;
        if (ElementTypes.Count(shape) is not long count || count > left || count * type.Bytes() != left)
            throw new CheckpointException(CheckpointFault.Size, $"{path}: an array of shape {ElementTypes.Text(shape)} of {type} in {left} bytes.");
        return TensorBytes.Read(stream, type, shape, "the array", path);
    }

    private static (ElementType Type, long[] Shape) ReadHeader(FileStream stream, string path)
    {
        Span<byte> start = stackalloc byte[12];
        if (stream.ReadAtLeast(start[..10], 10, throwOnEndOfStream: false) < 10 || !IsMagic(start))
            throw new CheckpointException(CheckpointFault.Format, $"{path}: no .npy file; it does not start with NumPy's mark.");
        long length = BinaryPrimitives.ReadUInt16LittleEndian(start[8..]);
        if (start[6] >= 2)
        {
            if (stream.ReadAtLeast(start[10..], 2, throwOnEndOfStream: false) < 2)
                throw new CheckpointException(CheckpointFault.Truncated, $"{path}: ends inside its header.");
            length = BinaryPrimitives.ReadUInt32LittleEndian(start[8..]);
        }
        if (length > LargestHeader)
            throw new CheckpointException(CheckpointFault.TooLarge, $"{path}: the header claims {length} bytes; at most {LargestHeader} are read.");
        var bytes = new byte[length];
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
            throw new CheckpointException(CheckpointFault.Truncated, $"{path}: ends inside its header.");
        return ParseHeader(Encoding.Latin1.GetString(bytes), path);
    }

    private static bool IsMagic(ReadOnlySpan<byte> start) => start[0] == 0x93 && start[1..6].SequenceEqual("NUMPY"u8);

    /// <summary>The header is a Python dictionary; of its many spellings NumPy writes one.</summary>
    private static (ElementType Type, long[] Shape) ParseHeader(string header, string path)
    {
        Match match = Header().Match(header);
        if (!match.Success)
            throw new CheckpointException(CheckpointFault.Malformed, $"{path}: the header is none that NumPy writes for an array of numbers in row-major order.");
        ElementType type = match.Groups["type"].Value switch
        {
            "|b1" => ElementType.Bool,
            "|u1" => ElementType.UInt8,
            "|i1" => ElementType.Int8,
            "<i2" => ElementType.Int16,
            "<i4" => ElementType.Int32,
            "<i8" => ElementType.Int64,
            "<f2" => ElementType.Float16,
            "<f4" => ElementType.Float32,
            "<f8" => ElementType.Float64,
            var other => throw new CheckpointException(CheckpointFault.ElementType, $"{path}: elements of type {other}; the lab reads little-endian numbers."),
        };
        string[] sizes = match.Groups["shape"].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (sizes.Length > SafeTensorsHeader.MostDimensions)
            throw new CheckpointException(CheckpointFault.TooLarge, $"{path}: an array of {sizes.Length} dimensions.");
        var shape = new long[sizes.Length];
        for (int i = 0; i < sizes.Length; i++)
            if (!long.TryParse(sizes[i], NumberStyles.None, CultureInfo.InvariantCulture, out shape[i]))
                throw new CheckpointException(CheckpointFault.Malformed, $"{path}: the shape holds '{sizes[i]}'.");
        return (type, shape);
    }

    [GeneratedRegex(@"^\{'descr': '(?<type>[^']{1,8})', 'fortran_order': False, 'shape': \((?<shape>[0-9, ]*)\),? ?\}\s*$")]
    private static partial Regex Header();
}
