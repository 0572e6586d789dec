using ZeroI2V.Lab.Backbone;

namespace ZeroI2V.Lab.GradCam;

/// <summary>
/// The tensor of a block whose values and gradients make a map. Only the class token of the last block is read by the head of
/// the model, so there the gradients of everything after the attention are exactly zero at every patch.
/// </summary>
public enum CamPlace
{
    /// <summary>
    /// The values of every head after relocation: what a head could take from each patch, times what taking it did to the score.
    /// In the last block, value × gradient summed over all tokens is the head's output × gradient at the class token, so it is
    /// a true account of what the head contributed. A temporal head's map belongs to the frame that it looks at.
    /// </summary>
    HeadValues,

    /// <summary>Output of the block's first norm, LN₁. Its channels belong to no head.</summary>
    Norm,

    /// <summary>
    /// What the attention's projection reads. The official code calls its lowest channels "temporal" and the rest "spatial", and
    /// so does a head group here; but the projection mixes all channels, so it is not what those heads read. Folding moves the
    /// adapter in front of it into the projection: the maps of a folded model are those of <see cref="Norm"/>.
    /// </summary>
    AttentionInput,

    /// <summary>
    /// Outputs of the heads side by side. Zero at every patch in the last block: of use in earlier blocks. A patch's output lies
    /// where its query does, whatever frame it looked at.
    /// </summary>
    HeadOutputs,

    /// <summary>Output of the attention after its output projection, which mixes the heads: its channels belong to none. Zero in the last block too.</summary>
    AttentionOutput,
}

/// <summary>What follows from a place.</summary>
internal static class CamPlaces
{
    /// <summary>The point where a tap finds it.</summary>
    internal static BlockPoint Point(this CamPlace place) => place switch
    {
        CamPlace.HeadValues => BlockPoint.Values,
        CamPlace.Norm => BlockPoint.Norm,
        CamPlace.AttentionInput => BlockPoint.AttentionInput,
        CamPlace.HeadOutputs => BlockPoint.HeadOutputs,
        CamPlace.AttentionOutput => BlockPoint.AttentionOutput,
        _ => throw new ArgumentOutOfRangeException(nameof(place), place, "not a place"),
    };

    /// <summary>Whether a token at the place is one that a head looks at, in the frame that the head looks at.</summary>
    internal static bool IsLookedAt(this CamPlace place) => place == CamPlace.HeadValues;

    /// <summary>Whether the place lies after the attention, so that in the last block its gradient is zero at every patch.</summary>
    internal static bool IsAfterAttention(this CamPlace place) => place is CamPlace.HeadOutputs or CamPlace.AttentionOutput;
}
