namespace ZeroI2V.Lab.VideoData;

/// <summary>Which part of a frame a recogniser sees.</summary>
public enum CropRule
{
    /// <summary>All of it.</summary>
    Whole,

    /// <summary>The square in the middle.</summary>
    Center,

    /// <summary>Three squares along the longer side, each a view of its own (testing).</summary>
    Three,

    /// <summary>A random box, resized to a square (training).</summary>
    RandomResized,

    /// <summary>All of it, moved by a few random pixels; the border is repeated (training).</summary>
    RandomShift,
}

/// <summary>From decoded frames to the frames that a recogniser sees: short side, crop, flip, augmentation, erasing. What is drawn is drawn once
/// for all frames of a video.</summary>
public sealed record ClipTransform
{
    /// <summary>The frames as they are.</summary>
    public static ClipTransform None { get; } = new();

    /// <summary>Resizes so that the short side has this many pixels; null leaves the size.</summary>
    public int? ShortSide { get; init; }

    /// <summary>Which part is seen.</summary>
    public CropRule Crop { get; init; } = CropRule.Whole;

    /// <summary>Side of the square, for the rules that make one (pixels).</summary>
    public int CropSize { get; init; }

    /// <summary>Areas and ratios for <see cref="CropRule.RandomResized"/>.</summary>
    public RandomResizedCrop ResizedCrop { get; init; } = new();

    /// <summary>Most pixels moved along each axis by <see cref="CropRule.RandomShift"/>.</summary>
    public int MaxShift { get; init; }

    /// <summary>How often a training clip is mirrored left to right, 0 to 1.</summary>
    public double FlipProbability { get; init; }

    /// <summary>Labels that change places when a clip is mirrored, such as 86 and 87 in Something-Something V2.</summary>
    public IReadOnlyList<(int First, int Second)> LabelsSwappedByFlip { get; init; } = [];

    /// <summary>Changes colours and shapes of training clips; null for never.</summary>
    public RandAugment? Augment { get; init; }

    /// <summary><see cref="CropRule.Three"/>: the second crop as in the official code, which ends a pixel before the edge where the
    /// difference of the sides is odd. Otherwise it reaches the edge.</summary>
    public bool OfficialThreeCrops { get; init; }

    /// <summary>Paints a box over training clips; null for never.</summary>
    public RandomErasing? Erasing { get; init; }

    /// <summary>Views that testing makes of a clip.</summary>
    public int TestViews => Crop == CropRule.Three ? 3 : 1;

    /// <summary>Checks that the options fit together.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public void Validate()
    {
        if (ShortSide is <= 0)
            throw new ArgumentException($"ShortSide is {ShortSide}; expected at least 1 pixel.");
        if (Crop is CropRule.Center or CropRule.Three or CropRule.RandomResized ? CropSize <= 0 : CropSize != 0)
            throw new ArgumentException($"Crop is {Crop} with CropSize {CropSize}; squares need a size above 0, the other rules none.");
        if (Crop == CropRule.RandomShift ? MaxShift <= 0 : MaxShift != 0)
            throw new ArgumentException($"Crop is {Crop} with MaxShift {MaxShift}; a shift needs at least 1 pixel, the other rules none.");
        if (FlipProbability is not (>= 0 and <= 1))
            throw new ArgumentException($"FlipProbability is {FlipProbability}; expected 0 to 1.");
        if (OfficialThreeCrops && Crop != CropRule.Three)
            throw new ArgumentException($"OfficialThreeCrops belongs to {CropRule.Three}; the rule is {Crop}.");
        Augment?.Validate();
        Erasing?.Validate();
    }

    /// <summary>The label of a mirrored clip.</summary>
    public int FlippedLabel(int label)
    {
        foreach ((int first, int second) in LabelsSwappedByFlip)
        {
            if (label == first)
                return second;
            if (label == second)
                return first;
        }
        return label;
    }

    /// <summary>A training clip.</summary>
    /// <param name="frames">All frames of the sample, [F, H, W, 3].</param>
    /// <param name="label">Its class.</param>
    /// <param name="draws">Where the random choices come from.</param>
    /// <returns>The frames and the class, which mirroring may change.</returns>
    /// <exception cref="ArgumentException">The rule is one of testing, or the frames are smaller than the crop.</exception>
    public (FrameStack Frames, int Label) Train(FrameStack frames, int label, IDraws draws)
    {
        ArgumentNullException.ThrowIfNull(frames);
        ArgumentNullException.ThrowIfNull(draws);
        Validate();
        FrameStack source = frames;
        if (Augment is { BeforeCrop: true })
        {
            (int width, int height) = SizedTo(frames.Width, frames.Height);
            source = Augment.Apply(BilinearResize.Resize(frames, width, height), draws);
        }
        return Train(FrameRegion.Whole(source), Plan(frames.Width, frames.Height, draws), label, draws);
    }

    /// <summary>Whether the part that is seen can be settled before there are frames.</summary>
    internal bool CropsFirst => Augment is not { BeforeCrop: true };

