using System.Globalization;

namespace ZeroI2V.Lab.Reporting;

/// <summary>What something costs and how accurate it is.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Cost">Its cost, in the chart's unit; 0 or more.</param>
/// <param name="Accuracy">A fraction.</param>
/// <param name="HalfWidth">Half the 95 % interval of the accuracy; NaN where it is not known.</param>
public sealed record ParetoPoint(string Name, double Cost, double Accuracy, double HalfWidth);

/// <summary>Accuracy against a cost: what a Pareto chart is drawn from.</summary>
public sealed record ParetoChart
{
    /// <summary>What is compared.</summary>
    public required string Title { get; init; }

    /// <summary>What the reader must know; null for nothing.</summary>
    public string? Note { get; init; }

    /// <summary>Whether the data are made; the chart says so.</summary>
    public required bool Synthetic { get; init; }

    /// <summary>The cost with its unit, as the axis says it.</summary>
    public required string CostName { get; init; }

    /// <summary>What the accuracy is, as the axis says it.</summary>
    public string ValueName { get; init; } = "top-1";

    /// <summary>What is compared.</summary>
    public required IReadOnlyList<ParetoPoint> Points { get; init; }

    /// <summary>The points that no other beats: none is as cheap and more accurate, or as accurate and cheaper; by cost.</summary>
    public IReadOnlyList<ParetoPoint> Front() => [.. Points
        .Where(point => !Points.Any(other => other.Cost <= point.Cost && other.Accuracy >= point.Accuracy && (other.Cost < point.Cost || other.Accuracy > point.Accuracy)))
        .OrderBy(point => point.Cost)];

    /// <summary>Whether costs are so far apart that they are drawn by their logarithm: more than 20 times, and none is 0.</summary>
    public bool IsLogarithmic => Points.Min(point => point.Cost) is > 0 and double least && Points.Max(point => point.Cost) / least > 20;

    /// <summary>Upper end of the axis of accuracy, in per cent.</summary>
    internal double Top => PercentAxis.Top(Points.Select(point => point.Accuracy + (double.IsNaN(point.HalfWidth) ? 0 : point.HalfWidth)));

    /// <summary>Checks the points.</summary>
    /// <returns>This record.</returns>
    /// <exception cref="ArgumentException">There is none, or one is no cost or no fraction.</exception>
    public ParetoChart Validated()
    {
        if (Points.Count == 0)
            throw new ArgumentException($"'{Title}' needs at least one point.");
        foreach (ParetoPoint point in Points)
        {
            if (point.Cost < 0 || !double.IsFinite(point.Cost) || point.Accuracy is not (>= 0 and <= 1))
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"'{point.Name}' must have a cost of 0 or more and an accuracy in [0, 1]; found {point.Cost} and {point.Accuracy}."));
        }
        return this;
    }
}
