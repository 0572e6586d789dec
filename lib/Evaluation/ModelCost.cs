using ZeroI2V.Lab.Backbone;

namespace ZeroI2V.Lab.Evaluation;

/// <summary>
/// What a recogniser costs, worked out from its options. Operations are counted so that the rows of the official table
/// come out: one multiply-add is one FLOP, a norm costs five for each element; softmax, activations and additions are
/// left out, and so is moving frames in time, which computes nothing.
/// </summary>
/// <param name="Parameters">All values of backbone, adapters and head.</param>
/// <param name="TrainedParameters">Those that train: adapters, temporal embedding, last norm, head.</param>
/// <param name="AddedParameters">Those that the image model with a head has not: adapters and temporal embedding.</param>
/// <param name="Flops">Multiply-adds of one view: one clip, one crop.</param>
public sealed record ModelCost(long Parameters, long TrainedParameters, long AddedParameters, long Flops)
{
    /// <summary>Multiply-adds of one view, in billions.</summary>
    public double GFlops => Flops / 1e9;

    /// <summary>Works out the cost of a recogniser as it stands: adapters that are not folded count.</summary>
    /// <param name="options">The recogniser.</param>
    /// <returns>Its cost.</returns>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public static ModelCost Of(RecognizerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        VitOptions vit = options.Backbone;
        long n = vit.Tokens(), d = vit.Width, m = vit.MlpHidden, l = vit.Layers;
        long patch = 3L * vit.PatchSize * vit.PatchSize;
        long norm = 2 * d;

        long blockWeights = 4 * d * d + 4 * d + 2 * d * m + m + d + 2 * norm;
        // Patches, class token, positions, first and last norm, blocks.
        long image = patch * d + d + n * d + 2 * norm + l * blockWeights;
        long head = d * options.Classes + options.Classes;
        long temporal = options.TemporalEmbedding ? options.Frames * d : 0;
        long places = options.Adapters is null ? 0 : long.PopCount((long)options.Adapters.Places);
        long bottleneck = options.Adapters?.Bottleneck(vit.Width) ?? 0;
        long adapters = l * places * (2 * d * bottleneck + bottleneck + d);

        // Query, key, value and output projections; scores and weighted values; the two layers of the MLP.
        long block = 4 * n * d * d + 2 * n * n * d + 2 * n * d * m + places * 2 * n * d * bottleneck;
        long norms = 5 * d * ((1 + 2 * l) * n + 1);
        long frame = (n - 1) * patch * d + l * block + norms;
        return new ModelCost(
            image + head + temporal + adapters,
            adapters + temporal + norm + head,
            adapters + temporal,
            options.Frames * frame + d * options.Classes);
    }
}
