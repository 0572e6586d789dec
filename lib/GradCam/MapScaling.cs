namespace ZeroI2V.Lab.GradCam;

/// <summary>From raw maps to numbers between 0 and 1 for each pixel.</summary>
public static class MapScaling
{
    private const float Smallest = 1e-7f;

    /// <summary>Bilinear interpolation between the centres of patches; beyond the outermost centres the map stays as it is there.</summary>
    /// <param name="map">rows·columns numbers.</param>
    /// <param name="rows">Patches down.</param>
    /// <param name="columns">Patches across.</param>
    /// <param name="height">H, pixels.</param>
    /// <param name="width">W, pixels.</param>
    /// <returns>H·W numbers.</returns>
    public static float[] Resize(ReadOnlySpan<float> map, int rows, int columns, int height, int width)
    {
        if (map.Length != rows * columns || height < 1 || width < 1)
            throw new ArgumentException($"{rows}×{columns} patches and {height}×{width} pixels with {map.Length} numbers.", nameof(map));
        var pixels = new float[checked(height * width)];
        for (int y = 0; y < height; y++)
        {
            (int top, int bottom, float down) = Between(y, height, rows);
            for (int x = 0; x < width; x++)
            {
                (int left, int right, float across) = Between(x, width, columns);
                float upper = map[top * columns + left] * (1 - across) + map[top * columns + right] * across;
                float lower = map[bottom * columns + left] * (1 - across) + map[bottom * columns + right] * across;
                pixels[y * width + x] = upper * (1 - down) + lower * down;
            }
        }
        return pixels;
    }

    /// <summary>
    /// Each frame by itself from its least to its most, before and after it is resized, as pytorch-grad-cam scales images. Frames,
    /// groups and clips cannot be compared then: a frame without evidence looks like one with much. For equality with that
    /// program, and nothing else; pictures use <see cref="CamScale"/>.
    /// </summary>
    /// <param name="map">The raw map.</param>
    /// <param name="height">H, pixels.</param>
    /// <param name="width">W, pixels.</param>
    /// <returns>T·H·W numbers from 0 to 1.</returns>
    public static float[] EachFrame(CamMap map, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(map);
        var all = new float[checked(map.Frames * height * width)];
        for (int t = 0; t < map.Frames; t++)
        {
            float[] cells = map.Frame(t).ToArray();
            for (int i = 0; i < cells.Length; i++)
                cells[i] = Math.Max(cells[i], 0);
            Stretch(cells);
            float[] pixels = Resize(cells, map.Rows, map.Columns, height, width);
            Stretch(pixels);
            pixels.CopyTo(all, t * pixels.Length);
        }
        return all;
    }

    private static (int First, int Second, float Share) Between(int pixel, int pixels, int cells)
    {
        float at = Math.Clamp((pixel + 0.5f) * cells / pixels - 0.5f, 0, cells - 1);
        int first = Math.Min((int)at, cells - 1);
        return (first, Math.Min(first + 1, cells - 1), at - first);
    }

    private static void Stretch(float[] values)
    {
        float least = values.Min();
        for (int i = 0; i < values.Length; i++)
            values[i] -= least;
        float most = Smallest + values.Max();
        for (int i = 0; i < values.Length; i++)
            values[i] /= most;
    }
}

/// <summary>
/// One scale for several maps: 0 stays 0, what speaks against the score is cut off, and 1 is the most that any patch of any of the
/// maps has. So frames, groups of heads and models that share a scale can be compared by eye.
/// </summary>
/// <param name="Top">The raw number that becomes 1.</param>
public sealed record CamScale(float Top)
{
    /// <summary>The scale of maps that are shown together.</summary>
    /// <param name="maps">The maps.</param>
    public static CamScale Of(params IEnumerable<CamMap> maps) => new(Math.Max(maps.Select(map => map.Max).DefaultIfEmpty(0).Max(), 0));

    /// <summary>One frame of a map, pixel by pixel.</summary>
    /// <param name="map">The raw map.</param>
    /// <param name="frame">t.</param>
    /// <param name="height">H, pixels.</param>
    /// <param name="width">W, pixels.</param>
    /// <returns>H·W numbers from 0 to 1; all 0 where no map has anything above zero.</returns>
    public float[] Apply(CamMap map, int frame, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(map);
        float[] cells = map.Frame(frame).ToArray();
        for (int i = 0; i < cells.Length; i++)
            cells[i] = Top > 0 ? Math.Clamp(cells[i] / Top, 0, 1) : 0;
        return MapScaling.Resize(cells, map.Rows, map.Columns, height, width);
    }
}
