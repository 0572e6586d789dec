using System.Globalization;
using ZeroI2V.Lab.Ablations;

namespace ZeroI2V.Lab.Reporting;

/// <summary>One curve with its band.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Values">A fraction for each place along the bottom; NaN where there is none.</param>
/// <param name="HalfWidths">Half the 95 % interval of each; NaN where it is not known.</param>
public sealed record ValueCurve(string Name, IReadOnlyList<double> Values, IReadOnlyList<double> HalfWidths);

/// <summary>Numbers along an ordered axis, such as accuracy by the clips of each class, with confidence bands.</summary>
public sealed record ValueCurves
{
    /// <summary>What is compared.</summary>
    public required string Title { get; init; }

    /// <summary>What the reader must know; null for nothing.</summary>
    public string? Note { get; init; }

    /// <summary>Whether the data are made; the chart says so.</summary>
    public required bool Synthetic { get; init; }

    /// <summary>What runs along the bottom.</summary>
    public required string PlaceName { get; init; }

    /// <summary>The places, in order and evenly apart.</summary>
    public required IReadOnlyList<string> Places { get; init; }

    /// <summary>What the values are, as the axis says it.</summary>
    public required string ValueName { get; init; }

    /// <summary>The curves.</summary>
    public required IReadOnlyList<ValueCurve> Curves { get; init; }

    /// <summary>Upper end of the axis of values, in per cent.</summary>
    internal double Top => PercentAxis.Top(Curves.SelectMany(curve => curve.Values.Zip(curve.HalfWidths, (value, half) => value + (double.IsNaN(half) ? 0 : half))));

    /// <summary>A sweep of two axes as curves: the last axis runs along the bottom, the first makes the curves.</summary>
    /// <param name="sweep">The sweep; rows without a finished run are left out.</param>
    /// <param name="data">The kind of data.</param>
    /// <param name="metric">The number.</param>
    /// <exception cref="ArgumentException">The sweep has other than two axes, or no run is finished.</exception>
    public static ValueCurves Of(SweepResults sweep, string data, string metric = "top1")
    {
        ArgumentNullException.ThrowIfNull(sweep);
        IReadOnlyList<string> axes = sweep.Sweep.AxisNames();
        if (axes.Count != 2)
            throw new ArgumentException($"Curves need a sweep of two axes; '{sweep.Sweep.Name}' has {axes.Count}: {string.Join(", ", axes)}.", nameof(sweep));
        SweepRow[] rows = [.. sweep.Rows.Where(row => row.Data == data && row.Finished.Count > 0)];
        string[] places = [.. sweep.Sweep.Values(axes[1]).Where(place => rows.Any(row => row.Values[1] == place))];
        if (places.Length == 0)
            throw new ArgumentException($"No run of '{sweep.Sweep.Name}' on '{data}' is finished. lab sweep does them.", nameof(sweep));
        int most = rows.Max(row => row.Finished.Count);
        return new ValueCurves
        {
            Title = sweep.Sweep.Question,
            Note = string.Create(CultureInfo.InvariantCulture, $"size {SweepTables.Size(sweep)}; {(most > 1 ? $"mean of {most} draws, bands: 95 % interval" : "one draw")}"),
            Synthetic = rows.Any(row => row.Finished.Values.Any(run => run.Result!.Synthetic)),
            PlaceName = axes[1] == "shots" ? "clips of each class" : axes[1],
            Places = places,
            ValueName = SweepTables.MetricName(metric),
            Curves = [.. rows.Select(row => row.Values[0]).Distinct().Select(name =>
            {
                Spread?[] spreads = [.. places.Select(place => rows.FirstOrDefault(row => row.Values[0] == name && row.Values[1] == place) is { } row && row.Numbers(metric) is { Count: > 0 } numbers
                    ? Spread.Of([.. numbers.Values], row.Clips(metric)) : (Spread?)null)];
                return new ValueCurve(name, [.. spreads.Select(spread => spread?.Mean ?? double.NaN)], [.. spreads.Select(spread => spread?.HalfWidth95 ?? double.NaN)]);
            })],
        }.Validated();
    }

    /// <summary>Checks that the lists fit each other.</summary>
    /// <returns>This record.</returns>
    /// <exception cref="ArgumentException">They do not.</exception>
    public ValueCurves Validated()
    {
        if (Places.Count == 0 || Curves.Count == 0)
            throw new ArgumentException($"'{Title}' needs a curve and a place; it has {Curves.Count} and {Places.Count}.");
        foreach (ValueCurve curve in Curves)
        {
            if (curve.Values.Count != Places.Count || curve.HalfWidths.Count != Places.Count)
                throw new ArgumentException($"'{curve.Name}' must have a value and a width for each of the {Places.Count} places of '{Title}'; found {curve.Values.Count} and {curve.HalfWidths.Count}.");
        }
        return this;
    }
}
