using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Reparameterization;

/// <summary>How far a folded model is from the unfolded one on the same clips: largest absolute differences.</summary>
/// <param name="Blocks">After each block, first to last.</param>
/// <param name="Features">Of the class features.</param>
/// <param name="Logits">Of the logits.</param>
/// <param name="LargestFeature">Largest absolute class feature: rounding grows with the numbers that are rounded.</param>
/// <param name="LargestLogit">Largest absolute logit.</param>
/// <param name="Keys">The folded image model's keys beside CLIP's.</param>
public sealed record FoldingReport(IReadOnlyList<double> Blocks, double Features, double Logits, double LargestFeature, double LargestLogit, KeyComparison Keys)
{
    /// <summary>Largest difference of features or logits that rounding explains, for numbers up to one; for larger ones in proportion.</summary>
    public const double Tolerance = 1e-5;

    /// <summary>Whether both models are equal to rounding and the keys are CLIP's. A NaN is never equal.</summary>
    public bool Equal => Features <= Tolerance * Math.Max(1, LargestFeature) && Logits <= Tolerance * Math.Max(1, LargestLogit) && Keys.Same;

    /// <summary>Runs both models in evaluation mode.</summary>
    /// <param name="model">The unfolded model.</param>
    /// <param name="folded">The folded one.</param>
    /// <param name="clips">(B, 3, T, H, W).</param>
    /// <param name="naming">Whose keys the folded model's are held against.</param>
    public static FoldingReport Compare(VideoRecognizer model, VideoRecognizer folded, Tensor clips, WeightNaming naming = WeightNaming.Clip)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        bool training = model.training;
        model.eval();
        folded.eval();
        var expected = new List<Tensor>();
        var blocks = new List<double>();
        Tensor features, foldedFeatures;
        using (new ForwardTap(model.Backbone, (point, _, x) =>
        {
            if (point == TapPoint.Block)
                expected.Add(x.clone().MoveToOtherDisposeScope(scope));
        }))
            features = model.Features(clips);
        using (new ForwardTap(folded.Backbone, (point, block, x) =>
        {
            if (point == TapPoint.Block)
                blocks.Add(Difference(x, expected[block]));
        }))
            foldedFeatures = folded.Features(clips);
        Tensor logits = model.Head.call(features);
        var report = new FoldingReport(
            blocks,
            Difference(foldedFeatures, features),
            Difference(folded.Head.call(foldedFeatures), logits),
            Largest(features),
            Largest(logits),
            KeyComparison.Of(folded, naming));
        model.train(training);
        return report;
    }

    /// <summary>Largest absolute difference of two tensors of one shape, each on any device.</summary>
    internal static double Difference(Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        return a.cpu().to(ScalarType.Float64).sub(b.cpu().to(ScalarType.Float64)).abs().max().item<double>();
    }

    private static double Largest(Tensor x)
    {
        using var scope = NewDisposeScope();
        return x.abs().max().to(ScalarType.Float64).item<double>();
    }
}
