using System.Globalization;
using System.Text.RegularExpressions;
using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Stdha;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Checkpoints;

/// <summary>
/// Reads a recogniser's options off a checkpoint of ZeroI2V, AIM or ST-Adapter, as far as its tensors tell them. What they do
/// not tell is asked for by name.
/// </summary>
public static partial class RecognizerSizes
{
    /// <summary>Frames of a model whose weights do not depend on their number.</summary>
    private const int UsualFrames = 8;

    /// <summary>Options of the model that a file holds.</summary>
    /// <param name="weights">Weights of a recogniser.</param>
    /// <param name="offsets">Δt of the heads; no tensor tells it. ZeroI2V needs it, its peers have none.</param>
    /// <param name="scale">s of the adapters; no tensor tells it. ZeroI2V and AIM need it.</param>
    /// <param name="heads">h; null for one head for every 64 channels, where <see cref="VitSizes"/> takes that for granted.</param>
    /// <param name="activation">
    /// What stands between the layers of ZeroI2V's adapters. No tensor tells it; the config that a training saves beside its
    /// weights does. Without that it is asked for, because an adapter with GELU folded as a linear one is silently wrong.
    /// </param>
    /// <param name="backbone">The image model, for files that leave it out, as ST-Adapter's do; null to infer it.</param>
    /// <exception cref="CheckpointException">The tensors are none of a recogniser, or something must be given.</exception>
    public static RecognizerOptions Infer(WeightSet weights, HeadSplit? offsets = null, double? scale = null, int? heads = null, AdapterActivation? activation = null, VitOptions? backbone = null)
    {
        ArgumentNullException.ThrowIfNull(weights);
        using var scope = NewDisposeScope();
        Tower tower = Tower.Of(weights);
        if (backbone is null && !tower.Tensors.ContainsKey("class_embedding"))
            throw new CheckpointException(CheckpointFault.Keys, $"{weights.Source}: holds what an adaptation trained and leaves the image model out. Give the image model's sizes, load its weights first, then these.");
        VitOptions sizes = backbone ?? VitSizes.Infer(weights, heads);
        bool temporal = tower.Tensors.TryGetValue(WeightLoading.TemporalEmbedding, out Tensor? embedding);
        if (temporal && embedding!.shape is not [1, > 0 and <= VitOptions.LargestSize, _])
            throw new CheckpointException(CheckpointFault.Keys, $"{weights.Source}: the temporal embedding has shape {ElementTypes.Text(embedding.shape)}; expected (1, T, D).");
        if (!tower.Head.TryGetValue(Tower.HeadBias, out Tensor? classes))
            throw new CheckpointException(CheckpointFault.Keys, $"{weights.Source}: holds no '{Tower.HeadBias}', so it is an image model and no recogniser. Load it as a backbone.");
        var options = new RecognizerOptions
        {
            Backbone = sizes,
            Frames = temporal ? (int)embedding!.shape[1] : UsualFrames,
            Classes = (int)Math.Min(classes.NumberOfElements, int.MaxValue),
            TemporalEmbedding = temporal,
            Adapters = null,
        };
        var blocks = new BlockNames(tower.Tensors, sizes.Layers);
        options = blocks.Has(AdapterNames.TimeOutput) ? WithAim(options, blocks, weights, scale)
            : blocks.Has(AdapterNames.BeforeMlp) || blocks.Has(AdapterNames.BeforeAttention) ? WithStAdapter(options, blocks, weights)
            : WithHeads(options, blocks, weights, offsets, scale, activation);
        try
        {
            options.Validate();
        }
        catch (ArgumentException error)
        {
            throw new CheckpointException(CheckpointFault.Keys, $"{weights.Source}: {error.Message}", error);
        }
        // Before anyone makes a model of sizes that a few tensors claim.
        HashSet<string> given = backbone is null ? [] : [.. ParameterShapes.Of(backbone).Select(item => WeightLoading.OfficialPrefix + item.Name)];
        WeightLoading.Require(ParameterShapes.Of(options).Where(item => !given.Contains(item.Name)), WeightLoading.Official(tower), weights.Source);
        return options;
    }

