namespace ZeroI2V.Lab.VideoData;

/// <summary>The box of a random resized crop: a share of the area, a ratio of the sides, a place. All frames of a sample share it.</summary>
public sealed record RandomResizedCrop
{
    private const int Attempts = 10;

    /// <summary>Least and most share of the frame's area.</summary>
    public (double Low, double High) Area { get; init; } = (0.08, 1.0);

    /// <summary>Least and most width divided by height.</summary>
    public (double Low, double High) Ratio { get; init; } = (3.0 / 4, 4.0 / 3);

    /// <summary>Draws a box: ten ratios, then ten areas, the first pair that fits, then left and top; the middle square if none fits.</summary>
    public CropBox Draw(int width, int height, IDraws draws)
    {
        ArgumentNullException.ThrowIfNull(draws);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        Span<double> ratios = stackalloc double[Attempts], areas = stackalloc double[Attempts];
        foreach (ref double ratio in ratios)
            ratio = Math.Exp(draws.Real(Math.Log(Ratio.Low), Math.Log(Ratio.High)));
        foreach (ref double area in areas)
            area = draws.Real(Area.Low, Area.High);
        for (int i = 0; i < Attempts; i++)
        {
            double pixels = areas[i] * ((double)width * height);
            double across = Math.Round(Math.Sqrt(pixels * ratios[i]), MidpointRounding.ToEven);
            double down = Math.Round(Math.Sqrt(pixels / ratios[i]), MidpointRounding.ToEven);
            if (across <= width && down <= height)
            {
                int left = draws.Whole(0, width - (int)across), top = draws.Whole(0, height - (int)down);
                return new CropBox(left, top, left + (int)across, top + (int)down);
            }
        }
        return CropBox.Center(width, height, Math.Min(width, height));
    }
}
