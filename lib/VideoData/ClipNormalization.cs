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

    /// <summary>All frames of a clip.</summary>
    /// <param name="frames">[T, H, W, 3] bytes.</param>
    /// <returns>[1, 3, T, H, W], 32-bit floats on the CPU.</returns>
    public Tensor Apply(FrameStack frames)
    {
        ArgumentNullException.ThrowIfNull(frames);
        int plane = frames.Count * frames.Height * frames.Width;
        var floats = new float[3 * plane];
        for (int i = 0; i < frames.Rgb.Length; i++)
            floats[i % 3 * plane + i / 3] = Apply(frames.Rgb[i], i % 3);
        return tensor(floats, [1L, 3L, frames.Count, frames.Height, frames.Width]);
    }
}
