using System.Globalization;
using ZeroI2V.Lab.Backbone;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Checkpoints;

/// <summary>Reads a vision transformer's sizes off its weights, as CLIP's own loader does.</summary>
public static class VitSizes
{
    /// <summary>Channels of a head in CLIP and in most vision transformers; the weights do not tell the number of heads.</summary>
    private const int HeadWidth = 64;

    /// <summary>Wider models have heads of 72, 80, 88 or 104 channels, each as its makers liked.</summary>
    private const int WidestOfThatRule = 1024;

    /// <summary>Sizes of the model that a file holds.</summary>
    /// <param name="weights">The weights, of any family.</param>
    /// <param name="heads">h; null for one head for every 64 channels, as published models of up to 1024 channels have.</param>
    /// <param name="activation">What stands inside the MLP; null where the file's family tells.</param>
    /// <exception cref="CheckpointException">The tensors are none of a vision transformer, or heads or activation must be given.</exception>
    public static VitOptions Infer(WeightSet weights, int? heads = null, MlpActivation? activation = null)
    {
        ArgumentNullException.ThrowIfNull(weights);
        using var scope = NewDisposeScope();
        Tower tower = Tower.Of(weights);
        VitOptions sizes = OwnOptions(weights) ?? FromTensors(weights, tower, heads, activation);
        // A few tensors gave the sizes; the others must agree before anyone makes a model of them.
        WeightLoading.Require(ParameterShapes.Of(sizes), tower.Tensors, weights.Source);
        return sizes;
    }

    /// <summary>What a file of the lab says of its model.</summary>
    private static VitOptions? OwnOptions(WeightSet weights)
    {
        try
        {
            return weights.Metadata.TryGetValue(WeightLoading.BackboneKey, out string? backbone) ? VitOptions.FromJson(backbone)
                : weights.Metadata.TryGetValue(WeightLoading.OptionsKey, out string? recognizer) ? RecognizerOptions.FromJson(recognizer).Backbone with { Projection = 0 }
                : null;
        }
        catch (ArgumentException error)
        {
            throw new CheckpointException(CheckpointFault.Malformed, $"{weights.Source}: {error.Message}", error);
        }
    }

    private static VitOptions FromTensors(WeightSet weights, Tower tower, int? heads, MlpActivation? activation)
    {
        long[] kernel = Shape("conv1.weight", 4);
        long[] positions = Shape("positional_embedding", 2);
        int width = (int)kernel[0], patch = (int)kernel[2];
        int grid = (int)Math.Round(Math.Sqrt(positions[0] - 1));
        if ((long)grid * grid + 1 != positions[0] || patch < 1 || width < 1)
            throw new CheckpointException(CheckpointFault.Keys, $"{weights.Source}: {positions[0]} positions are no class token and a square of patches.");
        int layers = 0;
        while (tower.Tensors.ContainsKey(string.Create(CultureInfo.InvariantCulture, $"transformer.resblocks.{layers}.ln_1.weight")))
            layers++;
        if (heads is null && (width % HeadWidth != 0 || width > WidestOfThatRule))
            throw new CheckpointException(CheckpointFault.Keys, $"{weights.Source}: the weights do not tell the number of attention heads, and a width of {width} is none of those (multiples of {HeadWidth} up to {WidestOfThatRule}) that have {HeadWidth} channels a head. Give the number of heads.");
        var sizes = new VitOptions
        {
            Width = width,
            Layers = layers,
            Heads = heads ?? width / HeadWidth,
            PatchSize = patch,
            Resolution = grid * patch,
            MlpHidden = (int)Shape("transformer.resblocks.0.mlp.c_fc.weight", 2)[0],
            Projection = tower.Tensors.ContainsKey("proj") ? (int)Shape("proj", 2)[1] : 0,
            LayerNormEps = tower.Traits.LayerNormEps ?? 1e-5,
            WithoutFirstNorm = tower.Traits.WithoutFirstNorm,
            Activation = tower.Traits.Activation ?? activation
                ?? throw new CheckpointException(CheckpointFault.Keys, $"{weights.Source}: nothing in the file tells its activation. Models of OpenAI have {MlpActivation.QuickGelu}, most of OpenCLIP and LAION {MlpActivation.Gelu}; their configuration says it (quick_gelu, hidden_act). Give the activation."),
        };
        try
        {
            sizes.Validate();
        }
        catch (ArgumentException error)
        {
            throw new CheckpointException(CheckpointFault.Keys, $"{weights.Source}: {error.Message}", error);
        }
        return sizes;

        long[] Shape(string name, int dimensions)
        {
            if (!tower.Tensors.TryGetValue(name, out Tensor? tensor))
                throw new CheckpointException(CheckpointFault.Keys, $"{weights.Source}: holds no '{name}' under any name that the lab knows, so it is no whole vision transformer.");
            return tensor.shape.Length == dimensions && tensor.shape.All(size => size <= int.MaxValue)
                ? tensor.shape
                : throw new CheckpointException(CheckpointFault.Keys, $"{weights.Source}: '{name}' has shape {ElementTypes.Text(tensor.shape)}; expected {dimensions} dimensions.");
        }
    }
}
