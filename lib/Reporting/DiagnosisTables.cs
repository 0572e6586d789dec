using System.Globalization;
using ZeroI2V.Lab.Evaluation;

namespace ZeroI2V.Lab.Reporting;

/// <summary>What a temporal diagnosis found.</summary>
public static class DiagnosisTables
{
    /// <summary>Accuracy by order of frames.</summary>
    /// <param name="caption">Whose.</param>
    /// <param name="synthetic">Whether the data are made.</param>
    /// <param name="diagnosis">The diagnosis.</param>
    public static ResultTable Orders(string caption, bool synthetic, TemporalDiagnosis diagnosis)
    {
        ArgumentNullException.ThrowIfNull(diagnosis);
        return new ResultTable
        {
            Caption = caption,
            Synthetic = synthetic,
            Columns = [new("frames", TextAlignment.Left), new("top-1"), new("pair accuracy"), new("taken for the reversed class"), new("top-1 lost"), new("")],
            Rows = [.. diagnosis.Orders.Select(score => (IReadOnlyList<string>)
            [
                score.Order switch
                {
                    FrameOrder.AsFilmed => "as filmed",
                    FrameOrder.Shuffled => "shuffled",
                    FrameOrder.Reversed => "reversed",
                    _ => "the middle one, repeated",
                },
                ReportText.Percent(score.Result.Overall.Top1),
                ReportText.Percent(score.Result.Overall.PairAccuracy ?? double.NaN),
                ReportText.Percent(score.AsReversedClass ?? double.NaN),
                score.Order == FrameOrder.AsFilmed ? "" : string.Create(CultureInfo.InvariantCulture, $"{100 * score.Loss:0.0} ± {100 * score.LossMargin:0.0}"),
                score.Order == FrameOrder.AsFilmed ? "" : score.Matters ? "more than noise" : "within noise",
            ])],
        };
    }

    /// <summary>How far heads look: a row a layer, a cell a head.</summary>
    /// <param name="caption">Whose.</param>
    /// <param name="synthetic">Whether the data are made.</param>
    /// <param name="heads">Every head.</param>
    public static ResultTable Distances(string caption, bool synthetic, IReadOnlyList<HeadDistance> heads)
    {
        ArgumentNullException.ThrowIfNull(heads);
        int count = heads.Max(head => head.Head) + 1;
        return new ResultTable
        {
            Caption = $"{caption}: mean attention distance, pixels; frames where a head looks away from its own",
            Synthetic = synthetic,
            Columns = [new("layer"), .. Enumerable.Range(0, count).Select(head => new TableColumn($"head {head}"))],
            Rows = [.. heads.GroupBy(head => head.Layer).Select(layer => (IReadOnlyList<string>)
            [
                layer.Key.ToString(CultureInfo.InvariantCulture),
                .. layer.OrderBy(head => head.Head).Select(head => head.Frames == 0
                    ? head.Pixels.ToString("0.0", CultureInfo.InvariantCulture)
                    : string.Create(CultureInfo.InvariantCulture, $"{head.Pixels:0.0}, {head.Frames:0.0#} frames")),
            ])],
        };
    }
}
