using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Stdha;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Checkpoints;

/// <summary>Reads a recogniser's options off an official checkpoint, as far as its tensors tell them.</summary>
public static class RecognizerSizes
{
    private const string FirstBlock = "transformer.resblocks.0.";
    private const string HeadBias = "cls_head.fc_cls.bias";

    /// <summary>Options of the model that a file holds.</summary>
    /// <param name="weights">Weights of a recogniser.</param>
    /// <param name="offsets">Δt of the heads; no tensor tells it.</param>
    /// <param name="scale">s of the adapters; no tensor tells it.</param>
    /// <param name="heads">h; null for CLIP's rule of one head for every 64 channels.</param>
    /// <exception cref="CheckpointException">The tensors are none of a recogniser, or the heads must be given.</exception>
    public static RecognizerOptions Infer(WeightSet weights, HeadSplit offsets, double scale, int? heads = null)
    {
        VitOptions backbone = VitSizes.Infer(weights, heads);
        using var scope = NewDisposeScope();
        Tower tower = Tower.Of(weights);
        (AdapterPlaces Place, string Name)[] adapters = [.. AdapterNames.All.Where(item => tower.Tensors.ContainsKey(Weight(item.Name)))];
        bool temporal = tower.Tensors.TryGetValue(WeightLoading.TemporalEmbedding, out Tensor? embedding);
        if (temporal && embedding!.shape is not [1, > 0 and <= VitOptions.LargestSize, _])
            throw new CheckpointException(CheckpointFault.Keys, $"{weights.Source}: the temporal embedding has shape {ElementTypes.Text(embedding.shape)}; expected (1, T, D).");
        if (!tower.Head.TryGetValue(HeadBias, out Tensor? classes))
            throw new CheckpointException(CheckpointFault.Keys, $"{weights.Source}: holds no '{HeadBias}', so it is an image model and no recogniser. Load it as a backbone.");
        var options = new RecognizerOptions
        {
            Backbone = backbone,
            // Without a temporal embedding any number of frames will do; eight is the usual one.
            Frames = temporal ? (int)embedding!.shape[1] : 8,
            Classes = (int)classes.NumberOfElements,
            Heads = offsets,
            TemporalEmbedding = temporal,
            Adapters = adapters.Length == 0 ? null : new AdapterOptions
            {
                Places = adapters.Aggregate(AdapterPlaces.None, (all, item) => all | item.Place),
                Scale = scale,
                BottleneckRatio = (double)tower.Tensors[Weight(adapters[0].Name)].shape.FirstOrDefault() / backbone.Width,
            },
        };
        try
        {
            options.Validate();
        }
        catch (ArgumentException error)
        {
            throw new CheckpointException(CheckpointFault.Keys, $"{weights.Source}: {error.Message}", error);
        }
        // Before anyone makes a model of sizes that a few tensors claim.
        WeightLoading.Require(ParameterShapes.Of(options), WeightLoading.Official(tower), weights.Source);
        return options;

        static string Weight(string adapter) => $"{FirstBlock}{adapter}.D_fc1.weight";
    }
}
