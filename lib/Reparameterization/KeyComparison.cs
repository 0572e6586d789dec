using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Reparameterization;

/// <summary>A folded image model's keys and shapes beside those of the plain image model of the same sizes.</summary>
/// <param name="Naming">The family whose keys they are.</param>
/// <param name="Plain">Number of the plain model's keys.</param>
/// <param name="Missing">Keys of the plain model that the folded model lacks.</param>
/// <param name="Added">Keys that the plain model does not have.</param>
/// <param name="Reshaped">Keys that both have, in other shapes.</param>
/// <param name="AddedParameters">Values that the folded image model has beyond the plain one's.</param>
public sealed record KeyComparison(WeightNaming Naming, int Plain, IReadOnlyList<string> Missing, IReadOnlyList<string> Added, IReadOnlyList<string> Reshaped, long AddedParameters)
{
    /// <summary>True if the keys and shapes are the plain model's exactly.</summary>
    public bool Same => Missing.Count + Added.Count + Reshaped.Count == 0 && AddedParameters == 0;

    /// <summary>Compares a folded recogniser, as it lies in a file, with the family's list.</summary>
    /// <param name="folded">A recogniser without adapters.</param>
    /// <param name="naming">The family.</param>
    public static KeyComparison Of(VideoRecognizer folded, WeightNaming naming = WeightNaming.Clip)
    {
        ArgumentNullException.ThrowIfNull(folded);
        using var scope = NewDisposeScope();
        Dictionary<string, long[]> plain = FoldedFile.Layout(folded.Options.Backbone with { Projection = 0 }, naming).ToDictionary(item => item.Name, item => item.Shape, StringComparer.Ordinal);
        // What belongs to the video task alone is no part of the image model.
        Dictionary<string, long[]> found = FoldedFile.Tensors(folded, naming)
            .Where(pair => pair.Key != WeightLoading.TemporalEmbedding && !pair.Key.StartsWith(Tower.HeadPrefix, StringComparison.Ordinal))
            .ToDictionary(pair => pair.Key, pair => pair.Value.shape, StringComparer.Ordinal);
        return new KeyComparison(
            naming,
            plain.Count,
            [.. plain.Keys.Except(found.Keys)],
            [.. found.Keys.Except(plain.Keys)],
            [.. plain.Keys.Intersect(found.Keys).Where(key => !plain[key].SequenceEqual(found[key]))],
            found.Values.Sum(shape => ElementTypes.Count(shape)!.Value) - plain.Values.Sum(shape => ElementTypes.Count(shape)!.Value));
    }

    /// <summary>One line.</summary>
    public override string ToString() => Same
        ? $"{Whose} {Plain} keys and shapes exactly, 0 parameters added"
        : $"missing: {List(Missing)}; added: {List(Added)}; other shape: {List(Reshaped)}; {AddedParameters} parameters added";

    private string Whose => Naming switch
    {
        WeightNaming.Clip => "CLIP's",
        WeightNaming.HuggingFace => "Hugging Face CLIP's",
        _ => "timm's",
    };

    private static string List(IReadOnlyList<string> names) => names.Count == 0 ? "none" : string.Join(", ", names);
}
