namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>One object as it appears in one scene: the shades of its colour and how its pattern lies on it.</summary>
internal sealed record ObjectLook
{
    /// <summary>What it is.</summary>
    public required MicroObject Object { get; init; }

    /// <summary>The main colour.</summary>
    public required Rgb Base { get; init; }

    /// <summary>The pattern's colour.</summary>
    public required Rgb Second { get; init; }

    /// <summary>Whether the pattern's colour is the darker of the two.</summary>
    public required bool SecondIsDarker { get; init; }

    /// <summary>Angle of the pattern on the object, in turns.</summary>
    public required double PatternTurn { get; init; }

    /// <summary>Width of the pattern's parts relative to the usual one.</summary>
    public required double PatternScale { get; init; }

    /// <summary>Seed of irregular patterns.</summary>
    public required ulong PatternSeed { get; init; }

    /// <summary>Draws the shades of an object.</summary>
    public static ObjectLook Draw(SceneRandom random, MicroObject of)
    {
        double hue = (double)of.Hue + random.Uniform(-6, 6);
        // Full blue and violet are so dark that they would vanish in shadows.
        double pale = of.Hue is MicroHue.Blue or MicroHue.Indigo or MicroHue.Purple ? 0.2 : 0;
        double saturation = random.Uniform(0.78, 0.98) - pale, value = random.Uniform(0.85, 1.0);
        bool dark = random.Chance(0.5);
        Rgb main = Rgb.FromHsv(hue, saturation, value);
        Rgb second = dark
            ? Rgb.FromHsv(hue, saturation, value * random.Uniform(0.25, 0.4))
            : Rgb.FromHsv(hue, saturation * random.Uniform(0.1, 0.25), 1);
        return new ObjectLook
        {
            Object = of,
            Base = main,
            Second = second,
            SecondIsDarker = dark,
            PatternTurn = random.Unit(),
            PatternScale = random.Uniform(0.85, 1.2),
            PatternSeed = random.NextBits(),
        };
    }

    /// <summary>The colour at a point of the object, in units of its radius.</summary>
    /// <param name="x">Right, before the object is turned.</param>
    /// <param name="y">Down, before the object is turned.</param>
    /// <param name="pixel">Width of a pixel in the same units: edges are blurred over it.</param>
    public Rgb ColourAt(double x, double y, double pixel)
    {
        if (Object.Texture == MicroTexture.Plain)
            return Base;
        double c = _patternCos ??= SceneMath.CosTurns(PatternTurn), s = _patternSin ??= SceneMath.SinTurns(PatternTurn);
        double u = ((c * x) + (s * y)) / PatternScale, v = ((c * y) - (s * x)) / PatternScale;
        double share = Object.Texture switch
        {
            MicroTexture.Stripes => Edge(SceneMath.SinTurns(u / 0.62) * (0.62 / (2 * Math.PI)), pixel),
            MicroTexture.Dots => Edge(0.23 - Math.Sqrt(Square(Cell(u, 0.64)) + Square(Cell(v, 0.64))), pixel),
            MicroTexture.Checker => Edge(
                SceneMath.SinTurns(u / 1.04) * SceneMath.SinTurns(v / 1.04) * (0.52 / Math.PI), pixel),
            MicroTexture.Gradient => SceneMath.Saturate(0.5 + (0.6 * u)),
            MicroTexture.Halves => Edge(u, pixel),
            MicroTexture.Target => Edge(
                SceneMath.SinTurns(Math.Sqrt((u * u) + (v * v)) / 0.66) * (0.66 / (2 * Math.PI)), pixel),
            MicroTexture.Speckle => SceneMath.Saturate(
                0.5 + (6 * (ValueNoise.At(PatternSeed, u / 0.3, v / 0.3) - 0.5))),
            _ => 0,
        };
        return Base.Towards(Second, share);
    }

    private double? _patternCos, _patternSin;

    private static double Edge(double distance, double pixel) => SceneMath.Saturate(0.5 + (distance / pixel));

    private static double Cell(double at, double spacing) => at - (spacing * Math.Round(at / spacing));

    private static double Square(double x) => x * x;
}
