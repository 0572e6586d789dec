using ZeroI2V.Lab.Backbone;

namespace ZeroI2V.Lab.Checkpoints;

/// <summary>What a family of files tells of its models beyond their tensors.</summary>
/// <param name="Activation">What stands inside the MLP; null where the family has several.</param>
/// <param name="LayerNormEps">Added to the variance in every norm; null where the file does not tell.</param>
/// <param name="WithoutFirstNorm">Whether there is no norm in front of the blocks.</param>
internal sealed record TowerTraits(MlpActivation? Activation, double? LayerNormEps, bool WithoutFirstNorm)
{
    /// <summary>What contradicts a model's options, a text for each.</summary>
    internal IEnumerable<string> Contradictions(VitOptions options)
    {
        if (Activation is { } activation && activation != options.Activation)
            yield return $"{nameof(VitOptions.Activation)} {activation} instead of {options.Activation}";
        if (LayerNormEps is { } eps && eps != options.LayerNormEps)
            yield return $"{nameof(VitOptions.LayerNormEps)} {eps:g3} instead of {options.LayerNormEps:g3}";
        if (WithoutFirstNorm != options.WithoutFirstNorm)
            yield return $"{nameof(VitOptions.WithoutFirstNorm)} {WithoutFirstNorm} instead of {options.WithoutFirstNorm}";
    }
}
