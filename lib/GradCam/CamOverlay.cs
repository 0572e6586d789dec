using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.GradCam;

/// <summary>
/// Maps over pictures. How much there is tells itself twice: by colour, and by how much of the picture it covers, so that what has no
/// evidence stays to be seen as it is.
/// </summary>
public static class CamOverlay
{
    /// <summary>How opaque the strongest evidence is, unless something else is asked for.</summary>
    public const double DefaultAlpha = 0.75;

    /// <summary>Opacity is full from this part of the scale on, and grows evenly up to there.</summary>
    internal const float FullFrom = 0.4f;

    /// <summary>One frame of a map as a picture of its own.</summary>
    /// <param name="panel">Map and scale.</param>
    /// <param name="frame">t.</param>
    /// <param name="height">H, pixels.</param>
    /// <param name="width">W, pixels.</param>
    /// <param name="alpha">How opaque the strongest evidence is, 0 to 1.</param>
    /// <returns>Red, green, blue and opacity of each pixel, rows from the top.</returns>
    public static byte[] Rgba(CamPanel panel, int frame, int height, int width, double alpha = DefaultAlpha)
    {
        ArgumentNullException.ThrowIfNull(panel);
        if (alpha is not (>= 0 and <= 1))
            throw new CamException($"Alpha is {alpha}; it must be from 0 (the picture alone) to 1 (nothing of the picture under the strongest evidence).");
        float[] values = panel.Scale.Apply(panel.Map, frame, height, width);
        var pixels = new byte[4 * values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            (pixels[4 * i], pixels[4 * i + 1], pixels[4 * i + 2]) = HeatColors.Of(values[i]);
            pixels[4 * i + 3] = (byte)Math.Round(255 * alpha * Math.Min(values[i] / FullFrom, 1));
        }
        return pixels;
    }

    /// <summary>A clip with a map over it.</summary>
    /// <param name="frames">The clip, as many frames as the map has.</param>
    /// <param name="panel">Map and scale.</param>
    /// <param name="alpha">How opaque the strongest evidence is, 0 to 1.</param>
    /// <returns>Frames of the same size.</returns>
    /// <exception cref="CamException">Clip and map differ in their number of frames.</exception>
    public static FrameStack Over(FrameStack frames, CamPanel panel, double alpha = DefaultAlpha)
    {
        ArgumentNullException.ThrowIfNull(frames);
        ArgumentNullException.ThrowIfNull(panel);
        RequireFrames(frames, panel);
        byte[] rgb = [.. frames.Rgb];
        for (int t = 0; t < frames.Count; t++)
        {
            byte[] over = Rgba(panel, t, frames.Height, frames.Width, alpha);
            Span<byte> picture = rgb.AsSpan(t * frames.FrameBytes, frames.FrameBytes);
            for (int i = 0; i < over.Length / 4; i++)
            {
                int opacity = over[4 * i + 3];
                for (int c = 0; c < 3; c++)
                    picture[3 * i + c] = (byte)((picture[3 * i + c] * (255 - opacity) + over[4 * i + c] * opacity + 127) / 255);
            }
        }
        return frames with { Rgb = rgb };
    }

    /// <summary>Says what is wrong where clip and map differ.</summary>
    internal static void RequireFrames(FrameStack frames, CamPanel panel)
    {
        if (frames.Count != panel.Map.Frames)
            throw new CamException($"The clip has {frames.Count} frames; the map '{panel.Title}' has {panel.Map.Frames}. Show the frames that the model saw.");
    }
}
