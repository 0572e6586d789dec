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
    /// Fewest test clips that tell two rows apart. Were the rows equally good, each clip that they differ on would fall to either
    /// with a probability of one half: six that all fall to one side have a probability of 2/2⁶ = 3 %, five of 6 %. Which clips those
    /// are is not kept, so this is what can be said at best: clips that fall to both sides only make it less sure.
    /// </summary>
    public const int FewestClips = 6;

    /// <summary>
    /// Whether other seeds may well give no difference, the 95 % interval of its mean (Student's t, for this row alone: not corrected for
    /// the number of rows) holding zero, or other test clips, it being fewer than <see cref="FewestClips"/>; null with fewer
    /// than two seeds, which say nothing about noise.
    /// </summary>
    public bool? IsWithinNoise => Difference.Count < 2 ? null
        : Math.Abs(Difference.Mean) <= Difference.HalfWidth95 || Math.Abs(Difference.Mean) * Difference.Clips < FewestClips - 1e-9;

    /// <summary>The difference of two rows.</summary>
    /// <param name="row">The row's numbers by seed.</param>
    /// <param name="baseline">The baseline's numbers by seed.</param>
    /// <param name="clips">Test clips that both are shares of; null where numbers are no such shares.</param>
    /// <returns>The difference; null where no seed is in both.</returns>
    public static PairedDifference? Of(IReadOnlyDictionary<int, double> row, IReadOnlyDictionary<int, double> baseline, int? clips)
    {
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(baseline);
        double[] differences = [.. row.Where(value => baseline.ContainsKey(value.Key)).OrderBy(value => value.Key).Select(value => value.Value - baseline[value.Key])];
        return differences.Length == 0 ? null : new PairedDifference(Spread.Of(differences, clips));
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
