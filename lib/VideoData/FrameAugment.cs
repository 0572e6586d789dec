namespace ZeroI2V.Lab.VideoData;

/// <summary>Single operations of <see cref="RandAugment"/> on the bytes of frames. The result is always new.</summary>
public static class FrameAugment
{
    /// <summary>What comes in where a moved frame has nothing.</summary>
    public const byte Fill = 128;

    private const int WeightOne = 256;

    /// <summary>Applies an operation to every frame.</summary>
    /// <param name="frames">[F, H, W, 3].</param>
    /// <param name="operation">What is done.</param>
    /// <param name="argument">In the unit that <see cref="AugmentOperation"/> says.</param>
    public static FrameStack Apply(FrameStack frames, AugmentOperation operation, double argument)
    {
        ArgumentNullException.ThrowIfNull(frames);
        (double width, double height) = (frames.Width, frames.Height);
        (double sin, double cos) = Math.SinCos(argument * Math.PI / 180);
        return operation switch
        {
            AugmentOperation.Brightness => EachFrame(frames, (_, _, values) => Mapped(values, v => v * argument)),
            AugmentOperation.Contrast => EachFrame(frames, (frame, _, values) => Contrast(frame, values, argument)),
            AugmentOperation.Saturation => EachFrame(frames, (frame, target, _) => Saturation(frame, target, argument)),
            AugmentOperation.Sharpness => EachFrame(frames, (frame, target, _) => Sharpness(frame, target, frames.Width, frames.Height, argument)),
            AugmentOperation.AutoContrast => EachFrame(frames, (frame, _, values) => AutoContrast(frame, values)),
            AugmentOperation.Equalize => EachFrame(frames, (frame, _, values) => Equalize(frame, values)),
            AugmentOperation.Invert => EachFrame(frames, (_, _, values) => Mapped(values, v => 255 - v)),
            AugmentOperation.Posterize => EachFrame(frames, (_, _, values) => Mapped(values, v => (int)v & ~((1 << (8 - (int)argument)) - 1))),
            AugmentOperation.Solarize => EachFrame(frames, (_, _, values) => Mapped(values, v => v >= argument * 255 ? 255 - v : v)),
            AugmentOperation.Rotate => Moved(frames, cos, -sin, 0, sin, cos, 0),
            AugmentOperation.ShearX => Moved(frames, 1, argument, height * argument / 2, 0, 1, 0),
            AugmentOperation.ShearY => Moved(frames, 1, 0, 0, argument, 1, width * argument / 2),
            AugmentOperation.TranslateX => Moved(frames, 1, 0, width * argument, 0, 1, 0),
            AugmentOperation.TranslateY => Moved(frames, 1, 0, 0, 0, 1, height * argument),
            _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "There is no such operation."),
        };
    }

    private delegate bool Work(ReadOnlySpan<byte> frame, Span<byte> target, byte[] values);

    /// <summary>Work that either fills the target or, returning true, a table of 3 x 256 values for it.</summary>
    private static FrameStack EachFrame(FrameStack frames, Work work)
    {
        var target = new byte[frames.Rgb.Length];
        var values = new byte[3 * 256];
        for (int f = 0; f < frames.Count; f++)
        {
            ReadOnlySpan<byte> frame = frames.Frame(f);
            Span<byte> done = target.AsSpan(f * frames.FrameBytes, frames.FrameBytes);
            if (!work(frame, done, values))
                continue;
            for (int i = 0; i < frame.Length; i += 3)
            {
                done[i] = values[frame[i]];
                done[i + 1] = values[256 + frame[i + 1]];
                done[i + 2] = values[512 + frame[i + 2]];
            }
        }
        return new FrameStack(target, frames.Count, frames.Height, frames.Width);
    }

    private static byte ToByte(double value) => (byte)Math.Clamp(Math.Round(value, MidpointRounding.ToEven), 0, 255);

    private static bool Mapped(byte[] values, Func<double, double> map)
    {
        for (int v = 0; v < 256; v++)
            values[v] = values[256 + v] = values[512 + v] = ToByte(map(v));
        return true;
    }

    private static double Grey(byte r, byte g, byte b) => 0.2989 * r + 0.587 * g + 0.114 * b;

    private static bool Contrast(ReadOnlySpan<byte> frame, byte[] values, double factor)
    {
        double sum = 0;
        for (int i = 0; i < frame.Length; i += 3)
            sum += Grey(frame[i], frame[i + 1], frame[i + 2]);
        double mean = sum / (frame.Length / 3);
        return Mapped(values, v => factor * v + (1 - factor) * mean);
    }

    private static bool Saturation(ReadOnlySpan<byte> frame, Span<byte> target, double factor)
    {
        for (int i = 0; i < frame.Length; i += 3)
        {
            double grey = (1 - factor) * Grey(frame[i], frame[i + 1], frame[i + 2]);
            for (int c = 0; c < 3; c++)
                target[i + c] = ToByte(factor * frame[i + c] + grey);
        }
        return false;
    }

    private static bool Sharpness(ReadOnlySpan<byte> frame, Span<byte> target, int width, int height, double factor)
    {
        frame.CopyTo(target);
        int stride = 3 * width;
        // Weights of the blur: 5 in the middle, 1 around, of 13; the border stays as it is.
        for (int y = 1; y < height - 1; y++)
        {
            for (int i = y * stride + 3; i < (y + 1) * stride - 3; i++)
            {
                int around = frame[i - stride - 3] + frame[i - stride] + frame[i - stride + 3] + frame[i - 3] + frame[i + 3]
                    + frame[i + stride - 3] + frame[i + stride] + frame[i + stride + 3];
                target[i] = ToByte(factor * frame[i] + (1 - factor) * (around + 5 * frame[i]) / 13.0);
            }
        }
        return false;
    }

    private static bool AutoContrast(ReadOnlySpan<byte> frame, byte[] values)
    {
        for (int c = 0; c < 3; c++)
        {
            byte low = 255, high = 0;
            for (int i = c; i < frame.Length; i += 3)
            {
                low = Math.Min(low, frame[i]);
                high = Math.Max(high, frame[i]);
            }
            for (int v = 0; v < 256; v++)
                values[256 * c + v] = high > low ? ToByte((v - low) * 255.0 / (high - low)) : (byte)v;
        }
        return true;
    }

    private static bool Equalize(ReadOnlySpan<byte> frame, byte[] values)
    {
        Span<int> counts = stackalloc int[256];
        for (int c = 0; c < 3; c++)
        {
            counts.Clear();
            for (int i = c; i < frame.Length; i += 3)
                counts[frame[i]]++;
            int last = counts.LastIndexOfAnyExcept(0);
            // Without the highest value, which goes to 255 in any case.
            int step = (frame.Length / 3 - counts[last]) / 255;
            int below = 0;
            for (int v = 0; v < 256; v++)
            {
                values[256 * c + v] = step == 0 ? (byte)v : (byte)Math.Min((below + step / 2) / step, 255);
                below += counts[v];
            }
        }
        return true;
    }

    /// <summary>Each pixel at (x, y) from the middle takes what was at (a x + b y + c, d x + e y + f), between pixels bilinearly,
    /// beyond the border <see cref="Fill"/>.</summary>
    private static FrameStack Moved(FrameStack frames, double a, double b, double c, double d, double e, double f)
    {
        (int width, int height) = (frames.Width, frames.Height);
        var taps = new Tap[width * height];
        double middleX = (width - 1) / 2.0, middleY = (height - 1) / 2.0;
        for (int y = 0, i = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++, i++)
            {
                double fromX = a * (x - middleX) + b * (y - middleY) + c + middleX, fromY = d * (x - middleX) + e * (y - middleY) + f + middleY;
                if (!(fromX > -1 && fromX < width && fromY > -1 && fromY < height))
                {
                    taps[i] = new Tap(-1, -1, 0, 0);
                    continue;
                }
                double left = Math.Floor(fromX), top = Math.Floor(fromY);
                taps[i] = new Tap((int)left, (int)top, (int)Math.Round((fromX - left) * WeightOne), (int)Math.Round((fromY - top) * WeightOne));
            }
        }

        var target = new byte[frames.Rgb.Length];
        for (int n = 0; n < frames.Count; n++)
        {
            ReadOnlySpan<byte> frame = frames.Frame(n);
            Span<byte> done = target.AsSpan(n * frames.FrameBytes, frames.FrameBytes);
            for (int i = 0; i < taps.Length; i++)
                Take(frame, taps[i], width, height, done.Slice(3 * i, 3));
        }
        return new FrameStack(target, frames.Count, height, width);
    }

    private static void Take(ReadOnlySpan<byte> frame, Tap tap, int width, int height, Span<byte> pixel)
    {
        if (tap is { X: -1, Y: -1, Right: 0, Below: 0 })
        {
            pixel.Fill(Fill);
            return;
        }
        bool hasLeft = tap.X >= 0, hasRight = tap.X + 1 < width, hasTop = tap.Y >= 0, hasBottom = tap.Y + 1 < height;
        int at = 3 * (tap.Y * width + tap.X);
        for (int c = 0; c < 3; c++, at++)
        {
            int upper = (WeightOne - tap.Right) * (hasTop && hasLeft ? frame[at] : Fill) + tap.Right * (hasTop && hasRight ? frame[at + 3] : Fill);
            int lower = (WeightOne - tap.Right) * (hasBottom && hasLeft ? frame[at + 3 * width] : Fill)
                + tap.Right * (hasBottom && hasRight ? frame[at + 3 * width + 3] : Fill);
            pixel[c] = (byte)(((WeightOne - tap.Below) * upper + tap.Below * lower + WeightOne * WeightOne / 2) / (WeightOne * WeightOne));
        }
    }

    /// <summary>The pixel left above a place, and how far the place lies to the right and below, in 256ths.</summary>
    private readonly record struct Tap(int X, int Y, int Right, int Below);
}
