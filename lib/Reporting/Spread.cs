namespace ZeroI2V.Lab.Reporting;

/// <summary>Mean and spread of one number over seeds.</summary>
/// <param name="Mean">The mean; NaN where a seed has no value.</param>
/// <param name="StandardDeviation">Of the sample, since seeds stand for all that could have been drawn; NaN with one seed.</param>
/// <param name="Count">How many values.</param>
public readonly record struct Spread(double Mean, double StandardDeviation, int Count)
{
    /// <summary>
    /// Half the width of the 95 % confidence interval of the mean, by Student's t with <see cref="Count"/> − 1 degrees of freedom;
    /// NaN with one value. Right where values are drawn from a normal distribution, and wide for few: with 3 values it is 2.5
    /// standard deviations.
    /// </summary>
    public double HalfWidth95 => StandardDeviation * StudentT.Quantile975(Count - 1) / Math.Sqrt(Count);

    /// <summary>Mean and spread of values.</summary>
    /// <param name="values">One value a seed, at least one.</param>
    /// <returns>Mean and spread.</returns>
    public static Spread Of(IReadOnlyList<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        double mean = values.Average();
        return new Spread(mean, values.Count < 2 ? double.NaN : Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1)), values.Count);
    }

    /// <summary>The fraction as percent: "91.7 ± 0.4 %".</summary>
    /// <returns>The text.</returns>
    public override string ToString() => ReportText.Percent(Mean, StandardDeviation);
}
