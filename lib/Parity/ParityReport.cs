namespace ZeroI2V.Lab.Parity;

/// <summary>One comparison.</summary>
/// <param name="What">What was compared.</param>
/// <param name="Difference">Largest absolute difference; null where the comparison is no number.</param>
/// <param name="Tolerance">Largest difference allowed, or null.</param>
/// <param name="Passed">Whether it holds.</param>
/// <param name="Note">What else there is to say.</param>
public sealed record ParityRow(string What, double? Difference, double? Tolerance, bool Passed, string Note = "")
{
    /// <summary>A row that passes if the difference is at most the tolerance; a NaN never passes.</summary>
    internal static ParityRow Of(string what, double difference, double tolerance) => new(what, difference, tolerance, difference <= tolerance);
}

/// <summary>All comparisons of one folder.</summary>
/// <param name="Name">The folder's case.</param>
/// <param name="Rows">The comparisons.</param>
public sealed record ParityReport(string Name, IReadOnlyList<ParityRow> Rows)
{
    /// <summary>Whether every comparison holds.</summary>
    public bool Passed => Rows.All(row => row.Passed);
}
