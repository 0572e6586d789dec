using static TorchSharp.torch;

namespace ZeroI2V.Lab.Backbone;

/// <summary>
/// The functions of <see cref="CpuKernels"/> where autograd records them: each keeps what it was given and computes its own gradient.
/// Weights and biases have none here, but an adapter's; <see cref="CpuKernels.Serve"/> says where that is so.
/// </summary>
/// <remarks>TorchSharp disposes nothing in a backward pass, so what is handed to one is disposed as soon as it has been read.</remarks>
internal static class CpuGradients
{
    private const string Sources = "sources", Frames = "frames";

    /// <summary>Of packed queries, keys and values, their bias, the frames that heads see, and T.</summary>
    internal sealed class Attention : autograd.SingleTensorFunction<Attention>
    {
        /// <inheritdoc/>
        public override string Name => "attention";

        /// <inheritdoc/>
        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            Tensor packed = (Tensor)vars[0], bias = (Tensor)vars[1];
            (int[] sources, int frames) = ((int[])vars[2], (int)vars[3]);
            Tensor logs = empty([packed.shape[0], sources.Length / frames, packed.shape[1]]);
            ctx.save_for_backward([packed, bias, logs]);
            ctx.save_data(Sources, sources);
            ctx.save_data(Frames, frames);
            return CpuKernels.Attend(packed, bias, sources, frames, logs);
        }

        /// <inheritdoc/>
        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            List<Tensor> saved = ctx.get_saved_variables();
            using Tensor packed = saved[0], bias = saved[1], logs = saved[2], given = grad_output;
            return [CpuKernels.AttendGradient(packed, bias, (int[])ctx.get_data(Sources), (int)ctx.get_data(Frames), logs, given), null!, null!, null!];
        }
    }

    /// <summary>Of the hidden layer and its bias.</summary>
    internal sealed class QuickGelu : autograd.SingleTensorFunction<QuickGelu>
    {
        /// <inheritdoc/>
        public override string Name => "QuickGELU";

        /// <inheritdoc/>
        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            Tensor x = (Tensor)vars[0], bias = (Tensor)vars[1];
            ctx.save_for_backward([x, bias]);
            return CpuKernels.QuickGelu(x, bias, empty_like(x));
        }

        /// <inheritdoc/>
        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            List<Tensor> saved = ctx.get_saved_variables();
            using Tensor x = saved[0], bias = saved[1], given = grad_output;
            return [CpuKernels.QuickGeluGradient(x, bias, given), null!];
        }
    }

    /// <summary>Of a tensor, what is added to it, and the bias of that.</summary>
    internal sealed class SumWithBias : autograd.SingleTensorFunction<SumWithBias>
    {
        /// <inheritdoc/>
        public override string Name => "sum with bias";

        /// <inheritdoc/>
        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            Tensor x = (Tensor)vars[0], y = (Tensor)vars[1], bias = (Tensor)vars[2];
            return CpuKernels.Summed(x, y, bias, empty(x.shape, dtype: x.dtype));
        }

        /// <inheritdoc/>
        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => [grad_output, grad_output, CpuKernels.ColumnSums(grad_output)];
    }
}
