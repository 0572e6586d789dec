namespace ZeroI2V.Lab.Ablations;

/// <summary>On which public data set a sweep is, and how it is trained there; the record of a sweep keeps it.</summary>
/// <param name="DataSet">The data set, such as <c>ssv2</c>.</param>
/// <param name="Name">The recipe of its manifest.</param>
/// <param name="Settings">What differs from the recipe.</param>
public sealed record SweepRecipe(string DataSet, string Name, IReadOnlyList<string> Settings)
{
    /// <summary>Whether another one is the same.</summary>
    internal bool IsSame(SweepRecipe other) => (DataSet, Name) == (other.DataSet, other.Name) && Settings.SequenceEqual(other.Settings);

    /// <inheritdoc/>
    public override string ToString() => $"{DataSet} by {Name}{string.Concat(Settings.Select(setting => $", {setting}"))}";
}
