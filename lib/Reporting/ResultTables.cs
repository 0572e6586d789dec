using System.Globalization;
using ZeroI2V.Lab.Evaluation;

namespace ZeroI2V.Lab.Reporting;

/// <summary>A model in a comparison.</summary>
/// <param name="Name">What it is, as tables and legends say it.</param>
/// <param name="Seeds">Its results, one a seed.</param>
/// <param name="TrainedParameters">How many of its parameters were trained; null where that is not to be shown.</param>
public sealed record ModelResults(string Name, IReadOnlyList<EvaluationResult> Seeds, long? TrainedParameters = null);

/// <summary>The lab's tables of results.</summary>
public static class ResultTables
{
    /// <summary>Models compared: top-1, top-5, and pair accuracy by group and over all classes.</summary>
    /// <param name="caption">What is compared.</param>
    /// <param name="synthetic">Whether the data are made.</param>
    /// <param name="models">The models, the one that the others are compared with first.</param>
    /// <returns>The table; mean and standard deviation where a model has several seeds.</returns>
    /// <exception cref="ArgumentException">There is no model, one has no result, or their groups differ.</exception>
    public static ResultTable Comparison(string caption, bool synthetic, IReadOnlyList<ModelResults> models)
    {
        GroupedResults pairs = GroupedResults.PairAccuracy(caption, synthetic, models);
        bool counts = models.All(model => model.TrainedParameters is not null);
        return new ResultTable
        {
            Caption = pairs.Note is null ? caption : $"{caption}; {pairs.Note}",
            Synthetic = synthetic,
            Columns =
            [
                new("model", TextAlignment.Left),
                .. counts ? [new TableColumn("trained parameters")] : Array.Empty<TableColumn>(),
                new("top-1"),
                new("top-5"),
                .. pairs.Groups.Select(group => new TableColumn($"pair accuracy, {group}")),
            ],
            Rows = [.. models.Select((model, i) => (IReadOnlyList<string>)
            [
                model.Name,
                .. counts ? [model.TrainedParameters!.Value.ToString("N0", CultureInfo.InvariantCulture)] : Array.Empty<string>(),
                Spread.Of([.. model.Seeds.Select(seed => seed.Overall.Top1)]).ToString(),
                Spread.Of([.. model.Seeds.Select(seed => seed.Overall.Top5)]).ToString(),
                .. pairs.Series[i].Values.Select((value, group) => ReportText.Percent(value, pairs.Series[i].Errors?[group] ?? double.NaN)),
            ])],
        };
    }

    /// <summary>One result class by class: top-1, pair accuracy, and what a class is taken for.</summary>
    /// <param name="caption">Whose result it is.</param>
    /// <param name="synthetic">Whether the data are made.</param>
    /// <param name="result">The result.</param>
    /// <returns>The table.</returns>
    public static ResultTable Classes(string caption, bool synthetic, EvaluationResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return new ResultTable
        {
            Caption = caption,
            Synthetic = synthetic,
            Columns =
            [
                new("class", TextAlignment.Left), new("group", TextAlignment.Left), new("clips"), new("top-1"), new("pair accuracy"),
                new("most often taken for", TextAlignment.Left),
            ],
            Rows = [.. result.Classes.Select(line => (IReadOnlyList<string>)
            [
                line.Name,
                line.Group,
                line.Clips.ToString("N0", CultureInfo.InvariantCulture),
                ReportText.Percent(line.Top1 ?? double.NaN),
                ReportText.Percent(line.PairAccuracy ?? double.NaN),
                line.Confusion is null ? "" : $"{line.Confusion} ({line.ConfusionClips})",
            ])],
        };
    }
}
