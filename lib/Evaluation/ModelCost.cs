using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;

namespace ZeroI2V.Lab.Evaluation;

/// <summary>
/// What a recogniser costs, worked out from its options. Operations are counted so that the rows of the official table
/// come out: one multiply-add is one FLOP, a norm costs five for each element; softmax, activations and additions are
/// left out, and so is moving frames in time, which computes nothing.
/// </summary>
/// <param name="Parts">Every part, in the order in which data meets them.</param>
/// <param name="Tuning">What of the image model trains.</param>
public sealed record ModelCost(IReadOnlyList<CostPart> Parts, BackboneTuning Tuning)
{
    /// <summary>All values of backbone, what is added, and head.</summary>
    public long Parameters => Parts.Sum(part => part.Parameters);

    /// <summary>Those that train.</summary>
    public long TrainedParameters => Parts.Where(Trains).Sum(part => part.Parameters);

    /// <summary>Those that the image model with a head has not.</summary>
    public long AddedParameters => Parts.Where(part => part.Role == CostRole.Added).Sum(part => part.Parameters);

    /// <summary>Multiply-adds of one view: one clip, one crop.</summary>
    public long Flops => Parts.Sum(part => part.Flops);

    /// <summary>Multiply-adds of one view, in billions.</summary>
    public double GFlops => Flops / 1e9;

    /// <summary>The cost in use: folded where the options allow it, as it stands otherwise.</summary>
    /// <param name="options">The recogniser.</param>
    /// <returns>Its cost at inference.</returns>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public static ModelCost AtInference(RecognizerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Of(options.FoldingObstacles().Count == 0 ? options.Folded() : options);
    }

    /// <summary>Works out the cost of a recogniser as it stands: adapters that are not folded count.</summary>
    /// <param name="options">The recogniser.</param>
    /// <returns>Its cost.</returns>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public static ModelCost Of(RecognizerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        VitOptions vit = options.Backbone;
        long frames = options.Frames, n = vit.Tokens(), d = vit.Width, m = vit.MlpHidden, l = vit.Layers;
        long patch = 3L * vit.PatchSize * vit.PatchSize, tokens = frames * n, norm = 2 * d, norms = (vit.WithoutFirstNorm ? 0 : 1) + 2 * l;
        var parts = new List<CostPart>
        {
            new("patch embedding", CostRole.ImageModel, patch * d, frames * (n - 1) * patch * d),
            new("class token and positions", CostRole.ImageModel, d + n * d, 0),
            new("norms in front of and in the blocks", CostRole.ImageModel, norms * norm, Norm(norms * tokens)),
            new("query, key, value and output projections", CostRole.ImageModel, l * (4 * d * d + 4 * d), l * tokens * 4 * d * d),
            new("attention in frames", CostRole.ImageModel, 0, l * tokens * 2 * n * d),
            new("MLP", CostRole.ImageModel, l * (2 * d * m + m + d), l * tokens * 2 * d * m),
            new("norm behind the blocks", CostRole.LastNorm, norm, Norm(options.PoolBeforeNorm ? 1 : frames)),
        };
        if (options.TemporalEmbedding)
            parts.Add(new CostPart("temporal embedding", CostRole.Added, frames * d, 0));
        if (options.Adapters is { } adapters)
            parts.Add(Adapters("adapters", adapters, l * adapters.PerBlock));
        if (options.Lora is { } lora)
            parts.Add(new CostPart("low-rank updates", CostRole.Added, l * lora.Count * 2 * d * lora.Rank, l * lora.Count * tokens * 2 * d * lora.Rank));
        if (options.Aim is { } aim)
        {
            parts.Add(new CostPart("attention over time, with its projections and norm", CostRole.Added, 0, Norm(l * tokens) + l * tokens * (4 * d * d + 2 * frames * d)));
            parts.Add(Adapters("AIM's adapters", aim.Adapter(), l * (aim.TimeInput ? 4 : 3)));
        }
        if (options.StAdapter is { } spatioTemporal)
        {
            long count = (spatioTemporal.LastBlocks == 0 ? l : spatioTemporal.LastBlocks) * ((spatioTemporal.BeforeAttention ? 1 : 0) + (spatioTemporal.BeforeMlp ? 1 : 0));
            long b = spatioTemporal.Bottleneck(vit.Width), taps = spatioTemporal.KernelFrames * (long)spatioTemporal.KernelPatches * spatioTemporal.KernelPatches;
            parts.Add(new CostPart("ST-Adapters", CostRole.Added, count * (2 * d * b + b + d + (taps + 1) * b), count * frames * (n - 1) * (2 * d * b + taps * b)));
        }
        parts.Add(new CostPart("head", CostRole.Head, d * options.Classes + options.Classes, d * options.Classes));
        return new ModelCost(parts, options.Tuning);

        // Five operations an element: mean, variance, difference, scale, shift.
        long Norm(long vectors) => 5 * d * vectors;

        CostPart Adapters(string name, AdapterOptions adapters, long count)
        {
            long b = adapters.Bottleneck(vit.Width);
            return new CostPart(name, CostRole.Added, count * (2 * d * b + b + d), count * tokens * 2 * d * b);
        }
    }

    private bool Trains(CostPart part) => part.Role switch
    {
        CostRole.ImageModel => Tuning == BackboneTuning.Full,
        CostRole.LastNorm => Tuning != BackboneTuning.None,
        _ => true,
    };
}
