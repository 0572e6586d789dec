namespace ZeroI2V.Lab.Evaluation.Speed;

/// <summary>What several rounds gave, in the order of the rounds.</summary>
/// <param name="Values">One value a round.</param>
public sealed record Samples(IReadOnlyList<double> Values)
{
    /// <summary>The middle one.</summary>
    public double Median => Quantile(0.5);

    /// <summary>The value below which a share of the values lies, between two of them in proportion.</summary>
    /// <param name="share">In [0, 1].</param>
    public double Quantile(double share)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        if (Values.Count == 0)
            return double.NaN;
        double[] sorted = [.. Values.Order()];
        double place = share * (sorted.Length - 1);
        int below = (int)place;
        return sorted[below] + ((place - below) * (sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]));
    }

    /// <summary>Round by round, these divided by others of the same rounds.</summary>
    /// <param name="others">As many values.</param>
    /// <exception cref="ArgumentException">There are more or fewer.</exception>
    public Samples Over(Samples others)
    {
        ArgumentNullException.ThrowIfNull(others);
        if (others.Values.Count != Values.Count)
            throw new ArgumentException($"Ratios need as many values on both sides; found {Values.Count} and {others.Values.Count}. Take both from one run.", nameof(others));
        return new Samples([.. Values.Zip(others.Values, (a, b) => a / b)]);
    }
}
