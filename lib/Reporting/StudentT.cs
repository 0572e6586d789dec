namespace ZeroI2V.Lab.Reporting;

/// <summary>Student's t distribution, as far as confidence intervals need it.</summary>
internal static class StudentT
{
    /// <summary>The value that t stays below with a probability of 97.5 %: the bound of a two-sided interval of 95 %.</summary>
    /// <param name="degreesOfFreedom">Values less one; below 1 there is no such value.</param>
    /// <returns>The quantile; NaN without a degree of freedom.</returns>
    internal static double Quantile975(int degreesOfFreedom)
    {
        if (degreesOfFreedom < 1)
            return double.NaN;
        // P grows with t from one half to one.
        double low = 0, high = 16;
        while (high - low > 1e-12 * high)
        {
            double middle = (low + high) / 2;
            if (Probability(middle, degreesOfFreedom) < 0.975)
                low = middle;
            else
                high = middle;
        }
        return high;
    }

    /// <summary>P(T ≤ t) for t ≥ 0, by the finite series for whole degrees of freedom (Abramowitz and Stegun 26.7.3, 26.7.4).</summary>
    private static double Probability(double t, int degrees)
    {
        double theta = Math.Atan2(t, Math.Sqrt(degrees)), cosine = Math.Cos(theta), sine = Math.Sin(theta);
        double sum = 0;
        if (degrees % 2 == 1)
        {
            double term = cosine;
            for (int k = 3; k <= degrees; k += 2)
            {
                sum += term;
                term *= cosine * cosine * (k - 1) / k;
            }
            return 0.5 + (theta + (sine * sum)) / Math.PI;
        }
        double even = 1;
        for (int k = 2; k <= degrees; k += 2)
        {
            sum += even;
            even *= cosine * cosine * (k - 1) / k;
        }
        return 0.5 + (sine * sum / 2);
    }
}
