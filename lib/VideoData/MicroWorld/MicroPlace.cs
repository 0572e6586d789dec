namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>A pattern of the background by which a scene is told; plain backgrounds have none.</summary>
public enum MicroPlace
{
    /// <summary>Light and dark squares.</summary>
    Tiles,

    /// <summary>Rows of bricks with dark joints.</summary>
    Bricks,

    /// <summary>Bent bands, one above the other.</summary>
    Waves,

    /// <summary>Circles around one point.</summary>
    Ripples,
}
