namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>Colour names of the synthetic world; the value is the hue in degrees.</summary>
public enum MicroHue
{
    /// <summary>Hue 0°.</summary>
    Red = 0,
    /// <summary>Hue 28°.</summary>
    Orange = 28,
    /// <summary>Hue 55°.</summary>
    Yellow = 55,
    /// <summary>Hue 85°, in test only.</summary>
    Lime = 85,
    /// <summary>Hue 125°.</summary>
    Green = 125,
    /// <summary>Hue 165°.</summary>
    Teal = 165,
    /// <summary>Hue 190°, in test only.</summary>
    Cyan = 190,
    /// <summary>Hue 220°.</summary>
    Blue = 220,
    /// <summary>Hue 250°, in test only.</summary>
    Indigo = 250,
    /// <summary>Hue 278°.</summary>
    Purple = 278,
    /// <summary>Hue 305°, in test only.</summary>
    Magenta = 305,
    /// <summary>Hue 335°.</summary>
    Pink = 335,
}
