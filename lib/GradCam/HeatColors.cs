namespace ZeroI2V.Lab.GradCam;

/// <summary>
/// The colours of maps, from nearly black over purple and red to pale yellow. Steps that are equal in number are equal to the eye,
/// and the more there is the lighter it is, so that the order survives grey printing and any colour vision.
/// </summary>
/// <remarks>
/// A smooth curve (Catmull-Rom) through six colours in Oklab (B. Ottosson, "A perceptual color space for image processing", 2020), in
/// which distances are perceived differences; 256 colours at equal distances along it.
/// </remarks>
public static class HeatColors
{
    private const int Steps = 4096;

    /// <summary>Lightness, chroma, hue in degrees.</summary>
    private static readonly (double L, double C, double H)[] s_through =
        [(0.15, 0.055, 285), (0.33, 0.150, 302), (0.49, 0.185, 345), (0.64, 0.195, 28), (0.79, 0.155, 66), (0.955, 0.105, 106)];

    private static readonly (byte R, byte G, byte B)[] s_table = Make();

    /// <summary>How many colours there are.</summary>
    public const int Count = 256;

    /// <summary>The colour of a number.</summary>
    /// <param name="value">0 to 1; what is beyond has the last colour, what is no number the first.</param>
    public static (byte R, byte G, byte B) Of(float value) => s_table[float.IsNaN(value) ? 0 : (int)MathF.Round(Math.Clamp(value, 0, 1) * (Count - 1))];

    private static (byte R, byte G, byte B)[] Make()
    {
        (double L, double A, double B)[] knots = [.. s_through.Select(colour => (colour.L, colour.C * Math.Cos(colour.H * Math.PI / 180), colour.C * Math.Sin(colour.H * Math.PI / 180)))];
        var along = new (double L, double A, double B)[Steps + 1];
        var length = new double[Steps + 1];
        for (int i = 0; i <= Steps; i++)
        {
            along[i] = At(knots, (double)i / Steps);
            if (i > 0)
                length[i] = length[i - 1] + Math.Sqrt(Square(along[i].L - along[i - 1].L) + Square(along[i].A - along[i - 1].A) + Square(along[i].B - along[i - 1].B));
        }
        var table = new (byte, byte, byte)[Count];
        for (int k = 0, i = 0; k < Count; k++)
        {
            while (i < Steps && length[i + 1] < length[Steps] * k / (Count - 1))
                i++;
            table[k] = Rgb(along[i]);
        }
        return table;
    }

    private static (double L, double A, double B) At((double L, double A, double B)[] knots, double t)
    {
        double x = t * (knots.Length - 1);
        int i = Math.Min((int)x, knots.Length - 2);
        double u = x - i;
        var (p, q) = (knots[i], knots[i + 1]);
        var before = i > 0 ? knots[i - 1] : (2 * p.L - q.L, 2 * p.A - q.A, 2 * p.B - q.B);
        var after = i + 2 < knots.Length ? knots[i + 2] : (2 * q.L - p.L, 2 * q.A - p.A, 2 * q.B - p.B);
        return (Curve(before.Item1, p.L, q.L, after.Item1, u), Curve(before.Item2, p.A, q.A, after.Item2, u), Curve(before.Item3, p.B, q.B, after.Item3, u));
    }

    private static double Curve(double a, double b, double c, double d, double u) =>
        0.5 * (2 * b + (c - a) * u + (2 * a - 5 * b + 4 * c - d) * u * u + (3 * b - a - 3 * c + d) * u * u * u);

    private static (byte, byte, byte) Rgb((double L, double A, double B) colour)
    {
        double l = Cube(colour.L + 0.3963377774 * colour.A + 0.2158037573 * colour.B);
        double m = Cube(colour.L - 0.1055613458 * colour.A - 0.0638541728 * colour.B);
        double s = Cube(colour.L - 0.0894841775 * colour.A - 1.2914855480 * colour.B);
        return (
            Byte(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
            Byte(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
            Byte(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s));
    }

    /// <summary>Linear light to a byte of sRGB.</summary>
    private static byte Byte(double linear) =>
        (byte)Math.Round(255 * Math.Clamp(linear <= 0.0031308 ? 12.92 * linear : 1.055 * Math.Pow(linear, 1 / 2.4) - 0.055, 0, 1));

    private static double Square(double x) => x * x;

    private static double Cube(double x) => x * x * x;
}
