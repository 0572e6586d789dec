using static TorchSharp.torch;

namespace ZeroI2V.Lab.Backbone;

/// <summary>What a <see cref="BlockTap"/> sees inside a block, in the order in which it is computed.</summary>
public enum BlockPoint
{
    /// <summary>Output of the first norm (LN₁), (B·T, N, D).</summary>
    Norm,

    /// <summary>What queries, keys and values are projected from: after the adapter, if the block has one there; (B·T, N, D). With separate adapters, what queries are.</summary>
    AttentionInput,

    /// <summary>Queries of every head, (B·T, h, N, d).</summary>
    Queries,

    /// <summary>Keys of every head after relocation, (B·T, h, N, d): those of frame t + Δt stand at frame t.</summary>
    Keys,

    /// <summary>Values of every head after relocation, (B·T, h, N, d).</summary>
    Values,

    /// <summary>Attention probabilities, (B·T, h, N, N): a row for each query, which sums to one over the keys.</summary>
    Probabilities,

    /// <summary>Outputs of the heads side by side, (B·T, N, D), before the output projection: channel c is head c/d's.</summary>
    HeadOutputs,

    /// <summary>Output of the attention, after the output projection, (B·T, N, D).</summary>
    AttentionOutput,
}

/// <summary>
/// Watches the inside of one block while it is alive; the block itself keeps nothing. The watcher gets the very tensors of the
/// forward pass with their place in the graph, as with <see cref="ForwardTap"/>: what is to last must be cloned, or taken out
/// of its scope with <c>DetachFromDisposeScope</c>. A watched block computes its attention step by step, since the fused
/// operator shows no probabilities; without a watcher nothing changes and nothing is paid. AIM's blocks attend twice, over time
/// and then over space: their points are seen in that order, and the norm in front of space only.
/// </summary>
public sealed class BlockTap : IDisposable
{
    private readonly ResidualBlock _block;
    private readonly Action<BlockPoint, Tensor> _watch;

    /// <summary>Starts watching.</summary>
    /// <param name="model">The backbone.</param>
    /// <param name="layer">The block, from 0.</param>
    /// <param name="watch">Called with the point and the tensor.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such block.</exception>
    public BlockTap(VisionTransformer model, int layer, Action<BlockPoint, Tensor> watch)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(watch);
        if (layer < 0 || layer >= model.Options.Layers)
            throw new ArgumentOutOfRangeException(nameof(layer), layer, $"The model has layers 0 to {model.Options.Layers - 1}.");
        _block = model.Blocks[layer];
        _watch = watch;
        _block.Observed += _watch;
    }

    /// <summary>Stops watching.</summary>
    public void Dispose() => _block.Observed -= _watch;
}
