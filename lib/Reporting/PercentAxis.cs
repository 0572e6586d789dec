namespace ZeroI2V.Lab.Reporting;

/// <summary>How far an axis of shares in per cent goes.</summary>
internal static class PercentAxis
{
    /// <summary>The axis's upper end: the next step of 20 above all shares, and a little room for marks.</summary>
    /// <param name="shares">Fractions; those that are no number do not count.</param>
    /// <param name="most">The largest fraction that there can be.</param>
    internal static double Top(IEnumerable<double> shares, double most = 1) =>
        1.04 * Math.Clamp(20 * Math.Ceiling(100 * shares.Where(double.IsFinite).DefaultIfEmpty(1).Max() / 20), 20, 100 * most);
}
