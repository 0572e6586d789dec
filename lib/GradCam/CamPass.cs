using ZeroI2V.Lab.Backbone;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.GradCam;

/// <summary>One score's backward pass, and the maps that come out of it.</summary>
/// <param name="subject">The model.</param>
/// <param name="recorder">What the forward pass left.</param>
/// <param name="place">The tensor that methods of channels use.</param>
/// <param name="scores">The score of each clip, its class named.</param>
/// <param name="frames">T.</param>
internal sealed class CamPass(CamSubject subject, CamRecorder recorder, CamPlace place, IReadOnlyList<CamScore> scores, int frames)
{
    private readonly Dictionary<(int Layer, BlockPoint Point), Tensor> _gradients = [];

    /// <summary>Takes the gradients of the scores; clips do not touch each other, so the sum over clips gives each its own.</summary>
    internal void Backward(Tensor logits, IReadOnlyList<(int Layer, BlockPoint Point)> points)
    {
        using var scope = NewDisposeScope();
        var signs = new float[scores.Count * subject.Classes];
        for (int clip = 0; clip < scores.Count; clip++)
        {
            signs[clip * subject.Classes + scores[clip].Class!.Value] = 1;
            if (scores[clip].Against is { } against)
                signs[clip * subject.Classes + against] = -1;
        }
        Tensor score = logits.mul(tensor(signs).view(logits.shape).to(logits.dtype).to(logits.device)).sum();
        // The graph stays for the next score; it goes when the logits and the recorder do.
        IList<Tensor> gradients = autograd.grad([score], [.. points.Select(point => recorder[point])], retain_graph: true);
        for (int i = 0; i < points.Count; i++)
            _gradients[points[i]] = gradients[i].MoveToOuterDisposeScope();
    }

    /// <summary>The gradient at a point.</summary>
    internal Tensor Gradient((int Layer, BlockPoint Point) point) => _gradients[point];

    /// <summary>A method's maps of a layer, clip by clip.</summary>
    internal IEnumerable<LayerMaps> Make(CamMethod method, int layer) => method.NeedsEveryLayer ? Rollout(method, layer) : ByHead(method, layer);

    private MapOrigin Origin(CamMethod method, int layer, int clip)
    {
        VitOptions vit = subject.Backbone.Options;
        int side = vit.Resolution / vit.PatchSize;
        return new MapOrigin(layer, method, place, scores[clip], subject.Offsets(layer), subject.Heads.Border, frames, side, side);
    }

    private List<LayerMaps> ByHead(CamMethod method, int layer)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        (int, BlockPoint) key = (layer, method.Point(place));
        int heads = subject.Backbone.Options.Heads;
        Tensor perHead = method.PerHead(recorder[key], _gradients[key], heads); // (B·T, h, P)
        long patches = perHead.shape[2];
        float[] values = Numbers(perHead.view(scores.Count, frames, heads, patches).transpose(1, 2)); // (B, h, T, P)
        int length = frames * (int)patches;
        return [.. Enumerable.Range(0, scores.Count).Select(clip => new HeadMaps(
            Origin(method, layer, clip),
            [.. Enumerable.Range(0, heads).Select(head => values.AsSpan((clip * heads + head) * length, length).ToArray())]))];
    }

    private List<LayerMaps> Rollout(CamMethod method, int layer)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        Tensor[] attention = [.. Enumerable.Range(0, layer + 1).Select(l => recorder[(l, method.Point(place))])];
        int[][] offsets = [.. Enumerable.Range(0, layer + 1).Select(subject.Offsets)];
        var followed = new List<(HeadGroup Group, float[] Values)>();
        foreach (HeadGroup group in (HeadGroup[])[.. HeadGroup.Of(offsets[layer]), .. Enumerable.Range(0, offsets[layer].Length).Select(HeadGroup.Head)])
        {
            Tensor asked = AttentionRollout.Follow(attention, offsets, subject.Heads.Border, group, frames);
            followed.Add((group, Numbers(asked.narrow(3, 1, asked.shape[3] - 1))));
        }
        int length = followed[0].Values.Length / scores.Count;
        return [.. Enumerable.Range(0, scores.Count).Select(clip => new RolloutMaps(
            Origin(method, layer, clip),
            followed.ToDictionary(item => item.Group, item => item.Values.AsSpan(clip * length, length).ToArray())))];
    }

    private static float[] Numbers(Tensor x) => [.. x.detach().to(ScalarType.Float32).cpu().contiguous().data<float>()];
}
