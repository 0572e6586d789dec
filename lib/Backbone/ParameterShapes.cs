using System.Globalization;
using ZeroI2V.Lab.Adapters;

namespace ZeroI2V.Lab.Backbone;

/// <summary>
/// Names and shapes of a model's parameters, worked out from its options alone: what a file must hold is known before
/// any memory is taken, and a folded model is held against CLIP's keys rather than against itself.
/// </summary>
public static class ParameterShapes
{
    /// <summary>CLIP's vision tower, names below <c>visual.</c>.</summary>
    /// <param name="options">Its sizes.</param>
    /// <returns>Names and shapes, one after another: <see cref="VitOptions.Layers"/> may be anything.</returns>
    public static IEnumerable<(string Name, long[] Shape)> Of(VitOptions options) => Tower(options, adapters: null);

    /// <summary>A recogniser in the official naming.</summary>
    /// <param name="options">Its options.</param>
    /// <returns>Names and shapes, one after another.</returns>
    public static IEnumerable<(string Name, long[] Shape)> Of(RecognizerOptions options)
    {
        long width = options.Backbone.Width;
        if (options.TemporalEmbedding)
            yield return ("backbone.temporal_embedding", [1, options.Frames, width]);
        yield return ("cls_head.fc_cls.weight", [options.Classes, width]);
        yield return ("cls_head.fc_cls.bias", [options.Classes]);
        foreach ((string name, long[] shape) in Tower(options.Backbone with { Projection = 0 }, options.Adapters))
            yield return ("backbone." + name, shape);
    }

    private static IEnumerable<(string Name, long[] Shape)> Tower(VitOptions options, AdapterOptions? adapters)
    {
        long width = options.Width, hidden = options.MlpHidden;
        yield return ("class_embedding", [width]);
        yield return ("positional_embedding", [options.Tokens(), width]);
        yield return ("conv1.weight", [width, 3, options.PatchSize, options.PatchSize]);
        if (options.Projection > 0)
            yield return ("proj", [width, options.Projection]);
        foreach (string norm in (string[])["ln_pre", "ln_post"])
        {
            yield return ($"{norm}.weight", [width]);
            yield return ($"{norm}.bias", [width]);
        }
        for (int layer = 0; layer < options.Layers; layer++)
        {
            string block = string.Create(CultureInfo.InvariantCulture, $"transformer.resblocks.{layer}.");
            yield return (block + "attn.in_proj_weight", [3 * width, width]);
            yield return (block + "attn.in_proj_bias", [3 * width]);
            yield return (block + "attn.out_proj.weight", [width, width]);
            yield return (block + "attn.out_proj.bias", [width]);
            yield return (block + "mlp.c_fc.weight", [hidden, width]);
            yield return (block + "mlp.c_fc.bias", [hidden]);
            yield return (block + "mlp.c_proj.weight", [width, hidden]);
            yield return (block + "mlp.c_proj.bias", [width]);
            foreach (string norm in (string[])["ln_1", "ln_2"])
            {
                yield return ($"{block}{norm}.weight", [width]);
                yield return ($"{block}{norm}.bias", [width]);
            }
            foreach ((AdapterPlaces place, string name) in AdapterNames.All)
                if (adapters is not null && adapters.Places.HasFlag(place))
                {
                    long bottleneck = adapters.Bottleneck(options.Width);
                    yield return ($"{block}{name}.D_fc1.weight", [bottleneck, width]);
                    yield return ($"{block}{name}.D_fc1.bias", [bottleneck]);
                    yield return ($"{block}{name}.D_fc2.weight", [width, bottleneck]);
                    yield return ($"{block}{name}.D_fc2.bias", [width]);
                }
        }
    }
}
