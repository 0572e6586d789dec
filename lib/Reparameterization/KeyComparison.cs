using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;

namespace ZeroI2V.Lab.Reparameterization;

/// <summary>A folded image model's keys and shapes beside those of CLIP's vision tower of the same sizes.</summary>
/// <param name="Clip">Number of CLIP's keys.</param>
/// <param name="Missing">Keys of CLIP that the folded model lacks.</param>
/// <param name="Added">Keys that CLIP does not have.</param>
/// <param name="Reshaped">Keys that both have, in other shapes.</param>
/// <param name="AddedParameters">Values that the folded image model has beyond CLIP's.</param>
public sealed record KeyComparison(int Clip, IReadOnlyList<string> Missing, IReadOnlyList<string> Added, IReadOnlyList<string> Reshaped, long AddedParameters)
{
    /// <summary>True if the keys and shapes are CLIP's exactly.</summary>
    public bool Same => Missing.Count + Added.Count + Reshaped.Count == 0 && AddedParameters == 0;

    /// <summary>Compares a folded recogniser, as it lies in a file, with CLIP's list.</summary>
    /// <param name="folded">A recogniser without adapters.</param>
    public static KeyComparison Of(VideoRecognizer folded)
    {
        Dictionary<string, long[]> clip = ParameterShapes.Of(folded.Options.Backbone with { Projection = 0 }).ToDictionary(item => WeightLoading.ClipPrefix + item.Name, item => item.Shape, StringComparer.Ordinal);
        Dictionary<string, long[]> found = FoldedFile.Tensors(folded)
            .Where(pair => pair.Key.StartsWith(WeightLoading.ClipPrefix, StringComparison.Ordinal))
            .ToDictionary(pair => pair.Key, pair => pair.Value.shape, StringComparer.Ordinal);
        return new KeyComparison(
            clip.Count,
            [.. clip.Keys.Except(found.Keys)],
            [.. found.Keys.Except(clip.Keys)],
            [.. clip.Keys.Intersect(found.Keys).Where(key => !clip[key].SequenceEqual(found[key]))],
            found.Values.Sum(shape => ElementTypes.Count(shape)!.Value) - clip.Values.Sum(shape => ElementTypes.Count(shape)!.Value));
    }

    /// <summary>One line.</summary>
    public override string ToString() => Same
        ? $"CLIP's {Clip} keys and shapes exactly, 0 parameters added"
        : $"missing: {List(Missing)}; added: {List(Added)}; other shape: {List(Reshaped)}; {AddedParameters} parameters added";

    private static string List(IReadOnlyList<string> names) => names.Count == 0 ? "none" : string.Join(", ", names);
}
