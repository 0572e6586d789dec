using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Stdha;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Evaluation;

/// <summary>How far a head looks.</summary>
/// <param name="Layer">The block, from 0.</param>
/// <param name="Head">The head, from 0.</param>
/// <param name="Pixels">
/// Mean distance between a patch and the patches it attends to, weighted by attention ("An Image is Worth 16x16 Words",
/// Dosovitskiy et al., ICLR 2021, figure 7); the class token is left out.
/// </param>
/// <param name="Frames">
/// Mean distance in time of what it sees: of the frames that its offsets reach, borders included, or, where a method attends over
/// time, weighted by attention.
/// </param>
public sealed record HeadDistance(int Layer, int Head, double Pixels, double Frames);

/// <summary>Measures how far each head looks on given clips.</summary>
public static class AttentionDistance
{
    /// <summary>Runs the clips once and measures every head.</summary>
    /// <param name="model">The recogniser; it is put into evaluation mode.</param>
    /// <param name="clips">(B, 3, T, H, W).</param>
    /// <returns>Every head, layer by layer.</returns>
    public static IReadOnlyList<HeadDistance> Of(VideoRecognizer model, Tensor clips)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(clips);
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        model.eval();
        VitOptions vit = model.Backbone.Options;
        int frames = (int)clips.shape[2];
        bool overTime = model.Options.Aim is not null;
        Tensor space = Space(vit), time = Line(frames);
        var pixels = new double[vit.Layers][];
        var inTime = new double[]?[vit.Layers];
        var taps = new List<BlockTap>();
        try
        {
            for (int layer = 0; layer < vit.Layers; layer++)
            {
                int block = layer;
                taps.Add(new BlockTap(model.Backbone, block, (point, probabilities) =>
                {
                    if (point != BlockPoint.Probabilities)
                        return;
                    // AIM attends over time first.
                    if (overTime && inTime[block] is null)
                        inTime[block] = Mean(probabilities, time);
                    else
                        pixels[block] = Mean(probabilities.narrow(2, 1, vit.Tokens() - 1).narrow(3, 1, vit.Tokens() - 1), space);
                }));
            }
            model.Features(clips).Dispose();
        }
        finally
        {
            taps.ForEach(tap => tap.Dispose());
        }
        return [.. Enumerable.Range(0, vit.Layers).SelectMany(layer =>
        {
            double[] ofFrames = inTime[layer] ?? Offsets(model.Options.Heads, layer, vit, frames);
            return Enumerable.Range(0, vit.Heads).Select(head => new HeadDistance(layer, head, pixels[layer][head], ofFrames[head]));
        })];
    }

    /// <summary>Mean over images and queries of the attention's expected distance, (…, h, N, N) and (N, N) → h. Rows are made to sum to one.</summary>
    private static double[] Mean(Tensor probabilities, Tensor distances)
    {
        using var scope = NewDisposeScope();
        Tensor p = probabilities.to(ScalarType.Float64);
        Tensor expected = p.mul(distances.to(p.device)).sum([-1L]).div(p.sum([-1L])); // (B·T, h, N)
        return [.. expected.mean([0L, 2L]).cpu().data<double>()];
    }

    /// <summary>Pixels between the middles of any two patches, (N − 1, N − 1).</summary>
    private static Tensor Space(VitOptions vit)
    {
        int side = vit.Resolution / vit.PatchSize, count = side * side;
        var distances = new double[count * count];
        for (int i = 0; i < count; i++)
            for (int j = 0; j < count; j++)
                distances[i * count + j] = vit.PatchSize * Math.Sqrt(Math.Pow(i / side - j / side, 2) + Math.Pow(i % side - j % side, 2));
        return tensor(distances).reshape(count, count);
    }

    /// <summary>Frames between any two frames, (T, T).</summary>
    private static Tensor Line(int frames) =>
        tensor([.. Enumerable.Range(0, frames * frames).Select(i => (double)Math.Abs(i / frames - i % frames))]).reshape(frames, frames);

    /// <summary>What offsets reach: the mean over a head's channels and the clip's frames.</summary>
    private static double[] Offsets(HeadSplit split, int layer, VitOptions vit, int frames)
    {
        int width = vit.Width / vit.Heads;
        double[] ofChannel = [.. split.ChannelOffsets(layer, vit.Heads, vit.Width).Select(offset =>
            FrameRelocation.Sources(frames, offset, split.Border).Select((source, t) => Math.Abs(source - t)).Average())];
        return [.. Enumerable.Range(0, vit.Heads).Select(head => ofChannel.AsSpan(head * width, width).ToArray().Average())];
    }
}
