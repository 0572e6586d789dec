using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Stdha;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Checkpoints;

/// <summary>Reads a recogniser's options off an official checkpoint, as far as its tensors tell them.</summary>
public static class RecognizerSizes
{
    private const string FirstBlock = "backbone.transformer.resblocks.0.";

    private static readonly (string Name, AdapterPlaces Place)[] Places =
    [
        ("T_Adapter_in", AdapterPlaces.AttentionInput),
        ("S_Adapter", AdapterPlaces.AttentionOutput),
        ("MLP_Adapter", AdapterPlaces.MlpInput),
        ("MLP_Adapter_out", AdapterPlaces.MlpOutput),
    ];

    /// <summary>Options of the model that a file holds.</summary>
    /// <param name="weights">Weights in official naming.</param>
    /// <param name="offsets">Δt of the heads; no tensor tells it.</param>
    /// <param name="scale">s of the adapters; no tensor tells it.</param>
    /// <param name="heads">h; null for CLIP's rule of one head for every 64 channels.</param>
    /// <exception cref="CheckpointException">The tensors are none of a recogniser, or the heads must be given.</exception>
    public static RecognizerOptions Infer(WeightSet weights, HeadSplit offsets, double scale, int? heads = null)
    {
        VitOptions backbone = VitSizes.Infer(weights, heads);
        AdapterPlaces places = Places.Where(item => weights.Tensors.ContainsKey($"{FirstBlock}{item.Name}.D_fc1.weight")).Aggregate(AdapterPlaces.None, (all, item) => all | item.Place);
        string? adapter = Places.Select(item => $"{FirstBlock}{item.Name}.D_fc1.weight").FirstOrDefault(weights.Tensors.ContainsKey);
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
            Adapters = adapter is null ? null : new AdapterOptions
            {
                Places = places,
                Scale = scale,
                BottleneckRatio = (double)weights[adapter].shape[0] / backbone.Width,
            },
        };
    }
}
