using static TorchSharp.torch;

namespace ZeroI2V.Lab.Stdha;

/// <summary>
/// Of packed queries, keys and values, (B·T, N, 3D), the attention that they are of, and T: all heads' queries, keys and values,
/// (3, B·T, h, N, d), those of temporal heads moved to the frames that see them. They are moved where they stand, for what was packed is
/// read by nobody else: the projection's gradient does not need its result. Their gradient is written straight into the packed order.
/// </summary>
/// <remarks>TorchSharp disposes nothing in a backward pass, so what is handed to one is disposed as soon as it has been read.</remarks>
internal sealed class MovedHeads : autograd.SingleTensorFunction<MovedHeads>
{
    private const string Attention = "attention", Frames = "frames";

    /// <inheritdoc/>
    public override string Name => "moved heads";

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        Tensor moved = ((Tensor)vars[0]).detach();
        (StdhaAttention attention, int frames) = ((StdhaAttention)vars[1], (int)vars[2]);
        ctx.save_data(Attention, attention);
        ctx.save_data(Frames, frames);
        attention.Move(moved, frames);
        return attention.Heads(moved);
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using Tensor given = grad_output;
        return [((StdhaAttention)ctx.get_data(Attention)).MoveBack(given, (int)ctx.get_data(Frames)), null!, null!];
    }
}
