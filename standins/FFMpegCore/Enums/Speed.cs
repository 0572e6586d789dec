namespace FFMpegCore.Enums;

/// <summary>Encoder presets of libx264 (<c>-preset</c>), the slowest first.</summary>
public enum Speed
{
    VerySlow = 0,
    Slower = 1,
    Slow = 2,
    Medium = 3,
    Fast = 4,
    Faster = 5,
    SuperFast = 7,
    VeryFast = 6,
    UltraFast = 8,
}
