using System.Globalization;
using ZeroI2V.Lab.GradCam;

namespace ZeroI2V.Lab.Reporting;

/// <summary>How true maps are, as tables.</summary>
public static class CamTables
{
    /// <summary>Pointing, energy, deletion and insertion of each group of heads.</summary>
    /// <param name="study">The study.</param>
    public static ResultTable Groups(FaithfulnessStudy study)
    {
        ArgumentNullException.ThrowIfNull(study);
        return Table($"{study.Method.Title} by group of heads, {study.Clips} test clips", study.Rows.Select(row => (row.Group?.Title ?? "random maps", row)));
    }

    /// <summary>The same for all heads, of each method.</summary>
    /// <param name="studies">A study for each method, of the same clips.</param>
    public static ResultTable Methods(IReadOnlyList<FaithfulnessStudy> studies)
    {
        ArgumentNullException.ThrowIfNull(studies);
        return Table($"Methods, all heads, {studies[0].Clips} test clips", studies.Select(study => (study.Method.Title, study.Rows.Single(row => row.Group == HeadGroup.All))).Append(("random maps", studies[0].Rows[^1])));
    }

    /// <summary>How alike maps stay to those of the model as it is while its parameters are exchanged for random ones.</summary>
    /// <param name="checks">For each group of heads the checks of several clips.</param>
    public static ResultTable Randomized(IReadOnlyList<(HeadGroup Group, IReadOnlyList<RandomizedParameters> Clips)> checks)
    {
        ArgumentNullException.ThrowIfNull(checks);
        RandomizedParameters first = checks[0].Clips[0];
        return new ResultTable
        {
            Caption = $"Rank correlation with the map of the model as it is; random parameters down to …, {checks[0].Clips.Count} clips",
            Synthetic = true,
            Columns = [new("", TextAlignment.Left), .. first.Layers.Select(layer => new TableColumn(layer))],
            Rows = [.. checks.Select(check => (IReadOnlyList<string>)
                [check.Group.Title, .. first.Layers.Select((_, stage) => check.Clips.Average(clip => clip.Similarity[stage]).ToString("0.00", CultureInfo.InvariantCulture))])],
        };
    }

    private static ResultTable Table(string caption, IEnumerable<(string Name, FaithfulnessRow Row)> rows) => new()
    {
        Caption = caption,
        Synthetic = true,
        Columns = [new("", TextAlignment.Left), new("peak on an object, %"), new("evidence on objects, %"), new("objects cover, %"), new("deletion area (lower)"), new("insertion area (higher)")],
        Rows = [.. rows.Select(item => (IReadOnlyList<string>)
        [
            item.Name,
            Percent(item.Row.Pointing.Accuracy),
            Percent(item.Row.Pointing.Energy),
            Percent(item.Row.Pointing.Chance),
            item.Row.DeletionArea.ToString("0.000", CultureInfo.InvariantCulture),
            item.Row.InsertionArea.ToString("0.000", CultureInfo.InvariantCulture),
        ])],
    };

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture);
}
