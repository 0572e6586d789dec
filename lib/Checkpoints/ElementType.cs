using System.Globalization;

namespace ZeroI2V.Lab.Checkpoints;

/// <summary>The element types that weight files may hold: those that libtorch has, without the quantised ones.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Naming", "CA1720", Justification = "The names are those of types.")]
public enum ElementType
{
    /// <summary>One byte, 0 or 1.</summary>
    Bool,

    /// <summary>Unsigned, 8 bits.</summary>
    UInt8,

    /// <summary>Signed, 8 bits.</summary>
    Int8,

    /// <summary>Signed, 16 bits.</summary>
    Int16,

    /// <summary>Signed, 32 bits.</summary>
    Int32,

    /// <summary>Signed, 64 bits.</summary>
    Int64,

    /// <summary>IEEE half precision.</summary>
    Float16,

    /// <summary>The upper half of a single.</summary>
    BFloat16,

    /// <summary>IEEE single precision.</summary>
    Float32,

    /// <summary>IEEE double precision.</summary>
    Float64,
}

/// <summary>Sizes and names of element types.</summary>
internal static class ElementTypes
{
    /// <summary>Bytes of one element.</summary>
    internal static int Bytes(this ElementType type) => type switch
    {
        ElementType.Bool or ElementType.UInt8 or ElementType.Int8 => 1,
        ElementType.Int16 or ElementType.Float16 or ElementType.BFloat16 => 2,
        ElementType.Int32 or ElementType.Float32 => 4,
        ElementType.Int64 or ElementType.Float64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not an element type"),
    };

    /// <summary>The name in a safetensors header.</summary>
    internal static string SafeTensorsName(this ElementType type) => type switch
    {
        ElementType.Bool => "BOOL",
        ElementType.UInt8 => "U8",
        ElementType.Int8 => "I8",
        ElementType.Int16 => "I16",
        ElementType.Int32 => "I32",
        ElementType.Int64 => "I64",
        ElementType.Float16 => "F16",
        ElementType.BFloat16 => "BF16",
        ElementType.Float32 => "F32",
        ElementType.Float64 => "F64",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not an element type"),
    };

    /// <summary>The type of a name in a safetensors header; null for a name that the lab does not hold.</summary>
    internal static ElementType? FromSafeTensors(string name) => name switch
    {
        "BOOL" => ElementType.Bool,
        "U8" => ElementType.UInt8,
        "I8" => ElementType.Int8,
        "I16" => ElementType.Int16,
        "I32" => ElementType.Int32,
        "I64" => ElementType.Int64,
        "F16" => ElementType.Float16,
        "BF16" => ElementType.BFloat16,
        "F32" => ElementType.Float32,
        "F64" => ElementType.Float64,
        _ => null,
    };

    /// <summary>The type of a PyTorch storage class, such as <c>FloatStorage</c>; null for one that the lab does not hold.</summary>
    internal static ElementType? FromStorageClass(string name) => name switch
    {
        "BoolStorage" => ElementType.Bool,
        "ByteStorage" => ElementType.UInt8,
        "CharStorage" => ElementType.Int8,
        "ShortStorage" => ElementType.Int16,
        "IntStorage" => ElementType.Int32,
        "LongStorage" => ElementType.Int64,
        "HalfStorage" => ElementType.Float16,
        "BFloat16Storage" => ElementType.BFloat16,
        "FloatStorage" => ElementType.Float32,
        "DoubleStorage" => ElementType.Float64,
        _ => null,
    };

    /// <summary>Number of elements of a shape, or null where it overflows or a size is negative.</summary>
    internal static long? Count(ReadOnlySpan<long> shape)
    {
        long count = 1;
        bool empty = false;
        foreach (long size in shape)
        {
            if (size < 0)
                return null;
            if (size == 0)
                empty = true;
            // Even beside a zero the other sizes must multiply without overflow: libtorch computes strides from them.
            else if (Math.BigMul(count, size, out long low) is 0 && low >= 0)
                count = low;
            else
                return null;
        }
        return empty ? 0 : count;
    }

    /// <summary>A shape for messages: <c>[2, 3]</c>.</summary>
    internal static string Text(IEnumerable<long> shape) =>
        "[" + string.Join(", ", shape.Select(size => size.ToString(CultureInfo.InvariantCulture))) + "]";
}
