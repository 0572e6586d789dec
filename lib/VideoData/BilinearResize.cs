using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

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

    /// <summary>Resizes all frames of a stack; without a change the stack itself comes back.</summary>
    /// <param name="frames">[F, H, W, 3].</param>
    /// <param name="width">New width of the whole frame.</param>
    /// <param name="height">New height of the whole frame.</param>
    /// <param name="part">The part of the resized frame that is wanted, inside it; null for all. The rest is not computed.</param>
    public static FrameStack Resize(FrameStack frames, int width, int height, CropBox? part = null)
    {
        ArgumentNullException.ThrowIfNull(frames);
        RequireSize(width, height);
        CropBox box = part ?? new CropBox(0, 0, width, height);
        if (box.Left < 0 || box.Top < 0 || box.Right > width || box.Bottom > height || box.Width <= 0 || box.Height <= 0)
            throw new ArgumentException($"Expected a part inside {width}x{height}; found {box}.", nameof(part));
        bool half = frames.Width == 2 * width && frames.Height == 2 * height;
        if ((width, height) == (frames.Width, frames.Height))
            return ClipTransform.Cut(frames, box, flip: false);

        var target = new byte[checked(3 * box.Width * box.Height * frames.Count)];
        Tap[] columns = half ? [] : Taps(frames.Width, width, stopAtBorder: true)[box.Left..box.Right];
        Tap[] rows = half ? [] : Taps(frames.Height, height, stopAtBorder: false)[box.Top..box.Bottom];
        for (int f = 0; f < frames.Count; f++)
        {
            Span<byte> frame = target.AsSpan(3 * box.Width * box.Height * f, 3 * box.Width * box.Height);
            if (half)
                Halve(frames.Frame(f), frame, width, box);
            else
                Interpolate(frames.Frame(f), frames.Width, frame, columns, rows);
        }
        return new FrameStack(target, frames.Count, box.Height, box.Width);
    }

    private static void Halve(ReadOnlySpan<byte> source, Span<byte> target, int width, CropBox box)
    {
        int stride = 6 * width;
        for (int y = 0; y < box.Height; y++)
        {
            ReadOnlySpan<byte> upper = source.Slice(2 * (box.Top + y) * stride + 6 * box.Left, 6 * box.Width), lower = source.Slice((2 * (box.Top + y) + 1) * stride + 6 * box.Left, 6 * box.Width);
            Span<byte> row = target.Slice(3 * y * box.Width, 3 * box.Width);
            for (int i = 0; i < row.Length; i++)
            {
                int at = i / 3 * 6 + i % 3;
                row[i] = (byte)((upper[at] + upper[at + 3] + lower[at] + lower[at + 3] + 2) >> 2);
            }
        }
    }

    private static void Interpolate(ReadOnlySpan<byte> source, int sourceWidth, Span<byte> target, Tap[] columns, Tap[] rows)
    {
        // Source rows already resized across, in sixteenths cut off; neighbouring target rows share them.
        short[] first = new short[3 * columns.Length], second = new short[3 * columns.Length];
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
            Down(first, second, tap, target.Slice(3 * y * columns.Length, 3 * columns.Length));
        }
    }

    private static void Across(ReadOnlySpan<byte> source, Span<short> target, Tap[] columns)
    {
        for (int x = 0; x < columns.Length; x++)
        {
            Tap tap = columns[x];
            ReadOnlySpan<byte> first = source.Slice(3 * tap.First, 3), second = source.Slice(3 * tap.Second, 3);
            Span<short> pixel = target.Slice(3 * x, 3);
            pixel[0] = (short)((first[0] * tap.Weight0 + second[0] * tap.Weight1) >> 4);
            pixel[1] = (short)((first[1] * tap.Weight0 + second[1] * tap.Weight1) >> 4);
            pixel[2] = (short)((first[2] * tap.Weight0 + second[2] * tap.Weight1) >> 4);
        }
    }

    /// <summary>(upper w0 / 65536 + lower w1 / 65536 + 2) / 4, each cut off: the upper halves of 16-bit products.</summary>
    private static void Down(ReadOnlySpan<short> upper, ReadOnlySpan<short> lower, Tap tap, Span<byte> row)
    {
        int i = 0;
        if (Avx2.IsSupported)
        {
            Vector256<short> weight0 = Vector256.Create((short)tap.Weight0), weight1 = Vector256.Create((short)tap.Weight1), two = Vector256.Create((short)2);
            for (; i + 16 <= row.Length; i += 16)
            {
                Vector256<short> sum = Avx2.MultiplyHigh(Vector256.Create(upper.Slice(i, 16)), weight0) + Avx2.MultiplyHigh(Vector256.Create(lower.Slice(i, 16)), weight1) + two;
                Vector128<byte> bytes = Sse2.PackUnsignedSaturate((sum >> 2).GetLower(), (sum >> 2).GetUpper());
                bytes.CopyTo(row.Slice(i, 16));
            }
        }
        for (; i < row.Length; i++)
            row[i] = (byte)((((tap.Weight0 * upper[i]) >> 16) + ((tap.Weight1 * lower[i]) >> 16) + 2) >> 2);
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
