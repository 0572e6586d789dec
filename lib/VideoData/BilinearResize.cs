using System.Runtime.CompilerServices;
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
        return Resize(FrameRegion.Whole(frames), width, height, part);
    }

    /// <summary>Resizes frames of which at least what <see cref="Needed"/> says is there.</summary>
    internal static FrameStack Resize(FrameRegion region, int width, int height, CropBox? part)
    {
        RequireSize(width, height);
        CropBox box = part ?? new CropBox(0, 0, width, height);
        if (box.Left < 0 || box.Top < 0 || box.Right > width || box.Bottom > height || box.Width <= 0 || box.Height <= 0)
            throw new ArgumentException($"Expected a part inside {width}x{height}; found {box}.", nameof(part));
        (FrameStack frames, CropBox has) = (region.Frames, region.Box);
        if ((width, height) == (region.Width, region.Height))
            return ClipTransform.Cut(frames, new CropBox(box.Left - has.Left, box.Top - has.Top, box.Right - has.Left, box.Bottom - has.Top), flip: false);

        bool half = IsHalf(region.Width, region.Height, width, height);
        var target = new byte[checked(3 * box.Width * box.Height * frames.Count)];
        ColumnTaps? columns = half ? null : new ColumnTaps(Taps(region.Width, width, stopAtBorder: true, box.Left, box.Right, has.Left), frames.Width);
        Tap[] rows = half ? [] : Taps(region.Height, height, stopAtBorder: false, box.Top, box.Bottom, has.Top);
        for (int f = 0; f < frames.Count; f++)
        {
            Span<byte> frame = target.AsSpan(3 * box.Width * box.Height * f, 3 * box.Width * box.Height);
            if (columns is null)
                Halve(frames.Frame(f), frame, frames.Width, 2 * box.Left - has.Left, 2 * box.Top - has.Top, box.Width);
            else
                Interpolate(frames.Frame(f), frames.Width, frame, columns, rows);
        }
        return new FrameStack(target, frames.Count, box.Height, box.Width);
    }

    /// <summary>The part of frames of <paramref name="sourceWidth"/> by <paramref name="sourceHeight"/> that a part of the resized frames is
    /// made of.</summary>
    internal static CropBox Needed(int sourceWidth, int sourceHeight, int width, int height, CropBox part)
    {
        RequireSize(width, height);
        if ((width, height) == (sourceWidth, sourceHeight))
            return part;
        if (IsHalf(sourceWidth, sourceHeight, width, height))
            return new CropBox(2 * part.Left, 2 * part.Top, 2 * part.Right, 2 * part.Bottom);
        Tap[] columns = Taps(sourceWidth, width, stopAtBorder: true, part.Left, part.Right, 0), rows = Taps(sourceHeight, height, stopAtBorder: false, part.Top, part.Bottom, 0);
        return new CropBox(columns[0].First, rows[0].First, columns[^1].Second + 1, rows[^1].Second + 1);
    }

    private static bool IsHalf(int sourceWidth, int sourceHeight, int width, int height) => sourceWidth == 2 * width && sourceHeight == 2 * height;

    /// <summary>Means of four, from a column and a row of the source on.</summary>
    private static void Halve(ReadOnlySpan<byte> source, Span<byte> target, int sourceWidth, int left, int top, int width)
    {
        for (int y = 0; y < target.Length / (3 * width); y++)
        {
            ReadOnlySpan<byte> upper = source.Slice(3 * ((top + 2 * y) * sourceWidth + left), 6 * width), lower = source.Slice(3 * ((top + 2 * y + 1) * sourceWidth + left), 6 * width);
            Span<byte> row = target.Slice(3 * y * width, 3 * width);
            for (int i = 0; i < row.Length; i++)
            {
                int at = i / 3 * 6 + i % 3;
                row[i] = (byte)((upper[at] + upper[at + 3] + lower[at] + lower[at + 3] + 2) >> 2);
            }
        }
    }

    private static void Interpolate(ReadOnlySpan<byte> source, int sourceWidth, Span<byte> target, ColumnTaps columns, Tap[] rows)
    {
        // Source rows already resized across, in sixteenths cut off; neighbouring target rows share them.
        short[] first = new short[columns.Length], second = new short[columns.Length];
        int firstRow = -1, secondRow = -1;
        for (int y = 0; y < rows.Length; y++)
        {
            Tap tap = rows[y];
            if (tap.First == secondRow)
                (first, second, firstRow, secondRow) = (second, first, secondRow, firstRow);
            if (tap.First != firstRow)
                columns.Across(source.Slice(3 * tap.First * sourceWidth, 3 * sourceWidth), first);
            firstRow = tap.First;
            if (tap.Second != secondRow)
                columns.Across(source.Slice(3 * tap.Second * sourceWidth, 3 * sourceWidth), second);
            secondRow = tap.Second;
            Down(first, second, tap, target.Slice(y * columns.Length, columns.Length));
        }
    }

    /// <summary>(upper w0 / 65536 + lower w1 / 65536 + 2) / 4, each cut off: the upper halves of 16-bit products.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
    /// <param name="source">Source pixels.</param>
    /// <param name="target">Target pixels.</param>
    /// <param name="stopAtBorder">The rule of columns.</param>
    /// <param name="from">First target pixel that is wanted.</param>
    /// <param name="to">First one after those.</param>
    /// <param name="origin">Source pixels are counted from this one.</param>
    private static Tap[] Taps(int source, int target, bool stopAtBorder, int from, int to, int origin)
    {
        double scale = 1 / ((double)target / source);
        var taps = new Tap[to - from];
        for (int i = from; i < to; i++)
        {
            float at = (float)((i + 0.5) * scale - 0.5);
            int pixel = (int)MathF.Floor(at);
            float fraction = at - pixel;
            if (stopAtBorder && pixel < 0)
                (pixel, fraction) = (0, 0);
            if (stopAtBorder && pixel >= source - 1)
                (pixel, fraction) = (source - 1, 0);
            taps[i - from] = new Tap(
                Math.Clamp(pixel, 0, source - 1) - origin,
                Math.Clamp(pixel + 1, 0, source - 1) - origin,
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

    /// <summary>The two source pixels of a target pixel, and their weights.</summary>
    internal readonly record struct Tap(int First, int Second, int Weight0, int Weight1);
}
