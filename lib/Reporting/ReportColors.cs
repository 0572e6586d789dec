namespace ZeroI2V.Lab.Reporting;

/// <summary>
/// Colours of series, told apart by readers with any colour vision (Okabe and Ito 2008).
/// The first is grey: the first series of a comparison is what the others are compared with.
/// </summary>
public static class ReportColors
{
    /// <summary>Axes and text.</summary>
    public const string Ink = "#262B33";

    /// <summary>Notes, reference lines.</summary>
    public const string Muted = "#69707D";

    /// <summary>Grid lines.</summary>
    public const string Grid = "#E6E8EC";

    private static readonly string[] Series = ["#9AA0A9", "#E69F00", "#0072B2", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", Ink];

    /// <summary>How many colours there are.</summary>
    public static int Count => Series.Length;

    /// <summary>The colour of a series.</summary>
    /// <param name="index">Its place in the comparison, from 0; after the last colour they begin again.</param>
    /// <returns>The colour as #RRGGBB.</returns>
    public static string Of(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return Series[index % Series.Length];
    }
}
