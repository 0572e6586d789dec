using System.Globalization;

namespace ZeroI2V.Lab.Reporting;

/// <summary>
/// A row against the baseline, seed by seed: runs of one seed share the order of clips and, in few-shot runs, the draw, so their
/// difference varies less than the two rows do.
/// </summary>
/// <param name="Difference">Row less baseline, a fraction, over the seeds that both have.</param>
public readonly record struct PairedDifference(Spread Difference)
{
    /// <summary>
    /// Whether the 95 % interval of the mean difference (Student's t, for this row alone: not corrected for the number of rows)
    /// holds zero; null with fewer than two seeds, which say nothing about noise.
    /// </summary>
    public bool? IsWithinNoise => Difference.Count < 2 ? null : Math.Abs(Difference.Mean) <= Difference.HalfWidth95;

    /// <summary>The difference of two rows.</summary>
    /// <param name="row">The row's numbers by seed.</param>
    /// <param name="baseline">The baseline's numbers by seed.</param>
    /// <returns>The difference; null where no seed is in both.</returns>
    public static PairedDifference? Of(IReadOnlyDictionary<int, double> row, IReadOnlyDictionary<int, double> baseline)
    {
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(baseline);
        double[] differences = [.. row.Where(value => baseline.ContainsKey(value.Key)).OrderBy(value => value.Key).Select(value => value.Value - baseline[value.Key])];
        return differences.Length == 0 ? null : new PairedDifference(Spread.Of(differences));
    }

    /// <summary>In points: "+1.2 [+0.3, +2.1]"; "within noise" where it is; "one seed" where nothing can be said.</summary>
    public override string ToString()
    {
        string mean = Points(Difference.Mean);
        return IsWithinNoise switch
        {
            null => $"{mean} (one seed)",
            bool within => $"{mean} [{Points(Difference.Mean - Difference.HalfWidth95)}, {Points(Difference.Mean + Difference.HalfWidth95)}]{(within ? " within noise" : "")}",
        };
    }

    private static string Points(double fraction) => string.Create(CultureInfo.InvariantCulture, $"{100 * fraction:+0.0;−0.0;0.0}");
}
