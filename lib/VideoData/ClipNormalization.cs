using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.VideoData;

/// <summary>Takes bytes to what the network sees: (value - mean) / standard deviation, for red, green and blue, on 0 to 255.</summary>
public sealed record ClipNormalization
{
    /// <summary>CLIP's own means and deviations, in the rounding of the official code.</summary>
    public static ClipNormalization Clip { get; } = new([122.769f, 116.74f, 104.04f], [68.493f, 66.63f, 70.321f]);

    /// <summary>Means and deviations of red, green and blue.</summary>
    /// <exception cref="ArgumentException">Not three of each, or a deviation that is not above 0.</exception>
    public ClipNormalization(IReadOnlyList<float> mean, IReadOnlyList<float> std)
    {
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(std);
        if (mean.Count != 3 || std.Count != 3 || !mean.All(float.IsFinite) || !std.All(deviation => deviation > 0 && float.IsFinite(deviation)))
        {
            throw new ArgumentException(
                $"Expected three finite means and three deviations above 0; found ({string.Join(", ", mean)}) and ({string.Join(", ", std)}).");
        }
        Mean = mean;
        Std = std;
    }

    /// <summary>Means of red, green and blue.</summary>
    public IReadOnlyList<float> Mean { get; }

    /// <summary>Deviations of red, green and blue.</summary>
    public IReadOnlyList<float> Std { get; }

    /// <summary>One value, in 32-bit floats: a subtraction and a division, as in the official code.</summary>
    public float Apply(byte value, int channel) => (value - Mean[channel]) / Std[channel];

    /// <summary>A frame: [H, W, 3] bytes to three planes [H, W].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void Apply(ReadOnlySpan<byte> rgb, Span<float> red, Span<float> green, Span<float> blue)
    {
        int i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            Vector256<float> meanRed = Vector256.Create(Mean[0]), meanGreen = Vector256.Create(Mean[1]), meanBlue = Vector256.Create(Mean[2]);
            Vector256<float> stdRed = Vector256.Create(Std[0]), stdGreen = Vector256.Create(Std[1]), stdBlue = Vector256.Create(Std[2]);
            // Sixteen pixels lie in three vectors; each channel is gathered from all three.
            for (; i + 16 <= red.Length; i += 16)
            {
                Vector128<byte> first = Vector128.Create(rgb.Slice(3 * i, 16)), second = Vector128.Create(rgb.Slice(3 * i + 16, 16)), third = Vector128.Create(rgb.Slice(3 * i + 32, 16));
                Spread(Gather(first, second, third, 0), meanRed, stdRed, red[i..]);
                Spread(Gather(first, second, third, 1), meanGreen, stdGreen, green[i..]);
                Spread(Gather(first, second, third, 2), meanBlue, stdBlue, blue[i..]);
            }
        }
        for (; i < red.Length; i++)
            (red[i], green[i], blue[i]) = (Apply(rgb[3 * i], 0), Apply(rgb[3 * i + 1], 1), Apply(rgb[3 * i + 2], 2));
    }

    /// <summary>All frames of a clip.</summary>
    /// <param name="frames">[T, H, W, 3] bytes.</param>
    /// <returns>[1, 3, T, H, W], 32-bit floats on the CPU.</returns>
    public Tensor Apply(FrameStack frames)
    {
        ArgumentNullException.ThrowIfNull(frames);
        int plane = frames.Count * frames.Height * frames.Width;
        var floats = new float[3 * plane];
        Apply(frames.Rgb, floats.AsSpan(0, plane), floats.AsSpan(plane, plane), floats.AsSpan(2 * plane, plane));
        return tensor(floats, [1L, 3L, frames.Count, frames.Height, frames.Width]);
    }

    /// <summary>Every third byte of 48, from one of the first three on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Gather(Vector128<byte> first, Vector128<byte> second, Vector128<byte> third, int channel)
    {
        Vector128<byte> at = Vector128.Create((byte)0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 33, 36, 39, 42, 45) + Vector128.Create((byte)channel);
        // A place outside a vector gives 0.
        return Vector128.Shuffle(first, at) | Vector128.Shuffle(second, at - Vector128.Create((byte)16)) | Vector128.Shuffle(third, at - Vector128.Create((byte)32));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spread(Vector128<byte> bytes, Vector256<float> mean, Vector256<float> std, Span<float> target)
    {
        Vector256<ushort> wide = Vector256.Create(Vector128.WidenLower(bytes), Vector128.WidenUpper(bytes));
        Vector256<int> low = Vector256.WidenLower(wide).AsInt32(), high = Vector256.WidenUpper(wide).AsInt32();
        ((Vector256.ConvertToSingle(low) - mean) / std).CopyTo(target);
        ((Vector256.ConvertToSingle(high) - mean) / std).CopyTo(target[8..]);
    }
}