    /// <summary>Settles which part of frames of this size a training clip shows.</summary>
    /// <exception cref="ArgumentException">The rule is one of testing, or the frames are smaller than the crop.</exception>
    internal ClipGeometry Plan(int width, int height, IDraws draws)
    {
        (int Width, int Height) sized = SizedTo(width, height);
        var whole = new CropBox(0, 0, sized.Width, sized.Height);
        var plan = new ClipGeometry { Sized = sized, Part = whole };
        plan = Crop switch
        {
            CropRule.Whole => plan,
            CropRule.Center => plan with { Part = CropBox.Center(sized.Width, sized.Height, CropSize) },
            CropRule.RandomResized => plan with { Part = ResizedCrop.Draw(sized.Width, sized.Height, draws), Side = CropSize },
            CropRule.RandomShift => plan with { Cut = Shifted(sized.Width, sized.Height, draws) },
            _ => throw new ArgumentException($"{Crop} makes several views and is for testing; use {CropRule.RandomResized} or {CropRule.Center} in training."),
        };
        return plan with { Flip = FlipProbability > 0 && draws.Real(0, 1) < FlipProbability };
    }

    /// <summary>A training clip of frames of which the part that its plan needs is there.</summary>
    internal (FrameStack Frames, int Label) Train(FrameRegion frames, ClipGeometry plan, int label, IDraws draws)
    {
        FrameStack seen = plan.Apply(frames);
        if (Augment is { BeforeCrop: false })
            seen = Augment.Apply(seen, draws);
        if (Erasing?.Draw(seen.Width, seen.Height, draws) is { } erased)
            seen = Erasing.Paint(seen, erased, draws);
        return (seen, plan.Flip ? FlippedLabel(label) : label);
    }

    /// <summary>The views of a clip in testing: one, or three for <see cref="CropRule.Three"/>. Nothing is drawn; rules of training
    /// give the frame's middle square (of <see cref="CropSize"/>) or the whole frame.</summary>
    /// <exception cref="ArgumentException">The frames are smaller than the crop.</exception>
    public IReadOnlyList<FrameStack> Test(FrameStack frames)
    {
        ArgumentNullException.ThrowIfNull(frames);
        Validate();
        return [.. TestPlans(frames.Width, frames.Height).Select(plan => plan.Apply(FrameRegion.Whole(frames)))];
    }

    /// <summary>Which parts of frames of this size the views of a clip in testing show.</summary>
    /// <exception cref="ArgumentException">The frames are smaller than the crop.</exception>
    internal IReadOnlyList<ClipGeometry> TestPlans(int width, int height)
    {
        (int Width, int Height) sized = SizedTo(width, height);
        CropBox[] parts = Crop switch
        {
            CropRule.Whole or CropRule.RandomShift => [new CropBox(0, 0, sized.Width, sized.Height)],
            CropRule.Three => CropBox.Three(sized.Width, sized.Height, CropSize, OfficialThreeCrops),
            _ => [CropBox.Center(sized.Width, sized.Height, CropSize)],
        };
        return [.. parts.Select(part => new ClipGeometry { Sized = sized, Part = part })];
    }

    /// <summary>Cuts a box out of every frame, and mirrors it left to right. Outside the frame the border is repeated.</summary>
    internal static FrameStack Cut(FrameStack frames, CropBox? part, bool flip)
    {
        CropBox box = part ?? new CropBox(0, 0, frames.Width, frames.Height);
        if (!flip && box == new CropBox(0, 0, frames.Width, frames.Height))
            return frames;

        var target = new byte[checked(3 * box.Width * box.Height * frames.Count)];
        bool inside = box.Left >= 0 && box.Right <= frames.Width;
        for (int f = 0, row = 0; f < frames.Count; f++)
        {
            ReadOnlySpan<byte> frame = frames.Frame(f);
            for (int y = box.Top; y < box.Bottom; y++, row++)
            {
                ReadOnlySpan<byte> source = frame.Slice(3 * frames.Width * Math.Clamp(y, 0, frames.Height - 1), 3 * frames.Width);
                Span<byte> cut = target.AsSpan(3 * box.Width * row, 3 * box.Width);
                if (inside && !flip)
                {
                    source.Slice(3 * box.Left, 3 * box.Width).CopyTo(cut);
                    continue;
                }
                for (int x = 0; x < box.Width; x++)
                {
                    int from = Math.Clamp(flip ? box.Right - 1 - x : box.Left + x, 0, frames.Width - 1);
                    source.Slice(3 * from, 3).CopyTo(cut[(3 * x)..]);
                }
            }
        }
        return new FrameStack(target, frames.Count, box.Height, box.Width);
    }

    private (int Width, int Height) SizedTo(int width, int height) =>
        ShortSide is { } side ? BilinearResize.ShortSide(width, height, side) : (width, height);

    private CropBox Shifted(int width, int height, IDraws draws)
    {
        int across = draws.Whole(-MaxShift, MaxShift), down = draws.Whole(-MaxShift, MaxShift);
        return new CropBox(across, down, width + across, height + down);
    }
}
