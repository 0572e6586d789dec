using System.CommandLine;
using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.Stdha;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.CommandLine;

/// <summary>A recogniser out of a file that a command is given: the lab's own, or a checkpoint with what its tensors do not tell.</summary>
internal static class RecognizerFile
{
    private static readonly Dictionary<string, AdapterActivation> Activations = new(StringComparer.Ordinal)
    {
        ["linear"] = AdapterActivation.None,
        ["gelu"] = AdapterActivation.Gelu,
    };

    /// <summary>The option that says what stands between the adapters' layers.</summary>
    internal static Option<string?> AdaptersOption()
    {
        var option = new Option<string?>("--adapters") { Description = "Official checkpoints without their config: linear, as all published ones, or gelu." };
        option.AcceptOnlyFromAmong([.. Activations.Keys]);
        return option;
    }

    /// <summary>Opens it.</summary>
    /// <param name="path">The file, of any format.</param>
    /// <param name="offsets">Δt of the lowest heads.</param>
    /// <param name="scale">s of the adapters.</param>
    /// <param name="heads">h.</param>
    /// <param name="adapters">linear or gelu.</param>
    /// <param name="report">What was loaded.</param>
    /// <param name="family">Whose names the file has.</param>
    /// <exception cref="CheckpointException">The file is damaged, or something must be given.</exception>
    internal static VideoRecognizer Open(string path, int[]? offsets, double? scale, int? heads, string? adapters, out LoadReport report, out WeightNaming family)
    {
        using WeightSet weights = WeightFile.Read(path);
        using (NewDisposeScope())
            family = Tower.Of(weights).Naming.Family;
        if (weights.Metadata.ContainsKey(WeightLoading.OptionsKey))
            return VideoRecognizer.Open(path, out report);
        var model = new VideoRecognizer(RecognizerSizes.Infer(weights, offsets is { Length: > 0 } ? HeadSplit.Lowest(offsets) : null, scale, heads, adapters is null ? null : Activations[adapters]));
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
