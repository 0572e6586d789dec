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
    public static IEnumerable<(string Name, long[] Shape)> Of(VitOptions options) => Tower(options, video: null);

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
        foreach ((string name, long[] shape) in Tower(options.Backbone with { Projection = 0 }, options))
            yield return ("backbone." + name, shape);
    }

    private static IEnumerable<(string Name, long[] Shape)> Tower(VitOptions options, RecognizerOptions? video)
    {
        long width = options.Width, hidden = options.MlpHidden;
        yield return ("class_embedding", [width]);
        yield return ("positional_embedding", [options.Tokens(), width]);
        yield return ("conv1.weight", [width, 3, options.PatchSize, options.PatchSize]);
        if (options.Projection > 0)
            yield return ("proj", [width, options.Projection]);
        foreach (string norm in (string[])(options.WithoutFirstNorm ? ["ln_post"] : ["ln_pre", "ln_post"]))
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
            foreach ((string name, long[] shape) in Added(options, layer, video))
                yield return (block + name, shape);
        }
    }

    /// <summary>What an adaptation adds to a block.</summary>
    private static IEnumerable<(string Name, long[] Shape)> Added(VitOptions options, int layer, RecognizerOptions? video)
    {
        IEnumerable<(string, long[])> added = [];
        if (video?.Adapters is { } adapters)
            foreach ((AdapterPlaces place, string name) in AdapterNames.All)
                if (adapters.Places.HasFlag(place))
                    added = added.Concat(AdapterNames.At(place, name, adapters).SelectMany(one => Adapter(one, options.Width, adapters)));
        if (video?.Lora is { } lora)
            foreach ((LoraTargets target, string name) in ((LoraTargets, string)[])[(LoraTargets.Queries, "lora_q"), (LoraTargets.Keys, "lora_k"), (LoraTargets.Values, "lora_v")])
                if (lora.Targets.HasFlag(target))
                    added = added.Concat([($"attn.{name}.lora_A", [lora.Rank, options.Width]), ($"attn.{name}.lora_B", [options.Width, lora.Rank])]);
        if (video?.Aim is { } aim)
        {
            string[] names = [AdapterNames.TimeOutput, AdapterNames.AttentionOutput, AdapterNames.MlpInput, .. aim.TimeInput ? [AdapterNames.AttentionInput] : Array.Empty<string>()];
            added = added.Concat(names.SelectMany(name => Adapter(name, options.Width, aim.Adapter())));
        }
        if (video?.StAdapter is { } spatioTemporal && spatioTemporal.In(layer, options.Layers))
        {
            if (spatioTemporal.BeforeAttention)
                added = added.Concat(StAdapter(AdapterNames.BeforeAttention, options.Width, spatioTemporal));
            if (spatioTemporal.BeforeMlp)
                added = added.Concat(StAdapter(AdapterNames.BeforeMlp, options.Width, spatioTemporal));
        }
        return added;
    }

    private static IEnumerable<(string Name, long[] Shape)> Adapter(string name, long width, AdapterOptions options)
    {
        long bottleneck = options.Bottleneck((int)width);
        yield return ($"{name}.D_fc1.weight", [bottleneck, width]);
        yield return ($"{name}.D_fc1.bias", [bottleneck]);
        yield return ($"{name}.D_fc2.weight", [width, bottleneck]);
        yield return ($"{name}.D_fc2.bias", [width]);
    }

    private static IEnumerable<(string Name, long[] Shape)> StAdapter(string name, long width, StAdapterOptions options)
    {
        long bottleneck = options.Bottleneck((int)width);
        yield return ($"{name}.fc1.weight", [bottleneck, width]);
        yield return ($"{name}.fc1.bias", [bottleneck]);
        yield return ($"{name}.conv.weight", [bottleneck, 1, options.KernelFrames, options.KernelPatches, options.KernelPatches]);
        yield return ($"{name}.conv.bias", [bottleneck]);
        yield return ($"{name}.fc2.weight", [width, bottleneck]);
        yield return ($"{name}.fc2.bias", [width]);
    }
}
