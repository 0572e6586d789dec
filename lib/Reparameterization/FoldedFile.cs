using TorchSharp.Modules;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Reparameterization;

/// <summary>
/// How a folded recogniser lies in a file: the image model under the exact keys and shapes of the family that is asked for,
/// so that any program for that family can load it; beside it what belongs to the video task alone,
/// <c>temporal_embedding</c> and <c>cls_head.fc_cls.*</c>.
/// </summary>
public static class FoldedFile
{
    /// <summary>A folded recogniser's tensors under the names of the file.</summary>
    /// <param name="folded">A recogniser without adapters.</param>
    /// <param name="naming">Whose names.</param>
    /// <returns>Views of the model's parameters, which belong to the current dispose scope.</returns>
    /// <exception cref="ArgumentException">It still has adapters, or the family has no such models.</exception>
    /// <exception cref="NotSupportedException">It cannot be folded; the options that stand in the way are named.</exception>
    public static IReadOnlyDictionary<string, Tensor> Tensors(VideoRecognizer folded, WeightNaming naming = WeightNaming.Clip)
    {
        ArgumentNullException.ThrowIfNull(folded);
        // Refuses what cannot be folded, by the names of its options.
        if (folded.Options.Folded() != folded.Options)
            throw new ArgumentException("The recogniser still has adapters or low-rank updates; fold it first.", nameof(folded));
        if (naming != WeightNaming.Timm && folded.Options.Backbone.WithoutFirstNorm)
            throw new ArgumentException($"A model without a norm in front of its blocks is none that {naming} can name; ask for {WeightNaming.Timm}.", nameof(naming));
        TowerNaming names = TowerNaming.Of(naming);
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach ((string name, Parameter parameter) in folded.Backbone.named_parameters())
            if (name == WeightLoading.TemporalEmbedding)
                tensors.Add(name, parameter);
            else
                AddPieces(tensors, names, name, parameter);
        foreach ((string name, long[] shape) in names.Zeros(folded.Options.Backbone))
            tensors.Add(names.WrittenPrefix + name, zeros(shape));
        foreach ((string name, Parameter parameter) in folded.Head.named_parameters())
            tensors.Add(Tower.HeadPrefix + name, parameter);
        return tensors;
    }

    /// <summary>Names and shapes that an image model of these sizes has in a file of a family.</summary>
    /// <param name="options">The sizes.</param>
    /// <param name="naming">The family.</param>
    internal static IEnumerable<(string Name, long[] Shape)> Layout(VitOptions options, WeightNaming naming)
    {
        TowerNaming names = TowerNaming.Of(naming);
        return ParameterShapes.Of(options).SelectMany(item => names.Layout(item.Name, item.Shape)).Concat(names.Zeros(options)).Select(item => (names.WrittenPrefix + item.Name, item.Shape));
    }

    /// <summary>Writes a folded recogniser; its options go into the metadata.</summary>
    /// <param name="folded">A recogniser without adapters.</param>
    /// <param name="path">The file.</param>
    /// <param name="metadata">More strings to keep with it, such as provenance.</param>
    /// <param name="naming">Whose names; null for those that the image model came in.</param>
    public static void Save(VideoRecognizer folded, string path, IReadOnlyDictionary<string, string>? metadata = null, WeightNaming? naming = null)
    {
        ArgumentNullException.ThrowIfNull(folded);
        using var scope = NewDisposeScope();
        SafeTensors.Write(path, Tensors(folded, naming ?? folded.ImageNaming), WeightLoading.Of(folded, metadata));
    }

    private static void AddPieces(Dictionary<string, Tensor> tensors, TowerNaming names, string name, Parameter parameter)
    {
        (string Name, long[] Shape)[] pieces = [.. names.Layout(name, parameter.shape)];
        Tensor flat = parameter.detach().reshape(-1);
        long at = 0;
        foreach ((string piece, long[] shape) in pieces)
        {
            long count = ElementTypes.Count(shape)!.Value;
            tensors.Add(names.WrittenPrefix + piece, flat.narrow(0, at, count).view(shape));
            at += count;
        }
    }
}