    private static RecognizerOptions WithHeads(RecognizerOptions options, BlockNames blocks, WeightSet weights, HeadSplit? offsets, double? scale, AdapterActivation? activation)
    {
        bool separate = blocks.Has(AdapterNames.QueryInput);
        (AdapterPlaces Place, string Name)[] adapters = [.. AdapterNames.All.Where(item => blocks.Has(item.Name)), .. separate ? [(AdapterPlaces.AttentionInput, AdapterNames.QueryInput)] : Array.Empty<(AdapterPlaces, string)>()];
        if (offsets is null)
            throw Ask(weights, "the time offsets of its heads", "as its config does, such as −1 and +1 for the lowest two (--offsets -1 1; --offsets 0 for none)");
        if (adapters.Length == 0)
            return options with { Heads = offsets };
        if (scale is null)
            throw Ask(weights, "the scale of its adapters", "as its config does: 0.5 for Kinetics-400, UCF101 and HMDB51, 1 for Something-Something V2 (--scale 0.5)");
        return options with
        {
            Heads = offsets,
            Adapters = new AdapterOptions
            {
                Places = adapters.Aggregate(AdapterPlaces.None, (all, item) => all | item.Place),
                SeparateQueryKeyValue = separate,
                Scale = scale.Value,
                BottleneckRatio = blocks.Ratio(adapters[0].Name, "D_fc1", options.Backbone.Width),
                Activation = activation ?? Configured(weights) ?? throw Ask(weights, "what stands between the layers of its adapters", "as its config does: nothing in all published checkpoints (--adapters linear), or GELU (--adapters gelu)"),
            },
        };
    }

    /// <summary>What the config beside the weights says of the adapters; null where a file holds none.</summary>
    private static AdapterActivation? Configured(WeightSet weights) =>
        !weights.Metadata.TryGetValue("meta.cfg", out string? config) ? null
        : GeluAdapters().IsMatch(config) ? AdapterActivation.Gelu : AdapterActivation.None;

    private static RecognizerOptions WithAim(RecognizerOptions options, BlockNames blocks, WeightSet weights, double? scale) => options with
    {
        Aim = new AimOptions
        {
            BottleneckRatio = blocks.Ratio(AdapterNames.TimeOutput, "D_fc1", options.Backbone.Width),
            Scale = scale ?? throw Ask(weights, "the scale of AIM's adapters beside the MLP", "as its config does (adapter_scale), usually 0.5 (--scale 0.5)"),
            TimeInput = blocks.Has(AdapterNames.AttentionInput),
        },
    };

    private static RecognizerOptions WithStAdapter(RecognizerOptions options, BlockNames blocks, WeightSet weights)
    {
        string name = blocks.Has(AdapterNames.BeforeMlp) ? AdapterNames.BeforeMlp : AdapterNames.BeforeAttention;
        if (blocks.Shape(name, "conv") is not [_, 1, > 0 and <= 63 and var time, > 0 and <= 63 and var space, _])
            throw new CheckpointException(CheckpointFault.Keys, $"{weights.Source}: the ST-Adapters' convolution has shape {ElementTypes.Text(blocks.Shape(name, "conv"))}; expected (channels, 1, frames, patches, patches).");
        return options with
        {
            StAdapter = new StAdapterOptions
            {
                BottleneckRatio = blocks.Ratio(name, "fc1", options.Backbone.Width),
                BeforeAttention = blocks.Has(AdapterNames.BeforeAttention),
                BeforeMlp = blocks.Has(AdapterNames.BeforeMlp),
                KernelFrames = (int)time,
                KernelPatches = (int)space,
                LastBlocks = blocks.Count(name) == options.Backbone.Layers ? 0 : blocks.Count(name),
            },
            PoolBeforeNorm = true,
            Tuning = BackboneTuning.None,
        };
    }

    private static CheckpointException Ask(WeightSet weights, string what, string how) =>
        new(CheckpointFault.Keys, $"{weights.Source}: no tensor tells {what}. Give it {how}.");

    [GeneratedRegex(@"adapter_type\s*=\s*['""]gelu", RegexOptions.IgnoreCase)]
    private static partial Regex GeluAdapters();

    /// <summary>What the blocks have; adapters may stand in the last ones only.</summary>
    private sealed class BlockNames(IReadOnlyDictionary<string, Tensor> tensors, int layers)
    {
        /// <summary>Whether the last block has such an adapter.</summary>
        internal bool Has(string adapter) => Has(layers - 1, adapter);

        /// <summary>How many of the last blocks have it.</summary>
        internal int Count(string adapter)
        {
            int count = 0;
            while (count < layers && Has(layers - 1 - count, adapter))
                count++;
            return count;
        }

        /// <summary>Width of an adapter's bottleneck as a share of D.</summary>
        internal double Ratio(string adapter, string layer, int width) => (double)Shape(adapter, layer).FirstOrDefault() / width;

        /// <summary>The shape of a layer's weight, in the last block; empty where there is none.</summary>
        internal long[] Shape(string adapter, string layer) => tensors.TryGetValue($"{Prefix(layers - 1, adapter)}{layer}.weight", out Tensor? weight) ? weight.shape : [];

        private bool Has(int layer, string adapter) => tensors.ContainsKey(Prefix(layer, adapter) + "D_fc1.weight") || tensors.ContainsKey(Prefix(layer, adapter) + "fc1.weight");

        private static string Prefix(int layer, string adapter) => string.Create(CultureInfo.InvariantCulture, $"transformer.resblocks.{layer}.{adapter}.");
    }
}
