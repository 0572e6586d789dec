namespace ZeroI2V.Lab.Reporting;

/// <summary>Mean and spread of one number over seeds.</summary>
/// <param name="Mean">The mean; NaN where a seed has no value.</param>
/// <param name="StandardDeviation">Of the sample, since seeds stand for all that could have been drawn; NaN with one seed.</param>
/// <param name="Count">How many values.</param>
public readonly record struct Spread(double Mean, double StandardDeviation, int Count)
{
    /// <summary>Test clips of which every value is a share; null where values are no such shares.</summary>
    public int? Clips { get; init; }

    /// <summary>
    /// Half the width of the 95 % confidence interval of the mean, by Student's t with <see cref="Count"/> − 1 degrees of freedom;
    /// NaN with one value. Right where values are drawn from a normal distribution, and wide for few: with 3 values it is 2.5
    /// standard deviations. Shares of N clips are counts: seeds that agree by chance do not show that they always would. So the
    /// deviation is taken as no smaller than the smallest that could have shown, one clip more in one seed, 1/(N√n): half
    /// the width is at least t/(nN), which is 6.4 clips for 2 seeds, 1.4 for 3 and 0.6 for 5.
    /// </summary>
    public double HalfWidth95 => StudentT.Quantile975(Count - 1) * Math.Max(StandardDeviation / Math.Sqrt(Count), Clips is int clips ? 1.0 / clips / Count : 0);

    /// <summary>Mean and spread of values.</summary>
    /// <param name="values">One value a seed, at least one.</param>
    /// <param name="clips">Test clips of which every value is a share; null where values are no such shares.</param>
    /// <returns>Mean and spread.</returns>
    public static Spread Of(IReadOnlyList<double> values, int? clips = null)
    {
        ArgumentNullException.ThrowIfNull(values);
        double mean = values.Average();
        return new Spread(mean, values.Count < 2 ? double.NaN : Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1)), values.Count) { Clips = clips };
    }

    /// <summary>The fraction as percent: "91.7 ± 0.4 %".</summary>
    /// <returns>The text.</returns>
    public override string ToString() => ReportText.Percent(Mean, StandardDeviation);
}
