using System.Globalization;
using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Reparameterization;

namespace ZeroI2V.Lab.Reporting;

/// <summary>Folding in tables: how far a folded model is from the unfolded one, and which methods fold at all.</summary>
public static class FoldingTable
{
    /// <summary>The largest differences, layer by layer.</summary>
    /// <param name="report">The proof.</param>
    public static ResultTable Differences(EqualityReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return new ResultTable
        {
            Caption = $"Folded beside unfolded, {report.Checkpoint}: largest differences after each layer",
            Synthetic = report.RealIsSynthetic,
            Columns = [new("after", TextAlignment.Left), new("random frames"), new(report.RealFrames)],
            Rows =
            [
                .. Enumerable.Range(0, report.Random.Blocks.Count).Select(block => Row(string.Create(CultureInfo.InvariantCulture, $"block {block}"), report.Random.Blocks[block], report.Real.Blocks[block])),
                Row($"class features{UpTo(report.Random.LargestFeature, report.Real.LargestFeature)}", report.Random.Features, report.Real.Features),
                Row($"logits{UpTo(report.Random.LargestLogit, report.Real.LargestLogit)}", report.Random.Logits, report.Real.Logits),
            ],
        };

        // Rounding grows with the numbers that are rounded, so the largest of them belongs to the difference.
        static string UpTo(double random, double real) => string.Create(CultureInfo.InvariantCulture, $", numbers up to {Math.Max(random, real):g3}");

        static IReadOnlyList<string> Row(string after, double random, double real) => [after, Number(random), Number(real)];
    }

    /// <summary>Which methods become the image model, and what stands in the others' way.</summary>
    /// <param name="recognizer">A recogniser of ZeroI2V that the methods are made from.</param>
    public static ResultTable Methods(RecognizerOptions recognizer)
    {
        ArgumentNullException.ThrowIfNull(recognizer);
        return new ResultTable
        {
            Caption = "What folds into the image model",
            Synthetic = false,
            Columns = [new("method", TextAlignment.Left), new("folds", TextAlignment.Left), new("what stands in the way", TextAlignment.Left)],
            Rows = [.. AdaptationMethod.All.Select(method => (method.Name, Options: method.Apply(recognizer))).Select(method => (IReadOnlyList<string>)
            [
                method.Name,
                method.Options.FoldingObstacles().Count > 0 ? "no" : method.Options.Folded() == method.Options ? "nothing to fold" : "yes",
                string.Join(' ', method.Options.FoldingObstacles()),
            ])],
        };
    }

    /// <summary>A difference as tables show it: <c>1.23e-07</c>.</summary>
    internal static string Number(double value) => value.ToString("0.00e+00", CultureInfo.InvariantCulture);
}
