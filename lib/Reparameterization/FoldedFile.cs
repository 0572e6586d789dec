using TorchSharp.Modules;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Reparameterization;

/// <summary>
/// How a folded recogniser lies in a file: under <c>visual.</c> the image model, CLIP's exact keys and shapes, which any
/// program for CLIP can load; beside it what belongs to the video task alone, <c>temporal_embedding</c> and
/// <c>cls_head.fc_cls.*</c>.
/// </summary>
public static class FoldedFile
{
    /// <summary>A folded recogniser's tensors under the names of the file; they remain the model's.</summary>
    /// <param name="folded">A recogniser without adapters.</param>
    /// <exception cref="ArgumentException">It still has adapters.</exception>
    public static IReadOnlyDictionary<string, Tensor> Tensors(VideoRecognizer folded)
    {
        if (folded.Options.Adapters is not null)
            throw new ArgumentException("The recogniser still has adapters; fold it first.", nameof(folded));
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach ((string name, Parameter parameter) in folded.Backbone.named_parameters())
            tensors.Add(name == WeightLoading.TemporalEmbedding ? name : WeightLoading.ClipPrefix + name, parameter);
        foreach ((string name, Parameter parameter) in folded.Head.named_parameters())
            tensors.Add("cls_head." + name, parameter);
        return tensors;
    }

    /// <summary>Writes a folded recogniser; its options go into the metadata.</summary>
    /// <param name="folded">A recogniser without adapters.</param>
    /// <param name="path">The file.</param>
    /// <param name="metadata">More strings to keep with it, such as provenance.</param>
    public static void Save(VideoRecognizer folded, string path, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var all = new Dictionary<string, string>(metadata ?? new Dictionary<string, string>()) { [WeightLoading.OptionsKey] = folded.Options.ToJson() };
        SafeTensors.Write(path, Tensors(folded), all);
    }
}
