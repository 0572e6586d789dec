namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>Surface patterns of the synthetic world's objects, drawn with two colours and turning with the object.</summary>
public enum MicroTexture
{
    /// <summary>One colour.</summary>
    Plain,
    /// <summary>Parallel stripes.</summary>
    Stripes,
    /// <summary>A grid of dots.</summary>
    Dots,
    /// <summary>A checker board.</summary>
    Checker,
    /// <summary>Dark at one end, light at the other.</summary>
    Gradient,
    /// <summary>One colour on one half, another on the other half.</summary>
    Halves,
    /// <summary>Concentric circles.</summary>
    Target,
    /// <summary>Irregular speckles.</summary>
    Speckle,
}
