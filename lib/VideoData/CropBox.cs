namespace ZeroI2V.Lab.VideoData;

/// <summary>A part of a frame, in pixels: the right column and the bottom row are the first ones outside.</summary>
/// <param name="Left">First column.</param>
/// <param name="Top">First row.</param>
/// <param name="Right">First column outside.</param>
/// <param name="Bottom">First row outside.</param>
public readonly record struct CropBox(int Left, int Top, int Right, int Bottom)
{
    /// <summary>Pixels across.</summary>
    public int Width => Right - Left;

    /// <summary>Pixels down.</summary>
    public int Height => Bottom - Top;

    /// <summary>The smallest box that holds this one and another.</summary>
    internal CropBox With(CropBox other) =>
        new(Math.Min(Left, other.Left), Math.Min(Top, other.Top), Math.Max(Right, other.Right), Math.Max(Bottom, other.Bottom));

    /// <summary>The square of side <paramref name="side"/> in the middle; odd differences leave the larger part right and below.</summary>
    /// <exception cref="ArgumentException">The frame is smaller than the square. (The official code then takes a box that starts
    /// outside the frame, whose pixels come from the other side; here it is an error.)</exception>
    public static CropBox Center(int width, int height, int side)
    {
        Fits(width, height, side);
        int left = (width - side) / 2, top = (height - side) / 2;
        return new CropBox(left, top, left + side, top + side);
    }

    /// <summary>Three squares along the longer side: left, right, middle, or top, bottom, middle. Differs from the official code,
    /// whose second square ends a pixel before the edge where the difference of the sides is odd; <paramref name="official"/> does the same.</summary>
    /// <exception cref="ArgumentException">No side of the frame is <paramref name="side"/>, or the frame is smaller.</exception>
    public static CropBox[] Three(int width, int height, int side, bool official = false)
    {
        Fits(width, height, side);
        if (height != side && width != side)
            throw new ArgumentException($"Three crops of {side} need a frame with one side of {side}; found {width}x{height}. Resize its short side to {side} first.");
        bool across = height == side;
        int spare = (across ? width : height) - side, middle = spare / 2;
        int[] starts = [0, official ? 2 * middle : spare, middle];
        return [.. starts.Select(start => across
            ? new CropBox(start, 0, start + side, side)
            : new CropBox(0, start, side, start + side))];
    }

    private static void Fits(int width, int height, int side)
    {
        if (side <= 0 || width < side || height < side)
            throw new ArgumentException($"A crop of {side} does not fit into a frame of {width}x{height}. Resize the frame first or ask for a smaller crop.");
    }
}
