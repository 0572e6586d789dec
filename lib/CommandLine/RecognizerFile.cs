using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.Stdha;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.CommandLine;

/// <summary>A recogniser out of a file that a command is given: the lab's own, or a checkpoint with what its tensors do not tell.</summary>
internal static class RecognizerFile
{
    /// <summary>Opens it.</summary>
    /// <param name="path">The file, of any format.</param>
    /// <param name="offsets">Δt of the lowest heads.</param>
    /// <param name="scale">s of the adapters.</param>
    /// <param name="heads">h.</param>
    /// <param name="report">What was loaded.</param>
    /// <param name="family">Whose names the file has.</param>
    /// <exception cref="CheckpointException">The file is damaged, or something must be given.</exception>
    internal static VideoRecognizer Open(string path, int[]? offsets, double? scale, int? heads, out LoadReport report, out WeightNaming family)
    {
        using WeightSet weights = WeightFile.Read(path);
        using (NewDisposeScope())
            family = Tower.Of(weights).Naming.Family;
        if (weights.Metadata.ContainsKey(WeightLoading.OptionsKey))
            return VideoRecognizer.Open(path, out report);
        var model = new VideoRecognizer(RecognizerSizes.Infer(weights, offsets is { Length: > 0 } ? HeadSplit.Lowest(offsets) : null, scale, heads));
        try
        {
            report = model.Load(weights);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
