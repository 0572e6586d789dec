using static TorchSharp.torch;

namespace ZeroI2V.Lab.Checkpoints;

/// <summary>Moves raw little-endian elements between files and tensors.</summary>
internal static class TensorBytes
{
    internal static ScalarType ToTorch(this ElementType type) => type switch
    {
        ElementType.Bool => ScalarType.Bool,
        ElementType.UInt8 => ScalarType.Byte,
        ElementType.Int8 => ScalarType.Int8,
        ElementType.Int16 => ScalarType.Int16,
        ElementType.Int32 => ScalarType.Int32,
        ElementType.Int64 => ScalarType.Int64,
        ElementType.Float16 => ScalarType.Float16,
        ElementType.BFloat16 => ScalarType.BFloat16,
        ElementType.Float32 => ScalarType.Float32,
        ElementType.Float64 => ScalarType.Float64,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not an element type"),
    };

    internal static ElementType FromTorch(ScalarType type, string name) => type switch
    {
        ScalarType.Bool => ElementType.Bool,
        ScalarType.Byte => ElementType.UInt8,
        ScalarType.Int8 => ElementType.Int8,
        ScalarType.Int16 => ElementType.Int16,
        ScalarType.Int32 => ElementType.Int32,
        ScalarType.Int64 => ElementType.Int64,
        ScalarType.Float16 => ElementType.Float16,
        ScalarType.BFloat16 => ElementType.BFloat16,
        ScalarType.Float32 => ElementType.Float32,
        ScalarType.Float64 => ElementType.Float64,
        _ => throw new CheckpointException(CheckpointFault.ElementType, $"'{name}' has elements of type {type}, which no weight file holds."),
    };

    /// <summary>A new contiguous tensor whose memory is read from the stream's next bytes, without a copy in between.</summary>
    /// <exception cref="CheckpointException">The stream ends too early, or one tensor is larger than 2 GiB.</exception>
    internal static Tensor Read(Stream stream, ElementType type, long[] shape, string name, string file)
    {
        long bytes = ElementTypes.Count(shape)!.Value * type.Bytes();
        if (bytes > int.MaxValue)
            throw new CheckpointException(CheckpointFault.TooLarge, $"{file}: '{name}' takes {bytes} bytes; a single tensor may take {int.MaxValue}.");
        Tensor tensor = empty(shape, dtype: type.ToTorch());
        try
        {
            if (bytes > 0)
                stream.ReadExactly(tensor.bytes);
            return tensor;
        }
        catch (Exception error)
        {
            tensor.Dispose();
            if (error is EndOfStreamException or InvalidDataException)
                throw new CheckpointException(CheckpointFault.Truncated, $"{file}: ends inside '{name}'. It was cut short; fetch it again.", error);
            throw;
        }
    }

    /// <summary>Writes a tensor's elements in row-major order.</summary>
    internal static void Write(Stream stream, Tensor tensor)
    {
        if (tensor.NumberOfElements == 0)
            return;
        using var scope = NewDisposeScope();
        stream.Write(tensor.detach().cpu().contiguous().bytes);
    }
}
