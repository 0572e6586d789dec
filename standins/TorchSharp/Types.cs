using System.Collections;

namespace TorchSharp;

public enum DeviceType
{
    CPU = 0, CUDA = 1, MKLDNN = 2, OPENGL = 3, OPENCL = 4, IDEEP = 5, HIP = 6, FPGA = 7, MSNPU = 8, XLA = 9, MPS = 13, META = 14
}

public enum PaddingModes { Zeros = 0, Reflect = 1, Replicate = 2, Circular = 3, Constant = 4 }

public enum TensorStringStyle { Metadata = 0, Julia = 1, Numpy = 2, CSharp = 3, Default = 4 }

public static partial class torch
{
    public enum ScalarType : sbyte
    {
        Byte = 0, Int8 = 1, Int16 = 2, Int32 = 3, Int64 = 4, Float16 = 5, Float32 = 6, Float64 = 7,
        ComplexFloat32 = 9, ComplexFloat64 = 10, Bool = 11, QInt8 = 12, QUInt8 = 13, QInt32 = 14, BFloat16 = 15
    }

    public enum RoundingMode { None = 0, trunc = 1, floor = 2 }

    public enum InterpolationMode { Nearest = 0, Linear = 1, Bilinear = 2, Bicubic = 3, Trilinear = 4, Area = 5, NearestExact = 6 }

    public static ScalarType uint8 = ScalarType.Byte;
    public static ScalarType int8 = ScalarType.Int8;
    public static ScalarType int16 = ScalarType.Int16;
    public static ScalarType int32 = ScalarType.Int32;
    public static ScalarType int64 = ScalarType.Int64;
    public static ScalarType float16 = ScalarType.Float16;
    public static ScalarType bfloat16 = ScalarType.BFloat16;
    public static ScalarType float32 = ScalarType.Float32;
    public static ScalarType float64 = ScalarType.Float64;
    public static ScalarType half = ScalarType.Float16;
    public static ScalarType @short = ScalarType.Int16;
    public static ScalarType @int = ScalarType.Int32;
    public static ScalarType @long = ScalarType.Int64;
    public static ScalarType @float = ScalarType.Float32;
    public static ScalarType @double = ScalarType.Float64;
    public static ScalarType @bool = ScalarType.Bool;

    /// <summary>Where a tensor lives. Index −1 is the current device of that type.</summary>
    public class Device
    {
        public DeviceType type { get; private set; }

        public int index { get; private set; }

        public Device(DeviceType deviceType, int index = -1) => (type, this.index) = (deviceType, index);

        public Device(string deviceType, int index = -1) : this(Parse(deviceType), index) { }

        public Device(string description) : this(
            Parse(description.Split(':')[0]), description.Split(':') is [_, var number] ? int.Parse(number) : -1) { }

        public Device(int index) : this(DeviceType.CUDA, index) { }

        internal static Device FromBits(long bits) => new((DeviceType)(bits & 0xff), (int)(bits >> 8) - 1);

        internal long Bits => (long)type | ((long)(index + 1) << 8);

        private static DeviceType Parse(string name) => Enum.Parse<DeviceType>(name, ignoreCase: true);

        public override string ToString()
        {
            var name = type.ToString().ToLowerInvariant();
            return type == DeviceType.CPU || index == -1 ? name : $"{name}:{index}";
        }

        public static implicit operator Device(string description) => new(description);
    }

    public static readonly Device CPU = new(DeviceType.CPU);

    public static readonly Device META = new(DeviceType.META);

    public static Device CUDA => device(DeviceType.CUDA);

    public static Device device(string description) => InitializeDevice(new Device(description));

    public static Device device(string deviceType, int index = -1) => InitializeDevice(new Device(deviceType, index));

    public static Device device(DeviceType deviceType, int index = -1) => InitializeDevice(new Device(deviceType, index));

    public static Device device(int index) => new(index);

    public static void InitializeDeviceType(DeviceType deviceType)
    {
        if (!TryInitializeDeviceType(deviceType))
            throw new InvalidOperationException($"{deviceType} is not available: this libtorch or this machine has none.");
    }

    public static bool TryInitializeDeviceType(DeviceType deviceType) => deviceType switch
    {
        DeviceType.CUDA => cuda.is_available(),
        // Asking for anything loads the library.
        DeviceType.CPU or DeviceType.META => Native.lab_threads() > 0,
        _ => false
    };

    public static Device InitializeDevice(Device? device)
    {
        device ??= CPU;
        InitializeDeviceType(device.type);
        return device;
    }

    /// <summary>One place of an indexing expression: a number, a slice, a tensor, None, Ellipsis or a flag.</summary>
    public struct TensorIndex
    {
        internal enum Kind { None, Single, Slice, Tensor, Bool, Ellipsis }

        private static readonly long? End = null;

        internal Kind IndexKind { get; private init; }
        internal long? Start { get; private init; }
        internal long? Stop { get; private init; }
        internal long? Step { get; private init; }
        internal torch.Tensor? Value { get; private init; }

        public static TensorIndex Null = new() { IndexKind = Kind.None };
        public static TensorIndex None = new() { IndexKind = Kind.None };
        public static TensorIndex Ellipsis = new() { IndexKind = Kind.Ellipsis };
        public static TensorIndex Colon = Slice();

        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) =>
            new() { IndexKind = Kind.Slice, Start = start, Stop = stop, Step = step };

        public static TensorIndex Slice((int? start, int? end) range) => Slice(range.start, range.end);

        public static TensorIndex Slice(Range range) => Slice(
            range.Start.IsFromEnd ? -range.Start.Value : range.Start.Value,
            range.End.IsFromEnd ? range.End.Value == 0 ? End : -range.End.Value : range.End.Value);

        public static TensorIndex Bool(bool value) => new() { IndexKind = Kind.Bool, Start = value ? 1 : 0 };

        public static TensorIndex Single(long? index) => new() { IndexKind = Kind.Single, Start = index };

        public static TensorIndex Tensor(torch.Tensor tensor) => new() { IndexKind = Kind.Tensor, Value = tensor };

        public static implicit operator TensorIndex(long value) => Single(value);

        public static implicit operator TensorIndex((int? start, int? end) range) => Slice(range);

        public static implicit operator TensorIndex(Range range) => Slice(range);

        public static implicit operator TensorIndex(Index index) => Single(index.IsFromEnd ? -index.Value : index.Value);
    }

    /// <summary>A shape.</summary>
    public struct Size : IEnumerable<long>
    {
        public Size(long[] shape) => Shape = (long[])shape.Clone();

        public Size(IEnumerable<long> shape) => Shape = shape.ToArray();

        public long[] Shape { get; private set; }

        public int Length => Shape.Length;

        public long this[int idx] => Shape[idx];

        public long numel() => Shape.Aggregate(1L, (product, size) => product * size);

        public static implicit operator Size(long[] size) => new(size);

        public IEnumerator<long> GetEnumerator() => ((IEnumerable<long>)Shape).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
