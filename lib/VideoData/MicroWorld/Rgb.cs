namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>A colour; each part is 0 to 1 for what a screen can show, and may go beyond while light is added up.</summary>
internal readonly record struct Rgb(float R, float G, float B)
{
    /// <summary>From hue in degrees, saturation and value in 0…1.</summary>
    public static Rgb FromHsv(double hue, double saturation, double value)
    {
        float Part(double offset)
        {
            double k = offset + (hue / 60);
            while (k >= 6)
                k -= 6;
            while (k < 0)
                k += 6;
            return (float)(value - (value * saturation * SceneMath.Saturate(Math.Min(k, 4 - k))));
        }
        return new Rgb(Part(5), Part(3), Part(1));
    }

    /// <summary>This colour at 0, <paramref name="other"/> at 1.</summary>
    public Rgb Towards(Rgb other, double share)
    {
        float s = (float)share;
        return new Rgb(R + (s * (other.R - R)), G + (s * (other.G - G)), B + (s * (other.B - B)));
    }

    public static Rgb operator *(Rgb colour, double by) =>
        new((float)(colour.R * by), (float)(colour.G * by), (float)(colour.B * by));

    public static Rgb operator +(Rgb a, Rgb b) => new(a.R + b.R, a.G + b.G, a.B + b.B);
}
