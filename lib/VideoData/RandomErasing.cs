namespace ZeroI2V.Lab.VideoData;

/// <summary>Paints a random box grey (128) or with noise, the same box in all frames of a sample.</summary>
public sealed record RandomErasing
{
    // 32-bit floats, as in the official code.
    private static readonly double s_lowLogRatio = MathF.Log(3f / 10f), s_highLogRatio = MathF.Log(10f / 3f);

    /// <summary>How often a box is painted, 0 to 1.</summary>
    public double Probability { get; init; } = 0.25;

    /// <summary>Least and most share of the frame's area.</summary>
    public (double Low, double High) Area { get; init; } = (0.02, 1.0 / 3);

    /// <summary>The value painted, in all channels.</summary>
    public const byte Fill = 128;

    /// <summary>Paints noise, drawn anew for each pixel, channel and frame, in place of grey (ViT-L on Kinetics-400 with 32 frames).</summary>
    public bool Noise { get; init; }

    /// <summary>Checks the numbers.</summary>
    /// <exception cref="ArgumentException">One is out of its range.</exception>
    public void Validate()
    {
        if (Probability is not (>= 0 and <= 1) || !(Area.Low >= 0 && Area.Low <= Area.High && Area.High <= 1))
            throw new ArgumentException($"Erasing has Probability {Probability} and Area {Area}; expected 0 to 1, and shares of 0 to 1, the lower first.");
    }

    /// <summary>Paints a box into every frame of a copy.</summary>
    public FrameStack Paint(FrameStack frames, CropBox box, IDraws draws)
    {
        ArgumentNullException.ThrowIfNull(frames);
        ArgumentNullException.ThrowIfNull(draws);
        byte[] rgb = [.. frames.Rgb];
        for (int f = 0; f < frames.Count; f++)
        {
            for (int y = box.Top; y < box.Bottom; y++)
            {
                Span<byte> row = rgb.AsSpan(f * frames.FrameBytes + 3 * (y * frames.Width + box.Left), 3 * box.Width);
                if (!Noise)
                {
                    row.Fill(Fill);
                    continue;
                }
                foreach (ref byte value in row)
                    value = (byte)draws.Whole(0, 255);
            }
        }
        return new FrameStack(rgb, frames.Count, frames.Height, frames.Width);
    }

    /// <summary>Draws a box, or nothing.</summary>
    public CropBox? Draw(int width, int height, IDraws draws)
    {
        ArgumentNullException.ThrowIfNull(draws);
        if (draws.Real(0, 1) > Probability)
            return null;
        // The ratio is height by width here.
        double ratio = Math.Exp(draws.Real(s_lowLogRatio, s_highLogRatio));
        double pixels = draws.Real(Area.Low, Area.High) * ((double)width * height);
        int down = (int)Math.Min(Math.Round(Math.Sqrt(pixels * ratio), MidpointRounding.ToEven), height);
        int across = (int)Math.Min(Math.Round(Math.Sqrt(pixels / ratio), MidpointRounding.ToEven), width);
        int top = down < height ? draws.Whole(0, height - down - 1) : 0;
        int left = across < width ? draws.Whole(0, width - across - 1) : 0;
        return new CropBox(left, top, left + across, top + down);
    }
}
