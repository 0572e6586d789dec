using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Stdha;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Checkpoints;

/// <summary>Reads a recogniser's options off an official checkpoint, as far as its tensors tell them.</summary>
public static class RecognizerSizes
{
    private const string FirstBlock = "backbone.transformer.resblocks.0.";

    /// <summary>Options of the model that a file holds.</summary>
    /// <param name="weights">Weights in official naming.</param>
    /// <param name="offsets">Δt of the heads; no tensor tells it.</param>
    /// <param name="scale">s of the adapters; no tensor tells it.</param>
    /// <param name="heads">h; null for CLIP's rule of one head for every 64 channels.</param>
    /// <exception cref="CheckpointException">The tensors are none of a recogniser, or the heads must be given.</exception>
    public static RecognizerOptions Infer(WeightSet weights, HeadSplit offsets, double scale, int? heads = null)
    {
        VitOptions backbone = VitSizes.Infer(weights, heads);
        (AdapterPlaces Place, string Name)[] adapters = [.. AdapterNames.All.Where(item => weights.Tensors.ContainsKey(Weight(item.Name)))];
        bool temporal = weights.Tensors.TryGetValue("backbone.temporal_embedding", out Tensor? embedding);
        if (temporal && embedding!.shape.Length != 3)
            throw new CheckpointException(CheckpointFault.Keys, $"{weights.Source}: the temporal embedding has shape {ElementTypes.Text(embedding.shape)}; expected (1, T, D).");
        return new RecognizerOptions
        {
            Backbone = backbone,
            // Without a temporal embedding any number of frames will do; eight is the usual one.
            Frames = temporal ? (int)embedding!.shape[1] : 8,
            Classes = (int)weights["cls_head.fc_cls.bias"].NumberOfElements,
            Heads = offsets,
            TemporalEmbedding = temporal,
            Adapters = adapters.Length == 0 ? null : new AdapterOptions
            {
                Places = adapters.Aggregate(AdapterPlaces.None, (all, item) => all | item.Place),
                Scale = scale,
                BottleneckRatio = (double)weights[Weight(adapters[0].Name)].shape[0] / backbone.Width,
            },
        };

        static string Weight(string adapter) => $"{FirstBlock}{adapter}.D_fc1.weight";
    }
}
