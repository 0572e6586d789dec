using System.Globalization;
using TorchSharp;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.Reparameterization;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Parity;

/// <summary>
/// Proves the lab's model equal to the code that made a parity folder: loads its checkpoint, runs its input, and compares
/// blocks, features and logits; then folds the adapters and compares the folded model with the unfolded one. On the chosen device.
/// </summary>
public static class ParityCheck
{
    /// <summary>Largest difference of a block's output. A wrong norm, activation or offset moves it by at least 7e-3.</summary>
    public const double BlockTolerance = 1e-4;

    /// <summary>Largest difference of the class features.</summary>
    public const double FeatureTolerance = 5e-5;

    /// <summary>Largest difference of the logits.</summary>
    public const double LogitTolerance = 1e-5;

    /// <summary>Checks one folder.</summary>
    /// <param name="folder">A folder in the format of the parity vectors: <c>manifest.json</c> says all.</param>
    /// <exception cref="ParityException">The folder is incomplete, damaged, or asks for what the lab does not have.</exception>
    /// <exception cref="CheckpointException">A file is damaged, or the checkpoint does not fit the manifest.</exception>
    public static ParityReport Run(string folder)
    {
        using var parity = new ParityFolder(folder);
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        List<ParityRow> rows = parity.Manifest.Recognizer is { } options ? Video(parity, options) : Image(parity);
        return new ParityReport(parity.Manifest.Name, rows);
    }

    private static List<ParityRow> Video(ParityFolder parity, RecognizerOptions options)
    {
        using WeightSet weights = WeightFile.Read(parity.CheckpointPath);
        WeightLoading.Require(ParameterShapes.Of(options), WeightLoading.Official(Tower.Of(weights)), parity.CheckpointPath);
        using var model = new VideoRecognizer(options);
        model.Load(weights);
        model.to(ComputeDevice.Chosen);
        model.eval();

        var rows = new List<ParityRow>();
        Tensor clips = parity["input"].to(ComputeDevice.Chosen);
        Tensor features, logits;
        using (Watch(model.Backbone, parity, rows))
            features = model.Features(clips);
        logits = model.Head.call(features);
        CheckBlocks(rows, options.Backbone.Layers);
        rows.Add(Compare("backbone_output", features, parity, FeatureTolerance));
        rows.Add(Compare("logits", logits, parity, LogitTolerance));
        rows.AddRange(Folded(model, clips));
        return rows;
    }

    private static IEnumerable<ParityRow> Folded(VideoRecognizer model, Tensor clips)
    {
        if (model.Options.FoldingObstacles() is { Count: > 0 } obstacles)
            return [new ParityRow("folded model", null, null, true, string.Join(' ', obstacles))];
        if (model.Options.Folded() == model.Options)
            return [];
        using VideoRecognizer folded = Folding.Fold(model);
        FoldingReport report = FoldingReport.Compare(model, folded, clips);
        return
        [
            ParityRow.Of("folded: backbone_output", report.Features, FoldingReport.Tolerance),
            ParityRow.Of("folded: logits", report.Logits, FoldingReport.Tolerance),
            new ParityRow("folded: keys", null, null, report.Keys.Same, report.Keys.ToString()),
        ];
    }

    private static List<ParityRow> Image(ParityFolder parity)
    {
        using WeightSet weights = WeightFile.Read(parity.CheckpointPath);
        WeightLoading.Require(ParameterShapes.Of(parity.Manifest.Backbone), Tower.Of(weights).Tensors, parity.CheckpointPath);
        using var model = new VisionTransformer(parity.Manifest.Backbone);
        model.Load(weights);
        model.to(ComputeDevice.Chosen);
        model.eval();

        var rows = new List<ParityRow>();
        Tensor feature;
        using (Watch(model, parity, rows))
            feature = model.call(parity["input"].to(ComputeDevice.Chosen));
        CheckBlocks(rows, parity.Manifest.Backbone.Layers);
        rows.Add(Compare("class_feature", feature, parity, FeatureTolerance));
        if (parity.Manifest.Backbone.Projection > 0)
            rows.Add(Compare("image_features", model.Project(feature), parity, FeatureTolerance));
        return rows;
    }

    /// <summary>Compares inner values as they pass by, as far as the folder holds them.</summary>
    private static ForwardTap Watch(VisionTransformer model, ParityFolder parity, List<ParityRow> rows) => new(model, (point, block, x) =>
    {
        string name = point == TapPoint.FirstNorm ? "after_first_norm" : string.Create(CultureInfo.InvariantCulture, $"block_{block}");
        if (!parity.Names.Contains(name))
            return;
        long[] shape = parity[name].shape;
        // Folders hold (B, T, N, D) for clips and (B, N, D) for images; the model's tokens are (B·T, N, D).
        bool fits = shape.Length >= 3 && shape[..^2].Aggregate(1L, (a, b) => a * b) == x.shape[0] && shape[^2] == x.shape[1] && shape[^1] == x.shape[2];
        rows.Add(fits
            ? Compare(name, x.view(shape), parity, BlockTolerance)
            : new ParityRow(name, null, BlockTolerance, false, $"shape ({string.Join(", ", x.shape)}); the folder has ({string.Join(", ", shape)})"));
    });

    /// <summary>A folder without a block's output would prove less than it seems to.</summary>
    private static void CheckBlocks(List<ParityRow> rows, int layers)
    {
        for (int layer = 0; layer < layers; layer++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"block_{layer}");
            if (rows.All(row => row.What != name))
                rows.Add(new ParityRow(name, null, BlockTolerance, false, "the folder does not hold this block's output"));
        }
    }

    private static ParityRow Compare(string name, Tensor found, ParityFolder parity, double tolerance)
    {
        Tensor expected = parity[name];
        // A backbone's output is kept as (B, D, T, 1, 1); sizes of one carry nothing.
        if (!expected.shape.Where(size => size != 1).SequenceEqual(found.shape.Where(size => size != 1)))
            return new ParityRow(name, null, tolerance, false, $"shape ({string.Join(", ", found.shape)}); the folder has ({string.Join(", ", expected.shape)})");
        return ParityRow.Of(name, FoldingReport.Difference(found.reshape(expected.shape), expected), tolerance);
    }
}
