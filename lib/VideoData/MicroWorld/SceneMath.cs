namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>
/// Sine, cosine, exponential and logarithm from additions and multiplications only. The system's own differ in the last
/// bit from one C library to the next, and a last bit can turn a pixel, and with it a hash, over.
/// </summary>
internal static class SceneMath
{
    /// <summary>Sine of an angle in turns (1 = 360°); error below 1e-9.</summary>
    public static double SinTurns(double turns)
    {
        double x = turns - Math.Round(turns);            // -1/2 … 1/2 turns
        if (x > 0.25)
            x = 0.5 - x;
        else if (x < -0.25)
            x = -0.5 - x;
        double a = x * (2 * Math.PI);                    // -π/2 … π/2
        double s = a * a;
        return a * (1 + (s * (-1.0 / 6 + (s * (1.0 / 120 + (s * (-1.0 / 5040 + (s * (1.0 / 362880
            + (s * (-1.0 / 39916800 + (s * (1.0 / 6227020800.0)))))))))))));
    }

    /// <summary>Cosine of an angle in turns.</summary>
    public static double CosTurns(double turns) => SinTurns(turns + 0.25);

    /// <summary>2 to the power <paramref name="x"/>, for |x| up to 60; relative error below 1e-12.</summary>
    public static double Exp2(double x)
    {
        double whole = Math.Round(x);
        double r = (x - whole) * 0.69314718055994530942; // |r| at most 0.347
        double term = 1, sum = 1;
        for (int k = 1; k <= 12; k++)
        {
            term *= r / k;
            sum += term;
        }
        return Math.ScaleB(sum, (int)whole);
    }

    /// <summary>Logarithm to base 2 of a positive number; error below 1e-12.</summary>
    public static double Log2(double x)
    {
        int exponent = Math.ILogB(x);
        double m = Math.ScaleB(x, -exponent);            // 1 … 2
        if (m > 1.41421356237309504880)
        {
            m /= 2;
            exponent++;
        }
        double z = (m - 1) / (m + 1), zz = z * z, term = z, sum = 0;
        for (int k = 1; k <= 23; k += 2)
        {
            sum += term / k;
            term *= zz;
        }
        return exponent + (2 * sum * 1.44269504088896340736);
    }

    /// <summary>Keeps a number between 0 and 1.</summary>
    public static double Saturate(double x) => x < 0 ? 0 : x > 1 ? 1 : x;

    /// <summary>A smooth step from 0 (at 0) to 1 (at 1).</summary>
    public static double Smooth(double x)
    {
        x = Saturate(x);
        return x * x * (3 - (2 * x));
    }
}
