using static TorchSharp.torch;

namespace ZeroI2V.Lab.Backbone;

/// <summary>Where a tap looks.</summary>
public enum TapPoint
{
    /// <summary>Tokens in front of the blocks, after the first norm where there is one.</summary>
    FirstNorm,

    /// <summary>Tokens after a block.</summary>
    Block,
}

/// <summary>
/// Watches a backbone's inner values while it is alive; the model itself keeps none. The watcher gets the very tensors
/// of the forward pass, (B·T, N, D), with their place in the graph; they are freed afterwards, so what is to last
/// must be cloned, or taken out of its scope with <c>DetachFromDisposeScope</c>.
/// </summary>
public sealed class ForwardTap : IDisposable
{
    private readonly VisionTransformer _model;
    private readonly Action<TapPoint, int, Tensor> _watch;

    /// <summary>Starts watching.</summary>
    /// <param name="model">The backbone.</param>
    /// <param name="watch">Called with the point, the number of the block (0 for the first norm) and the tensor.</param>
    public ForwardTap(VisionTransformer model, Action<TapPoint, int, Tensor> watch)
    {
        _model = model;
        _watch = watch;
        _model.Observed += _watch;
    }

    /// <summary>Stops watching.</summary>
    public void Dispose() => _model.Observed -= _watch;
}
