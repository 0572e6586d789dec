namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>What an object of the synthetic world is: its outline, its surface and its colour.</summary>
public sealed record MicroObject(MicroShape Shape, MicroTexture Texture, MicroHue Hue)
{
    /// <summary>Whether the outline has no rotational symmetry.</summary>
    public bool ShapeShowsItsTurn =>
        Shape is MicroShape.Heart or MicroShape.Corner or MicroShape.Arrow or MicroShape.HalfDisc or MicroShape.House
            or MicroShape.Fish or MicroShape.Tee or MicroShape.Crescent or MicroShape.Drop;

    /// <summary>
    /// Whether a turn by any angle below 360° shows: the outline has no rotational symmetry, or the surface is light at
    /// one side and dark at the other. Only such objects spin.
    /// </summary>
    public bool ShowsItsTurn => ShapeShowsItsTurn || Texture is MicroTexture.Gradient or MicroTexture.Halves;

    /// <inheritdoc/>
    public override string ToString() => $"{Hue} {Texture} {Shape}".ToLowerInvariant();
}
