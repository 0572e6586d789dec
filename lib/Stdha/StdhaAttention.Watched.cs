using ZeroI2V.Lab.Backbone;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ZeroI2V.Lab.Stdha;

/// <content>The attention step by step, with every tensor on the way shown to whoever watches.</content>
public sealed partial class StdhaAttention
{
    /// <summary>Taps listen here; see <see cref="BlockTap"/>.</summary>
    internal event Action<BlockPoint, Tensor>? Observed;

    /// <summary>Whether a tap listens.</summary>
    internal bool IsObserved => Observed is not null;

    /// <summary>Tells the taps.</summary>
    internal void Notify(BlockPoint point, Tensor x) => Observed?.Invoke(point, x);

    /// <summary>Packed queries, keys and values, (B·T, N, 3D) → (B·T, N, D), equal to the other way to rounding.</summary>
    private Tensor Watched(Tensor packed, int frames)
    {
        long images = packed.shape[0], tokens = packed.shape[1], width = packed.shape[2] / 3, channels = width / _heads;
        Tensor[] byHead = Heads(packed).unbind(0); // (B·T, h, N, d) each
        Tensor queries = byHead[0], keys = Relocated(byHead[1], frames), values = Relocated(byHead[2], frames);
        Notify(BlockPoint.Queries, queries);
        Notify(BlockPoint.Keys, keys);
        Notify(BlockPoint.Values, values);
        Tensor probabilities = queries.mul(Math.Pow(channels, -0.5)).matmul(keys.transpose(-2, -1)).softmax(-1); // (B·T, h, N, N)
        Notify(BlockPoint.Probabilities, probabilities);
        Tensor outputs = probabilities.matmul(values).transpose(1, 2).reshape(images, tokens, width);
        Notify(BlockPoint.HeadOutputs, outputs);
        Tensor projected = linear(outputs, _output.weight, _output.bias);
        Notify(BlockPoint.AttentionOutput, projected);
        return projected;
    }

    /// <summary>(B·T, h, N, d) → the same: each head's frames moved by its Δt.</summary>
    private Tensor Relocated(Tensor byHead, int frames)
    {
        var parts = new List<Tensor>(_groups.Length);
        long first = 0;
        foreach ((int heads, int offset) in _groups)
        {
            Tensor part = byHead.narrow(1, first, heads);
            long[] s = part.shape;
            parts.Add(offset == 0 ? part : FrameRelocation.Apply(part.view(s[0] / frames, frames, s[1], s[2], s[3]), dimension: 1, offset, _border).reshape(s));
            first += heads;
        }
        return parts.Count == 1 ? parts[0] : cat(parts, dim: 1);
    }
}
