using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Backbone;

/// <summary>The blocks, one after another. It exists for CLIP's names, <c>transformer.resblocks.{l}</c>.</summary>
internal sealed class Transformer : nn.Module<Tensor, int, Tensor>
{
    [ComponentName(Name = "resblocks")]
    private readonly ModuleList<ResidualBlock> _blocks;

    internal Transformer(VitOptions options, RecognizerOptions? video)
        : base(nameof(Transformer))
    {
        _blocks = nn.ModuleList(Enumerable.Range(0, options.Layers).Select(layer => new ResidualBlock(options, layer, video)).ToArray());
        RegisterComponents();
    }

    internal IReadOnlyList<ResidualBlock> Blocks => [.. _blocks];

    /// <summary>Set while activations are checkpointed.</summary>
    internal ActivationCheckpoints? Checkpoints { get; set; }

    /// <summary>Taps listen here; see <see cref="ForwardTap"/>.</summary>
    internal event Action<TapPoint, int, Tensor>? Observed;

    /// <summary>Tells the taps.</summary>
    internal void Notify(TapPoint point, int layer, Tensor x) => Observed?.Invoke(point, layer, x);

    /// <summary>(B·T, N, D) → the same.</summary>
    /// <param name="x">Nobody else's: it is disposed when the first block has read it.</param>
    /// <param name="frames">T.</param>
    public override Tensor forward(Tensor x, int frames)
    {
        using var scope = NewDisposeScope();
        if (Checkpoints is not null && is_grad_enabled())
            return Checkpoints.Forward(Blocks, x, frames).MoveToOuterDisposeScope();
        Tensor current = x;
        for (int layer = 0; layer < _blocks.Count; layer++)
        {
            Tensor next = _blocks[layer].call(current, frames);
            Notify(TapPoint.Block, layer, next);
            // Only what autograd still needs stays alive between blocks; a tap may have kept the tensor for itself.
            if (Observed is null)
                current.Dispose();
            current = next;
        }
        return current.MoveToOuterDisposeScope();
    }
}
