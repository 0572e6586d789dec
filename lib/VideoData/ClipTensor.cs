using static TorchSharp.torch;

namespace ZeroI2V.Lab.VideoData;

/// <summary>Frames as a network takes them, for one clip at hand; lists of clips go through <see cref="ClipLoader"/>.</summary>
public static class ClipTensor
{
    /// <summary>Normalises the frames of one clip.</summary>
    /// <param name="frames">T frames.</param>
    /// <param name="normalization">Means and deviations.</param>
    /// <returns>(1, 3, T, H, W), 32-bit floats on the CPU.</returns>
    public static Tensor Of(FrameStack frames, ClipNormalization normalization)
    {
        ArgumentNullException.ThrowIfNull(frames);
        ArgumentNullException.ThrowIfNull(normalization);
        int pixels = frames.Height * frames.Width;
        var floats = new float[frames.Rgb.Length];
        for (int frame = 0; frame < frames.Count; frame++)
        {
            ReadOnlySpan<byte> rgb = frames.Frame(frame);
            for (int channel = 0; channel < 3; channel++)
            {
                int start = ((channel * frames.Count) + frame) * pixels;
                for (int i = 0; i < pixels; i++)
                    floats[start + i] = normalization.Apply(rgb[(3 * i) + channel], channel);
            }
        }
        return tensor(floats, [1, 3, frames.Count, frames.Height, frames.Width]);
    }
}
