using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.VideoData;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Evaluation;

/// <summary>What a recogniser scores when frames come in one order.</summary>
/// <param name="Order">The order.</param>
/// <param name="Result">Accuracies against the clips' own classes.</param>
/// <param name="AsReversedClass">
/// Share of the clips whose class has a time-reversed partner that are taken for the partner; chance is one in K. Null where no class has one.
/// </param>
/// <param name="Loss">Top-1 lost against the order as filmed, in [−1, 1].</param>
/// <param name="LossMargin">Half the 95 % interval of the loss: 1.96 standard errors of the paired differences, clip by clip.</param>
public sealed record OrderScore(FrameOrder Order, EvaluationResult Result, double? AsReversedClass, double Loss, double LossMargin)
{
    /// <summary>True if the loss is more than its margin: chance alone would seldom do that.</summary>
    public bool Matters => Loss > LossMargin;
}

/// <summary>
/// Whether a recogniser uses time at all: what it scores when frames are shuffled, reversed, or one of them is repeated, and how far
/// each head looks in space and in time.
/// </summary>
/// <param name="Orders">A score for each order, as filmed first.</param>
/// <param name="Heads">Every head's distances on some of the clips.</param>
public sealed record TemporalDiagnosis(IReadOnlyList<OrderScore> Orders, IReadOnlyList<HeadDistance> Heads)
{
    /// <summary>Whether the order of frames matters to it.</summary>
    public bool UsesOrder => Of(FrameOrder.Shuffled).Matters || Of(FrameOrder.Reversed).Matters;

    /// <summary>The score of an order.</summary>
    public OrderScore Of(FrameOrder order) => Orders.First(score => score.Order == order);

    /// <summary>One sentence.</summary>
    public string Verdict()
    {
        OrderScore shuffled = Of(FrameOrder.Shuffled), still = Of(FrameOrder.OneRepeated);
        string lost = FormattableString.Invariant($"Shuffled frames cost {100 * shuffled.Loss:0.0} ± {100 * shuffled.LossMargin:0.0} points of top-1, one repeated frame {100 * still.Loss:0.0} ± {100 * still.LossMargin:0.0}.");
        return UsesOrder ? $"It uses the order of frames. {lost}"
            : still.Matters ? $"It uses several frames and not their order. {lost}"
            : $"It does not use time: what it scores, a single frame gives. {lost}";
    }

    /// <summary>Diagnoses a recogniser.</summary>
    /// <param name="model">The recogniser; left in evaluation mode.</param>
    /// <param name="test">Test clips.</param>
    /// <param name="list">The list that the clips come from.</param>
    /// <param name="seed">What shuffles follow from.</param>
    /// <param name="progress">Told before each order.</param>
    /// <param name="cancellationToken">Ends it between batches.</param>
    public static TemporalDiagnosis Run(
        VideoRecognizer model, IClipBatches test, ClipList list, int seed = 0, IProgress<FrameOrder>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(test);
        ArgumentNullException.ThrowIfNull(list);
        var classes = new ClassTable(list.Classes, list.ClassGroups, list.ReversedClass);
        ClipScores? filmed = null;
        var orders = new List<OrderScore>();
        foreach (FrameOrder order in Enum.GetValues<FrameOrder>())
        {
            progress?.Report(order);
            ClipScores scores = VideoEvaluation.Score(model, new ReorderedClips(test, order, seed), list, cancellationToken: cancellationToken);
            filmed ??= scores;
            (double loss, double margin) = Loss(filmed, scores);
            orders.Add(new OrderScore(order, EvaluationResult.From(scores, classes), AsReversed(scores, classes), loss, margin));
        }
        using ClipBatch some = test.Epoch(0).First();
        using var scope = NewDisposeScope();
        return new TemporalDiagnosis(orders, AttentionDistance.Of(model, some.Clips.to(model.parameters().First().device)));
    }

    private static (double Loss, double Margin) Loss(ClipScores filmed, ClipScores other)
    {
        double[] differences = [.. Enumerable.Range(0, filmed.Count).Select(i => (filmed.IsAmongTop(i, 1) ? 1.0 : 0) - (other.IsAmongTop(i, 1) ? 1 : 0))];
        double mean = differences.Average();
        double deviation = differences.Length > 1 ? Math.Sqrt(differences.Sum(d => (d - mean) * (d - mean)) / (differences.Length - 1)) : 0;
        return (mean, 1.96 * deviation / Math.Sqrt(differences.Length));
    }

    private static double? AsReversed(ClipScores scores, ClassTable classes)
    {
        int[] clips = [.. Enumerable.Range(0, scores.Count).Where(i => classes.Reversed[scores.Label(i)] >= 0)];
        return clips.Length == 0 ? null : clips.Average(i => scores.Predicted(i) == classes.Reversed[scores.Label(i)] ? 1.0 : 0);
    }
}
