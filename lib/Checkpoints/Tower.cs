using ZeroI2V.Lab.Adapters;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Checkpoints;

/// <summary>
/// A file's vision tower under the names of <see cref="Backbone.VisionTransformer"/>, whichever family the file is of, and
/// what became of everything beside it.
/// </summary>
/// <param name="Naming">The family.</param>
/// <param name="Tensors">The tower's tensors. Those that had to be arranged anew belong to the scope in which the tower was made.</param>
/// <param name="Head">A recogniser's head, <c>cls_head.…</c>.</param>
/// <param name="Unexpected">What has no place and should not be there, under the file's names.</param>
/// <param name="LeftOut">What has no place by design: text tower, classifier.</param>
/// <param name="Traits">What the family tells beyond its tensors.</param>
internal sealed record Tower(
    TowerNaming Naming,
    Dictionary<string, Tensor> Tensors,
    Dictionary<string, Tensor> Head,
    Dictionary<string, Tensor> Unexpected,
    List<string> LeftOut,
    TowerTraits Traits)
{
    internal const string HeadPrefix = "cls_head.";

    /// <summary>As many values as a recogniser has classes.</summary>
    internal const string HeadBias = HeadPrefix + "fc_cls.bias";

    /// <summary>ST-Adapter's head, which stands beside the tower's own names.</summary>
    private const string StAdapterHead = "fc.";

    /// <summary>Finds the tower of a file. Call it inside a dispose scope.</summary>
    /// <exception cref="CheckpointException">There is none, or more than one.</exception>
    internal static Tower Of(WeightSet weights)
    {
        (TowerNaming naming, string prefix) = Find(weights);
        // 'module.visual.' is a part of 'module.'; a tower without prefix is the whole.
        string outer = prefix.Length == 0 ? "" : prefix[..(prefix.LastIndexOf('.', prefix.Length - 2) + 1)];
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var head = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var unexpected = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var leftOut = new List<string>();
        foreach ((string name, Tensor tensor) in weights.Tensors)
        {
            string? below = name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : null;
            string? beside = name.StartsWith(outer, StringComparison.Ordinal) ? name[outer.Length..] : null;
            if (beside?.StartsWith(HeadPrefix, StringComparison.Ordinal) == true)
                head.Add(beside, tensor);
            else if (below?.StartsWith(StAdapterHead, StringComparison.Ordinal) == true)
                head.Add($"{HeadPrefix}fc_cls.{below[StAdapterHead.Length..]}", tensor);
            else if (beside is not null && (naming.Adopted(beside) ?? Video(beside)) is { } adopted)
                Add(adopted, name, tensor);
            else if (below is not null && naming.IsLeftOut(below))
                leftOut.Add(name);
            else if (below is not null)
                Add(naming.ToTower(below), name, tensor);
            else if (beside is not null && naming.IsBeside(beside))
                leftOut.Add(name);
            else
                unexpected.Add(name, tensor);
        }
        naming.Arrange(tensors);
        TowerTraits traits = naming.Traits(weights, outer, tensors);
        // The lab's own files say themselves what their models are.
        if (weights.Metadata.ContainsKey(WeightLoading.OptionsKey) || weights.Metadata.ContainsKey(WeightLoading.BackboneKey))
            traits = new TowerTraits(null, null, traits.WithoutFirstNorm);
        return new Tower(naming, tensors, head, unexpected, leftOut, traits);

        void Add(string tower, string name, Tensor tensor)
        {
            if (!tensors.TryAdd(tower, tensor))
                throw new CheckpointException(CheckpointFault.DuplicateName, $"{weights.Source}: '{name}' and another tensor both stand for '{tower}'.");
        }

        // Folded files keep the temporal embedding beside the image model.
        static string? Video(string beside) => beside == WeightLoading.TemporalEmbedding ? beside : null;
    }

    private static (TowerNaming Naming, string Prefix) Find(WeightSet weights)
    {
        foreach (TowerNaming naming in TowerNaming.All)
        {
            string[] prefixes = [.. weights.Tensors.Keys
                .Where(name => name.EndsWith(naming.Anchor, StringComparison.Ordinal) && (name.Length == naming.Anchor.Length || name[^(naming.Anchor.Length + 1)] == '.'))
                .Select(name => name[..^naming.Anchor.Length])];
            if (prefixes.Length > 1)
                throw new CheckpointException(CheckpointFault.Keys, $"{weights.Source}: holds {prefixes.Length} vision towers, under {string.Join(", ", prefixes.Order(StringComparer.Ordinal).Take(5).Select(prefix => $"'{prefix}'"))}; expected one. Save the one that is wanted by itself.");
            if (prefixes.Length == 1)
                return (naming, prefixes[0]);
        }
        // ST-Adapter saves only what trained; where its blocks begin, the tower begins.
        if (weights.Tensors.Keys.FirstOrDefault(name => name.Contains($".{AdapterNames.BeforeMlp}.", StringComparison.Ordinal) || name.Contains($".{AdapterNames.BeforeAttention}.", StringComparison.Ordinal)) is { } adapter
            && adapter.IndexOf(TowerNaming.TowerBlocks, StringComparison.Ordinal) is >= 0 and var at)
            return (TowerNaming.Of(WeightNaming.Clip), adapter[..at]);
        throw new CheckpointException(
            CheckpointFault.Keys,
            $"{weights.Source}: holds no vision transformer; expected a class token, such as '{WeightLoading.ClipPrefix}class_embedding' (CLIP, OpenCLIP, the lab), '{WeightLoading.OfficialPrefix}class_embedding' (official ZeroI2V, AIM), 'vision_model.embeddings.class_embedding' (Hugging Face) or 'cls_token' (timm). Its first names: {string.Join(", ", weights.Tensors.Keys.Take(5))}.");
    }
}
