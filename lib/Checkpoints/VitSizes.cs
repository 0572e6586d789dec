using System.Globalization;
using ZeroI2V.Lab.Backbone;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Checkpoints;

/// <summary>Reads a vision transformer's sizes off its weights, as CLIP's own loader does.</summary>
public static class VitSizes
{
    /// <summary>Channels of a head in every published CLIP; the weights do not tell the number of heads.</summary>
    private const int ClipHeadWidth = 64;

    /// <summary>Sizes of the model that a file holds.</summary>
    /// <param name="weights">The weights, in CLIP's or official naming.</param>
    /// <param name="heads">h; null for CLIP's rule of one head for every 64 channels.</param>
    /// <exception cref="CheckpointException">The tensors are none of a vision transformer, or the heads must be given.</exception>
    public static VitOptions Infer(WeightSet weights, int? heads = null)
    {
        (Dictionary<string, Tensor> tower, _) = WeightLoading.Tower(weights);
        long[] kernel = Shape("conv1.weight", 4);
        long[] positions = Shape("positional_embedding", 2);
        int width = (int)kernel[0], patch = (int)kernel[2];
        int grid = (int)Math.Round(Math.Sqrt(positions[0] - 1));
        if ((long)grid * grid + 1 != positions[0] || patch < 1 || width < 1)
            throw new CheckpointException(CheckpointFault.Keys, $"{weights.Source}: {positions[0]} positions are no class token and a square of patches.");
        int layers = 0;
        while (tower.ContainsKey(string.Create(CultureInfo.InvariantCulture, $"transformer.resblocks.{layers}.ln_1.weight")))
            layers++;
        if (heads is null && width % ClipHeadWidth != 0)
            throw new CheckpointException(CheckpointFault.Keys, $"{weights.Source}: the weights do not tell the number of attention heads, and a width of {width} is no multiple of CLIP's {ClipHeadWidth} channels a head. Give the number of heads.");
        var sizes = new VitOptions
        {
            Width = width,
            Layers = layers,
            Heads = heads ?? width / ClipHeadWidth,
            PatchSize = patch,
            Resolution = grid * patch,
            MlpHidden = (int)Shape("transformer.resblocks.0.mlp.c_fc.weight", 2)[0],
            Projection = tower.ContainsKey("proj") ? (int)Shape("proj", 2)[1] : 0,
        };
        // A few tensors gave the sizes; the others must agree before anyone makes a model of them.
        try
        {
            sizes.Validate();
        }
        catch (ArgumentException error)
        {
            throw new CheckpointException(CheckpointFault.Keys, $"{weights.Source}: {error.Message}", error);
        }
        WeightLoading.Require(ParameterShapes.Of(sizes), tower, weights.Source);
        return sizes;

        long[] Shape(string name, int dimensions)
        {
            if (!tower.TryGetValue(name, out Tensor? tensor))
                throw new CheckpointException(CheckpointFault.Keys, $"{weights.Source}: holds no '{name}', so it is no vision transformer in CLIP's naming.");
            return tensor.shape.Length == dimensions && tensor.shape.All(size => size <= int.MaxValue)
                ? tensor.shape
                : throw new CheckpointException(CheckpointFault.Keys, $"{weights.Source}: '{name}' has shape {ElementTypes.Text(tensor.shape)}; expected {dimensions} dimensions.");
        }
    }
}
