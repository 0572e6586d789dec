namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>Smooth noise over the plane: random values on a lattice, interpolated; octaves add detail.</summary>
internal static class ValueNoise
{
    /// <summary>Noise in 0…1 with features about one unit wide.</summary>
    public static double At(ulong seed, double x, double y)
    {
        double fx = Math.Floor(x), fy = Math.Floor(y);
        int ix = (int)fx, iy = (int)fy;
        double u = SceneMath.Smooth(x - fx), v = SceneMath.Smooth(y - fy);
        double topLeft = Lattice(seed, ix, iy), bottomLeft = Lattice(seed, ix, iy + 1);
        double top = topLeft + (u * (Lattice(seed, ix + 1, iy) - topLeft));
        double bottom = bottomLeft + (u * (Lattice(seed, ix + 1, iy + 1) - bottomLeft));
        return top + (v * (bottom - top));
    }

    /// <summary>Sum of octaves, each twice as fine and <paramref name="fade"/> times as strong; in 0…1.</summary>
    public static double Octaves(ulong seed, double x, double y, int octaves, double fade)
    {
        double sum = 0, total = 0, weight = 1;
        for (int k = 0; k < octaves; k++)
        {
            sum += weight * At(seed + (ulong)k, x, y);
            total += weight;
            weight *= fade;
            x *= 2.03;
            y *= 2.03;
        }
        return sum / total;
    }

    private static double Lattice(ulong seed, int x, int y)
    {
        ulong h = seed + ((uint)x * 0x9E3779B97F4A7C15UL) + ((uint)y * 0xC2B2AE3D27D4EB4FUL);
        return (SceneRandom.Mix(h) >> 40) * (1.0 / (1 << 24));
    }
}
