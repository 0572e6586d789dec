using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Stdha;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.MicroWorld;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Ablations;

/// <summary>How one head of one query looks at one frame.</summary>
/// <param name="Head">The head, from 0.</param>
/// <param name="Offset">Its Δt.</param>
/// <param name="SeenFrame">The frame whose keys and values it takes.</param>
/// <param name="Patches">Attention to each patch of that frame, row by row; what is missing to one goes to the class token.</param>
public sealed record HeadLook(int Head, int Offset, int SeenFrame, IReadOnlyList<float> Patches);

/// <summary>Where one patch looks, head by head.</summary>
/// <param name="Frames">The clip.</param>
/// <param name="Layer">The block, from 0.</param>
/// <param name="Frame">The frame that asks.</param>
/// <param name="Patch">The patch that asks, row by row.</param>
/// <param name="Side">Patches side by side.</param>
/// <param name="Heads">Every head.</param>
public sealed record PatchLook(FrameStack Frames, int Layer, int Frame, int Patch, int Side, IReadOnlyList<HeadLook> Heads);

/// <summary>How far two ways to the same features lie apart.</summary>
/// <param name="What">What is compared.</param>
/// <param name="Difference">Largest absolute difference of the class features.</param>
/// <param name="Largest">The largest feature, to hold it against.</param>
public sealed record FeatureDifference(string What, double Difference, double Largest);

/// <summary>STDHA on a few frames: small enough to follow by eye, computed by the model's own code.</summary>
public static class ThreeFrames
{
    /// <summary>
    /// Whose frame each channel of an attention's output shows. One token a frame, so softmax has nothing to choose from; every channel holds the
    /// number of its frame, and the projections are the identity.
    /// </summary>
    /// <param name="split">The offsets.</param>
    /// <param name="heads">h.</param>
    /// <param name="width">D.</param>
    /// <param name="frames">T.</param>
    /// <returns>For each frame and channel the frame that it shows.</returns>
    public static int[][] Shown(HeadSplit split, int heads, int width, int frames)
    {
        ArgumentNullException.ThrowIfNull(split);
        split.Validate(layers: 1, heads, width);
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var attention = new StdhaAttention(width, heads, split, layer: 0, layers: 1);
        Tensor identity = eye(width);
        attention.InputWeight.copy_(cat([identity, identity, identity]));
        attention.InputBias.zero_();
        attention.Output.weight.copy_(identity);
        attention.Output.bias!.zero_();
        Tensor x = arange(frames, dtype: ScalarType.Float32).view(frames, 1, 1).expand(frames, 1, width).contiguous();
        float[] y = attention.call(x, frames).data<float>().ToArray();
        return [.. Enumerable.Range(0, frames).Select(t => y.AsSpan(t * width, width).ToArray().Select(value => (int)Math.Round(value)).ToArray())];
    }

    /// <summary>An image model's sizes, as its file tells them.</summary>
    /// <param name="imageModel">The image model's file: the lab's, CLIP's, or any other that the lab reads.</param>
    public static VitOptions SizesOf(string imageModel)
    {
        using Checkpoints.WeightSet weights = Checkpoints.WeightFile.Read(imageModel);
        // The lab's own say with what options they were made; of others the width tells the heads.
        return weights.Metadata.TryGetValue("options", out string? made)
            ? RunJson.Read<ImagePretrainingOptions>(made, $"options in {imageModel}").Backbone
            : Checkpoints.VitSizes.Infer(weights);
    }

    /// <summary>Three frames of a real video, or of a synthetic clip.</summary>
    /// <param name="video">Any video file; empty for a clip of MicroSSv2.</param>
    /// <param name="resolution">Side of the frames in pixels.</param>
    /// <param name="stride">Distance of the frames in the video; they are taken from its middle.</param>
    public static FrameStack Clip(string video, int resolution, int stride = 4) => string.IsNullOrEmpty(video)
        ? MicroSsv2.Example(3, resolution)
        : GradCam.CamClip.Read(video, resolution, new FrameSampling { Rule = FrameRule.Strided, Frames = 3, Stride = stride }).Frames;

