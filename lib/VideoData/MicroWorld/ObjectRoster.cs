namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>
/// The objects that a split may show. Training and test share no outline and no colour, so a test object was never seen,
/// neither in clips nor in the stills of the image pre-training.
/// </summary>
public sealed class ObjectRoster
{
    private ObjectRoster(IReadOnlyList<MicroShape> shapes, IReadOnlyList<MicroHue> hues, IReadOnlyList<MicroTexture>? textures = null)
    {
        Shapes = shapes;
        Hues = hues;
        Textures = textures ?? Enum.GetValues<MicroTexture>();
    }

    /// <summary>The same colours for one outline and surface.</summary>
    internal ObjectRoster Only(MicroShape shape, MicroTexture texture) => new([shape], Hues, [texture]);

    /// <summary>Objects of training clips and of all stills.</summary>
    public static ObjectRoster Train { get; } = new(
        [MicroShape.Disc, MicroShape.Square, MicroShape.Triangle, MicroShape.Star, MicroShape.Ring, MicroShape.Heart,
            MicroShape.Corner, MicroShape.Arrow, MicroShape.HalfDisc, MicroShape.House, MicroShape.Fish],
        [MicroHue.Red, MicroHue.Orange, MicroHue.Yellow, MicroHue.Green, MicroHue.Teal, MicroHue.Blue, MicroHue.Purple,
            MicroHue.Pink]);

    /// <summary>Objects of test clips.</summary>
    public static ObjectRoster Test { get; } = new(
        [MicroShape.Cross, MicroShape.Hexagon, MicroShape.Tee, MicroShape.Crescent, MicroShape.Drop],
        [MicroHue.Lime, MicroHue.Cyan, MicroHue.Indigo, MicroHue.Magenta]);

    /// <summary>The outlines.</summary>
    public IReadOnlyList<MicroShape> Shapes { get; }

    /// <summary>The surfaces: the same in both splits.</summary>
    public IReadOnlyList<MicroTexture> Textures { get; }

    /// <summary>The colours.</summary>
    public IReadOnlyList<MicroHue> Hues { get; }

    /// <summary>Draws an object that does not have a colour in <paramref name="taken"/>.</summary>
    /// <param name="random">The scene's random numbers.</param>
    /// <param name="showsItsTurn">Only objects that look different when turned.</param>
    /// <param name="taken">Colours of the scene's other objects.</param>
    public MicroObject Draw(SceneRandom random, bool showsItsTurn = false, params ReadOnlySpan<MicroHue> taken)
    {
        ArgumentNullException.ThrowIfNull(random);
        while (true)
        {
            var drawn = new MicroObject(random.Pick(Shapes), random.Pick(Textures), random.Pick(Hues));
            if ((!showsItsTurn || drawn.ShowsItsTurn) && !taken.Contains(drawn.Hue))
                return drawn;
        }
    }
}
