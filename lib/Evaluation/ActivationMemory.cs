using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;

namespace ZeroI2V.Lab.Evaluation;

/// <summary>
/// Bytes of activations in 32-bit floats, worked out from the options: an estimate to choose a batch by, beside which
/// <see cref="CostMeasurement"/> puts what was measured. Attention scores are not counted: fused attention never keeps them.
/// </summary>
/// <param name="Inference">The most that is held at one moment, in the MLP of a block.</param>
/// <param name="Training">What the backward pass needs of all blocks, gradients of the weights included.</param>
public sealed record ActivationMemory(long Inference, long Training)
{
    private const int Float = 4;

    /// <summary>Estimates a recogniser's.</summary>
    /// <param name="options">The recogniser.</param>
    /// <param name="clips">B, clips of a batch.</param>
    /// <exception cref="ArgumentException">The options are not valid, or there is no clip.</exception>
    public static ActivationMemory Of(RecognizerOptions options, int clips)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(clips, 1);
        options.Validate();
        VitOptions vit = options.Backbone;
        long tokens = (long)clips * options.Frames * vit.Tokens(), d = vit.Width, m = vit.MlpHidden;

        // Input, its norm, what attention gave, their sum and its norm are alive while the MLP holds its hidden layer, and GELU what it makes of it.
        long inference = 5 * d + (vit.Activation == MlpActivation.QuickGelu ? 1 : 2) * m;
        return new ActivationMemory(Float * tokens * inference, Float * tokens * vit.Layers * Kept(options) + Float * 3 * ModelCost.Of(options).TrainedParameters);
    }

    /// <summary>Numbers that a block's backward pass needs for each token. A frozen layer needs its output's side only; a trained one its input too.</summary>
    private static long Kept(RecognizerOptions options)
    {
        long d = options.Backbone.Width, m = options.Backbone.MlpHidden;
        bool full = options.Tuning == BackboneTuning.Full;
        // Nothing before the head trains: nothing is kept.
        if (!full && options is { Adapters: null, Lora: null, Aim: null, StAdapter: null, TemporalEmbedding: false })
            return 0;
        // Two norms' inputs; queries, keys, values and the attention's output; the hidden layer.
        long kept = 2 * d + 4 * d + m;
        if (full)
            kept += 2 * d + d + m; // inputs of the four projections
        if (options.Adapters is { } adapters)
            kept += adapters.PerBlock * (d + (adapters.Activation == AdapterActivation.None ? 1 : 2) * adapters.Bottleneck(options.Backbone.Width));
        if (options.Lora is { } lora)
            kept += d + lora.Count * (long)lora.Rank;
        if (options.Aim is { } aim)
            kept += d + 4 * d + (aim.TimeInput ? 4 : 3) * (d + 2L * aim.Adapter().Bottleneck(options.Backbone.Width));
        if (options.StAdapter is { } spatioTemporal)
            kept += ((spatioTemporal.BeforeAttention ? 1 : 0) + (spatioTemporal.BeforeMlp ? 1 : 0)) * (d + 2L * spatioTemporal.Bottleneck(options.Backbone.Width));
        return kept;
    }
}