    /// <summary>Where one patch of one frame looks, head by head, in an image model whose heads got offsets and nothing else.</summary>
    /// <param name="imageModel">The image model's file.</param>
    /// <param name="backbone">Its sizes.</param>
    /// <param name="split">Offsets of whole heads.</param>
    /// <param name="clip">The frames, of the model's resolution.</param>
    /// <param name="frame">The frame that asks.</param>
    /// <param name="layer">The block.</param>
    /// <returns>The look of the patch that differs most from both neighbouring frames.</returns>
    public static PatchLook Look(string imageModel, VitOptions backbone, HeadSplit split, FrameStack clip, int frame, int layer)
    {
        ArgumentNullException.ThrowIfNull(split);
        ArgumentNullException.ThrowIfNull(clip);
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using VideoRecognizer model = Model(imageModel, backbone, split, clip.Count);
        int side = backbone.Resolution / backbone.PatchSize, patch = MostChanged(clip, frame, backbone.PatchSize, side);
        int[] offsets = split.Offsets(layer, backbone.Heads);
        var looks = new List<HeadLook>();
        using (new BlockTap(model.Backbone, layer, (point, probabilities) =>
        {
            if (point != BlockPoint.Probabilities)
                return;
            for (int head = 0; head < offsets.Length; head++)
            {
                Tensor row = probabilities.select(0, frame).select(0, head).select(0, 1 + patch); // over the N tokens of the frame seen
                looks.Add(new HeadLook(head, offsets[head], FrameRelocation.Sources(clip.Count, offsets[head], split.Border)[frame], row.data<float>().ToArray()[1..]));
            }
        }))
            model.Features(ClipNormalization.Clip.Apply(clip));
        return new PatchLook(clip, layer, frame, patch, side, looks);
    }

    /// <summary>The image model frame by frame beside recognisers with offsets, on one clip of random pixels.</summary>
    /// <param name="imageModel">The image model's file.</param>
    /// <param name="backbone">Its sizes.</param>
    /// <param name="frames">T.</param>
    /// <param name="splits">Offsets to compare.</param>
    public static IReadOnlyList<FeatureDifference> FromImageModel(string imageModel, VitOptions backbone, int frames, params HeadSplit[] splits)
    {
        ArgumentNullException.ThrowIfNull(splits);
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var generator = new Generator(1, CPU);
        Tensor clips = randn([1, 3, frames, backbone.Resolution, backbone.Resolution], generator: generator);
        using var image = new VisionTransformer(backbone);
        using (Checkpoints.WeightSet weights = Checkpoints.WeightFile.Read(imageModel))
            image.Load(weights);
        image.eval();
        Tensor expected = stack([.. Enumerable.Range(0, frames).Select(t => image.call(clips.select(2, t)))], dim: 2); // (1, D, T)
        return [.. splits.Select(split =>
        {
            using VideoRecognizer model = Model(imageModel, backbone, split, frames);
            return new FeatureDifference($"Δt {split}", model.Features(clips).sub(expected).abs().max().item<float>(), expected.abs().max().item<float>());
        })];
    }

    private static VideoRecognizer Model(string imageModel, VitOptions backbone, HeadSplit split, int frames)
    {
        var model = new VideoRecognizer(new RecognizerOptions { Backbone = backbone, Frames = frames, Classes = 2, Heads = split, Adapters = null, TemporalEmbedding = false });
        try
        {
            model.LoadBackbone(imageModel);
            model.eval();
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static int MostChanged(FrameStack clip, int frame, int patch, int side)
    {
        var change = new long[side * side];
        ReadOnlySpan<byte> before = clip.Frame(Math.Max(0, frame - 1)), now = clip.Frame(frame), after = clip.Frame(Math.Min(clip.Count - 1, frame + 1));
        for (int i = 0; i < now.Length; i++)
        {
            int pixel = i / 3, row = pixel / clip.Width / patch, column = pixel % clip.Width / patch;
            // What was not here before and is not here after: the moving thing itself, and not the ground that it uncovers.
            change[row * side + column] += Math.Min(Math.Abs(now[i] - before[i]), Math.Abs(now[i] - after[i]));
        }
        return Array.IndexOf(change, change.Max());
    }
}
