namespace TorchSharp;

/// <summary>A number of any type, as operators take it.</summary>
public sealed class Scalar : IDisposable
{
    internal Scalar(Native.Kind kind, long bits, torch.ScalarType? type = null)
    {
        Kind = kind;
        Bits = bits;
        Type = type ?? kind switch
        {
            Native.Kind.Int => torch.ScalarType.Int64,
            Native.Kind.Double => torch.ScalarType.Float64,
            Native.Kind.Bool => torch.ScalarType.Bool,
            _ => throw new InvalidOperationException($"expected a number from libtorch, found {kind}")
        };
    }

    private Scalar(long value, torch.ScalarType type) : this(Native.Kind.Int, value, type) { }

    private Scalar(double value, torch.ScalarType type) : this(Native.Kind.Double, BitConverter.DoubleToInt64Bits(value), type) { }

    internal Native.Kind Kind { get; }

    internal long Bits { get; }

    public torch.ScalarType Type { get; }

    internal double AsDouble => Kind == Native.Kind.Double ? BitConverter.Int64BitsToDouble(Bits) : Bits;

    internal long AsLong => Kind == Native.Kind.Double ? (long)BitConverter.Int64BitsToDouble(Bits) : Bits;

    public static implicit operator Scalar(byte value) => new(value, torch.ScalarType.Byte);
    public static implicit operator Scalar(sbyte value) => new(value, torch.ScalarType.Int8);
    public static implicit operator Scalar(short value) => new(value, torch.ScalarType.Int16);
    public static implicit operator Scalar(int value) => new(value, torch.ScalarType.Int32);
    public static implicit operator Scalar(long value) => new(value, torch.ScalarType.Int64);
    public static implicit operator Scalar(float value) => new((double)value, torch.ScalarType.Float32);
    public static implicit operator Scalar(double value) => new(value, torch.ScalarType.Float64);
    public static implicit operator Scalar(Half value) => new((double)value, torch.ScalarType.Float16);
    public static implicit operator Scalar(BFloat16 value) => new((double)value, torch.ScalarType.BFloat16);
    public static implicit operator Scalar(bool value) => new(Native.Kind.Bool, value ? 1 : 0);

    /// <summary>Nothing is held outside the object.</summary>
    public void Dispose() { }
}

public static class ScalarExtensionMethods
{
    public static Scalar ToScalar(this byte value) => value;
    public static Scalar ToScalar(this sbyte value) => value;
    public static Scalar ToScalar(this short value) => value;
    public static Scalar ToScalar(this int value) => value;
    public static Scalar ToScalar(this long value) => value;
    public static Scalar ToScalar(this float value) => value;
    public static Scalar ToScalar(this double value) => value;
    public static Scalar ToScalar(this Half value) => value;
    public static Scalar ToScalar(this BFloat16 value) => value;
    public static Scalar ToScalar(this bool value) => value;

    public static bool ToBoolean(this Scalar value) => value.Kind == Native.Kind.Double ? value.AsDouble != 0 : value.Bits != 0;
    public static byte ToByte(this Scalar value) => (byte)value.AsLong;
    public static sbyte ToSByte(this Scalar value) => (sbyte)value.AsLong;
    public static short ToInt16(this Scalar value) => (short)value.AsLong;
    public static int ToInt32(this Scalar value) => (int)value.AsLong;
    public static long ToInt64(this Scalar value) => value.AsLong;
    public static float ToSingle(this Scalar value) => (float)value.AsDouble;
    public static double ToDouble(this Scalar value) => value.AsDouble;
    public static Half ToHalf(this Scalar value) => (Half)value.AsDouble;
    public static BFloat16 ToBFloat16(this Scalar value) => (BFloat16)value.AsDouble;
}
