namespace ZeroI2V.Lab.VideoData;

/// <summary>What <see cref="RandAugment"/> can do to the frames of a clip.</summary>
public enum AugmentOperation
{
    /// <summary>All values times a factor.</summary>
    Brightness,

    /// <summary>Away from or towards the frame's mean grey, by a factor.</summary>
    Contrast,

    /// <summary>Away from or towards each pixel's grey, by a factor.</summary>
    Saturation,

    /// <summary>Away from or towards a blurred frame, by a factor.</summary>
    Sharpness,

    /// <summary>Each channel stretched to 0 to 255.</summary>
    AutoContrast,

    /// <summary>Each channel's histogram made flat.</summary>
    Equalize,

    /// <summary>Every value subtracted from 255.</summary>
    Invert,

    /// <summary>Turned around the middle, degrees counter-clockwise.</summary>
    Rotate,

    /// <summary>Only the highest bits kept, as many as the argument says.</summary>
    Posterize,

    /// <summary>Values from a threshold (0 to 1) on inverted.</summary>
    Solarize,

    /// <summary>Rows moved sideways in proportion to their height.</summary>
    ShearX,

    /// <summary>Columns moved up or down in proportion to their place.</summary>
    ShearY,

    /// <summary>Moved sideways, in shares of the width.</summary>
    TranslateX,

    /// <summary>Moved up or down, in shares of the height.</summary>
    TranslateY,
}

/// <summary>RandAugment (Cubuk et al., 2020) as the official configurations use it through PyTorchVideo: of fourteen operations
/// some are drawn, each is applied with a probability, and all frames of a sample get the same ones with the same strength.</summary>
/// <remarks>Differs from the official code: frames are rounded to bytes after each operation; there they are 32-bit floats in
/// between. A value differs by about one level a layer.</remarks>
public sealed record RandAugment
{
    private const double MostMagnitude = 10;

    /// <summary>Strength, 0 to 10.</summary>
    public double Magnitude { get; init; } = 7;

    /// <summary>Operations drawn, each at most once.</summary>
    public int Layers { get; init; } = 4;

    /// <summary>How often a drawn operation is applied, 0 to 1.</summary>
    public double Probability { get; init; } = 0.5;

    /// <summary>Standard deviation of the strength.</summary>
    public double Spread { get; init; } = 0.5;

    /// <summary>Whether it comes before the crop (Kinetics-400's configurations) or after crop and flip (Something-Something V2's).</summary>
    public bool BeforeCrop { get; init; }

    /// <summary>Checks the numbers.</summary>
    /// <exception cref="ArgumentException">One is out of its range.</exception>
    public void Validate()
    {
        if (Magnitude is not (>= 0 and <= MostMagnitude))
            throw new ArgumentException($"Augment.Magnitude is {Magnitude}; expected 0 to {MostMagnitude}.");
        if (Layers < 1 || Layers > Enum.GetValues<AugmentOperation>().Length)
            throw new ArgumentException($"Augment.Layers is {Layers}; expected 1 to {Enum.GetValues<AugmentOperation>().Length}.");
        if (Probability is not (>= 0 and <= 1) || Spread is not (>= 0 and <= MostMagnitude))
            throw new ArgumentException($"Augment.Probability is {Probability} and Spread {Spread}; expected 0 to 1, and 0 to {MostMagnitude}.");
    }

    /// <summary>Draws what is done to a sample.</summary>
    /// <returns>Operations in order, each with its argument in the unit that <see cref="AugmentOperation"/> says.</returns>
    public IReadOnlyList<(AugmentOperation Operation, double Argument)> Draw(IDraws draws)
    {
        ArgumentNullException.ThrowIfNull(draws);
        var left = Enum.GetValues<AugmentOperation>().ToList();
        var drawn = new List<(AugmentOperation, double)>();
        for (int layer = 0; layer < Layers; layer++)
        {
            int at = draws.Whole(0, left.Count - 1);
            AugmentOperation operation = left[at];
            left.RemoveAt(at);
            // Everything is drawn whether it is used or not, so that one choice does not move the others.
            bool applied = draws.Real(0, 1) < Probability;
            double level = Math.Clamp(Magnitude + Spread * Normal(draws), 0, MostMagnitude) / MostMagnitude;
            double sign = draws.Real(0, 1) < 0.5 ? -1 : 1;
            if (applied)
                drawn.Add((operation, Argument(operation, level, sign)));
        }
        return drawn;
    }

    /// <summary>Draws what is done, and does it to every frame.</summary>
    public FrameStack Apply(FrameStack frames, IDraws draws)
    {
        ArgumentNullException.ThrowIfNull(frames);
        foreach ((AugmentOperation operation, double argument) in Draw(draws))
            frames = FrameAugment.Apply(frames, operation, argument);
        return frames;
    }

    /// <summary>The argument for a level of 0 to 1.</summary>
    internal static double Argument(AugmentOperation operation, double level, double sign) => operation switch
    {
        AugmentOperation.Brightness or AugmentOperation.Contrast or AugmentOperation.Saturation or AugmentOperation.Sharpness => 1 + sign * 0.9 * level,
        AugmentOperation.Rotate => sign * 30 * level,
        AugmentOperation.Posterize => 4 - (int)(4 * level),
        AugmentOperation.Solarize => 1 - level,
        AugmentOperation.ShearX or AugmentOperation.ShearY => sign * 0.3 * level,
        AugmentOperation.TranslateX or AugmentOperation.TranslateY => sign * 0.45 * level,
        _ => 0,
    };

    /// <summary>A draw from the normal distribution (Box and Muller).</summary>
    private static double Normal(IDraws draws)
    {
        double radius = Math.Sqrt(-2 * Math.Log(1 - draws.Real(0, 1)));
        return radius * Math.Cos(2 * Math.PI * draws.Real(0, 1));
    }
}
