using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Stdha;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.GradCam;

/// <summary>What is looked into: a transformer, and how scores are read off it. It owns nothing; the model stays the caller's.</summary>
public sealed class CamSubject
{
    private readonly Func<Tensor, Tensor> _logits;

    private CamSubject(VisionTransformer backbone, nn.Module model, HeadSplit heads, int classes, Func<Tensor, Tensor> logits)
    {
        Backbone = backbone;
        Model = model;
        Heads = heads;
        Classes = classes;
        _logits = logits;
    }

    /// <summary>The transformer.</summary>
    public VisionTransformer Backbone { get; }

    /// <summary>Δt of its heads.</summary>
    public HeadSplit Heads { get; }

    /// <summary>K.</summary>
    public int Classes { get; }

    /// <summary>What is put into evaluation mode.</summary>
    internal nn.Module Model { get; }

    /// <summary>A recogniser and its head, folded or not.</summary>
    /// <param name="model">The recogniser.</param>
    public static CamSubject Of(VideoRecognizer model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new CamSubject(model.Backbone, model, model.Options.Heads, model.Options.Classes, clips => model.call(clips));
    }

    /// <summary>
    /// The plain image model, frame by frame: a frame's score is its class feature times a class's direction, and a clip's the mean of its frames'.
    /// </summary>
    /// <param name="model">The image model.</param>
    /// <param name="directions">A direction for each class, (K, D): text embeddings taken back through CLIP's projection, the weights of a
    /// linear probe, or means of classes. Null where there are none: the one score is then half the
    /// feature's squared length, so that the map shows what the feature itself is made of.</param>
    /// <exception cref="CamException">The directions have another width.</exception>
    public static CamSubject FrameByFrame(VisionTransformer model, Tensor? directions = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        int width = model.Options.Width;
        if (directions is not null && (directions.shape.Length != 2 || directions.shape[1] != width))
            throw new CamException($"The directions have shape ({string.Join(", ", directions.shape)}); the image model's features take (K, {width}).");
        return new CamSubject(model, model, HeadSplit.Spatial, directions is null ? 1 : (int)directions.shape[0], clips =>
        {
            using var scope = NewDisposeScope();
            long[] s = clips.shape;
            Tensor features = model.call(clips.permute(0, 2, 1, 3, 4).reshape(s[0] * s[2], s[1], s[3], s[4])); // (B·T, D)
            Tensor scores = directions is null ? features.square().sum(1L, keepdim: true).mul(0.5) : features.mm(directions.to(features.device).t());
            return scores.view(s[0], s[2], -1).mean([1L]).MoveToOuterDisposeScope();
        });
    }

    /// <summary>Clips to where the model is.</summary>
    internal Tensor Bring(Tensor clips) => ComputeDevice.Bring(clips, Model.parameters().First().device);

    /// <summary>Clips (B, 3, T, H, W) where the model is to scores (B, K).</summary>
    internal Tensor Logits(Tensor clips) => _logits(clips);

    /// <summary>Δt of a layer's heads.</summary>
    /// <exception cref="CamException">A head mixes frames, or only the class token is moved: evidence is then of no one frame.</exception>
    internal int[] Offsets(int layer) => HaveOffsets(layer)
        ? [.. ByChannel(layer).Select(channels => channels[0])]
        : throw new CamException(Heads.Tokens == ShiftedTokens.ClassToken
            ? $"Only the class token is moved in this model ({Heads}), so no head looks at the patches of another frame. Maps need offsets of all tokens."
            : $"Heads of layer {layer} mix channels of several frames ({Heads}), so their evidence belongs to no one of them. Maps need offsets of whole heads.");

    /// <summary>Whether each head of a layer has one Δt.</summary>
    internal bool HaveOffsets(int layer) => Heads.IsSpatial || (Heads.Tokens == ShiftedTokens.All && ByChannel(layer).All(channels => channels.Distinct().Count() == 1));

    private IEnumerable<int[]> ByChannel(int layer) =>
        Heads.ChannelOffsets(layer, Backbone.Options.Heads, Backbone.Options.Width).Chunk(Backbone.Options.Width / Backbone.Options.Heads);
}
