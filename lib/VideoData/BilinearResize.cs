namespace ZeroI2V.Lab.VideoData;

/// <summary>Bilinear resizing of bytes, to the byte as the official pipelines do it: weights of 11 bits, rows and columns with
/// different rules at the border, exact halving as a mean of four. Nothing is smoothed before shrinking.</summary>
public static class BilinearResize
{
    private const int WeightOne = 2048;

    /// <summary>The size whose short side is <paramref name="shortSide"/>: the factor as a 64-bit float, halves up.</summary>
    public static (int Width, int Height) ShortSide(int width, int height, int shortSide)
    {
        RequireSize(width, height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(shortSide);
        double factor = (double)shortSide / Math.Min(width, height);
        return ((int)Math.Floor(width * factor + 0.5), (int)Math.Floor(height * factor + 0.5));
    }

    /// <summary>Resizes all frames of a stack; without a change of size the stack itself comes back.</summary>
    public static FrameStack Resize(FrameStack frames, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(frames);
        RequireSize(width, height);
        if ((width, height) == (frames.Width, frames.Height))
            return frames;

        var target = new byte[checked(3 * width * height * frames.Count)];
        bool half = frames.Width == 2 * width && frames.Height == 2 * height;
        Tap[] columns = half ? [] : Taps(frames.Width, width, stopAtBorder: true);
        Tap[] rows = half ? [] : Taps(frames.Height, height, stopAtBorder: false);
        for (int f = 0; f < frames.Count; f++)
        {
            Span<byte> frame = target.AsSpan(3 * width * height * f, 3 * width * height);
            if (half)
                Halve(frames.Frame(f), frame, width, height);
            else
                Interpolate(frames.Frame(f), frames.Width, frame, columns, rows);
        }
        return new FrameStack(target, frames.Count, height, width);
    }

    private static void Halve(ReadOnlySpan<byte> source, Span<byte> target, int width, int height)
    {
        int stride = 6 * width;
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<byte> upper = source.Slice(2 * y * stride, stride), lower = source.Slice((2 * y + 1) * stride, stride);
            Span<byte> row = target.Slice(3 * y * width, 3 * width);
            for (int i = 0; i < row.Length; i++)
            {
                int at = i / 3 * 6 + i % 3;
                row[i] = (byte)((upper[at] + upper[at + 3] + lower[at] + lower[at + 3] + 2) >> 2);
            }
        }
    }

    private static void Interpolate(ReadOnlySpan<byte> source, int sourceWidth, Span<byte> target, Tap[] columns, Tap[] rows)
    {
        // Source rows already resized across; neighbouring target rows share them.
        int[] first = new int[3 * columns.Length], second = new int[3 * columns.Length];
        int firstRow = -1, secondRow = -1;
        for (int y = 0; y < rows.Length; y++)
        {
            Tap tap = rows[y];
            if (tap.First == secondRow)
                (first, second, firstRow, secondRow) = (second, first, secondRow, firstRow);
            if (tap.First != firstRow)
                Across(source.Slice(3 * tap.First * sourceWidth, 3 * sourceWidth), first, columns);
            firstRow = tap.First;
            if (tap.Second != secondRow)
                Across(source.Slice(3 * tap.Second * sourceWidth, 3 * sourceWidth), second, columns);
            secondRow = tap.Second;

            Span<byte> row = target.Slice(3 * y * columns.Length, 3 * columns.Length);
            for (int i = 0; i < row.Length; i++)
                row[i] = (byte)((((tap.Weight0 * (first[i] >> 4)) >> 16) + ((tap.Weight1 * (second[i] >> 4)) >> 16) + 2) >> 2);
        }
    }

    private static void Across(ReadOnlySpan<byte> source, int[] target, Tap[] columns)
    {
        for (int x = 0; x < columns.Length; x++)
        {
            Tap tap = columns[x];
            int first = 3 * tap.First, second = 3 * tap.Second;
            target[3 * x] = source[first] * tap.Weight0 + source[second] * tap.Weight1;
            target[3 * x + 1] = source[first + 1] * tap.Weight0 + source[second + 1] * tap.Weight1;
            target[3 * x + 2] = source[first + 2] * tap.Weight0 + source[second + 2] * tap.Weight1;
        }
    }

    /// <summary>For each target pixel the two source pixels and their weights. Columns outside the outermost pixel centres take
    /// that pixel alone; rows keep their weights there and take it twice.</summary>
    private static Tap[] Taps(int source, int target, bool stopAtBorder)
    {
        double scale = 1 / ((double)target / source);
        var taps = new Tap[target];
        for (int i = 0; i < target; i++)
        {
            float at = (float)((i + 0.5) * scale - 0.5);
            int pixel = (int)MathF.Floor(at);
            float fraction = at - pixel;
            if (stopAtBorder && pixel < 0)
                (pixel, fraction) = (0, 0);
            if (stopAtBorder && pixel >= source - 1)
                (pixel, fraction) = (source - 1, 0);
            taps[i] = new Tap(
                Math.Clamp(pixel, 0, source - 1),
                Math.Clamp(pixel + 1, 0, source - 1),
                (int)MathF.Round((1 - fraction) * WeightOne, MidpointRounding.ToEven),
                (int)MathF.Round(fraction * WeightOne, MidpointRounding.ToEven));
        }
        return taps;
    }

    private static void RequireSize(int width, int height)
    {
        if (width is <= 0 or > 1 << 15 || height is <= 0 or > 1 << 15)
            throw new ArgumentException($"Expected sides of 1 to {1 << 15} pixels; found {width}x{height}.");
    }

    private readonly record struct Tap(int First, int Second, int Weight0, int Weight1);
}
