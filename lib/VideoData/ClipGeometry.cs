namespace ZeroI2V.Lab.VideoData;

/// <summary>Which part of the frames one view of a clip shows, and at what size; settled before a frame is decoded, so that no more than
/// that part has to be.</summary>
internal sealed record ClipGeometry
{
    /// <summary>Size to which the whole frames are resized.</summary>
    public required (int Width, int Height) Sized { get; init; }

    /// <summary>The part of the resized frames.</summary>
    public required CropBox Part { get; init; }

    /// <summary>Side of the square to which that part is resized; null leaves it.</summary>
    public int? Side { get; init; }

    /// <summary>What is cut out at last; it may reach past the border. Null for all.</summary>
    public CropBox? Cut { get; init; }

    /// <summary>Mirrored left to right. This comes after the resize, whose rule is not the same from both sides.</summary>
    public bool Flip { get; init; }

    /// <summary>The part of frames of this size that <see cref="Apply"/> reads.</summary>
    public CropBox Needed(int width, int height) => BilinearResize.Needed(width, height, Sized.Width, Sized.Height, Part);

    /// <summary>The view.</summary>
    public FrameStack Apply(FrameRegion frames)
    {
        FrameStack seen = BilinearResize.Resize(frames, Sized.Width, Sized.Height, Part);
        if (Side is { } side)
            seen = BilinearResize.Resize(seen, side, side);
        return ClipTransform.Cut(seen, Cut, Flip);
    }
}
