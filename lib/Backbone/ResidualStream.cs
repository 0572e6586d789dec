using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Backbone;

/// <summary>
/// The sum that runs through the blocks, in 32-bit floats whatever the blocks compute in, and its norms. Where the norm's weights are
/// frozen both are one pass over memory, and so are their gradients: the CPU's (<see cref="CpuKernels"/>) or a GPU's
/// (<see cref="GpuKernels"/>); elsewhere they are libtorch's functions.
/// </summary>
internal static class ResidualStream
{
    /// <summary>The layer norm.</summary>
    /// <param name="x">The sum, (…, D).</param>
    /// <param name="norm">The norm.</param>
    /// <param name="type">What the result is rounded to.</param>
    /// <returns>(…, D).</returns>
    public static Tensor Norm(Tensor x, LayerNorm norm, ScalarType type) =>
        !Serves(x, type, norm) ? norm.call(x).to(type)
        : Recorded(x) ? NormFunction.apply(x, norm, type)
        : Normed(x, norm, type);

    /// <summary>The sum and what is added to it.</summary>
    /// <param name="x">The sum, (…, D).</param>
    /// <param name="change">As many numbers, of any type: no copy in others is made.</param>
    /// <returns>The new sum.</returns>
    public static Tensor Sum(Tensor x, Tensor change) =>
        !Serves(x, change.dtype) ? x.add(change)
        : Recorded(x) || Recorded(change) ? SumFunction.apply(x, change)
        : Summed(x, change);

    /// <summary>The new sum and its norm; where neither is recorded, both in one pass.</summary>
    /// <param name="x">The sum, (…, D).</param>
    /// <param name="change">What is added.</param>
    /// <param name="norm">The norm.</param>
    /// <param name="type">What the norm is rounded to.</param>
    public static (Tensor Sum, Tensor Normed) SumNorm(Tensor x, Tensor change, LayerNorm norm, ScalarType type)
    {
        if (change.dtype != type || Recorded(x) || Recorded(change) || !Serves(x, type, norm))
        {
            Tensor added = Sum(x, change);
            return (added, Norm(added, norm, type));
        }
        Tensor sum = Rows(x, x.dtype), normed = Rows(x, type);
        Compute(x, change, sum, norm, normed);
        return (sum, normed);
    }

    private static bool Serves(Tensor x, ScalarType type, LayerNorm? norm = null) =>
        !(norm is not null && (Recorded(norm.weight!) || Recorded(norm.bias!)))
            && (CpuKernels.ServeSum(x, type) || (GpuKernels.Serve(x, type) && GpuKernels.On(x) is not null));

    private static Tensor Normed(Tensor x, LayerNorm norm, ScalarType type)
    {
        Tensor normed = Rows(x, type);
        Compute(x, null, null, norm, normed);
        return normed;
    }

    private static Tensor Summed(Tensor x, Tensor change)
    {
        Tensor sum = Rows(x, x.dtype);
        Compute(x, change, sum, null, null);
        return sum;
    }

    private static void Compute(Tensor x, Tensor? change, Tensor? sum, LayerNorm? norm, Tensor? normed)
    {
        if (GpuKernels.On(x) is GpuKernels gpu)
            gpu.SumNorm(x, change, sum, norm, normed);
        else
            CpuKernels.SumNorm(x, change, sum, norm, normed);
    }

    /// <summary>Memory for a result, row after row however x lies.</summary>
    private static Tensor Rows(Tensor x, ScalarType type) => empty(x.shape, dtype: type, device: x.device);

    private static bool Recorded(Tensor x) => x.requires_grad && is_grad_enabled();

    /// <summary>Of a tensor, a norm, and the type of its result.</summary>
    /// <remarks>TorchSharp disposes nothing in a backward pass, so what is handed to one is disposed as soon as it has been read.</remarks>
    private sealed class NormFunction : autograd.SingleTensorFunction<NormFunction>
    {
        private const string Eps = "eps";

        /// <inheritdoc/>
        public override string Name => "norm";

        /// <inheritdoc/>
        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var x = (Tensor)vars[0];
            var norm = (LayerNorm)vars[1];
            ctx.save_for_backward([x, norm.weight!]);
            ctx.save_data(Eps, norm.eps);
            return Normed(x, norm, (ScalarType)vars[2]);
        }

        /// <inheritdoc/>
        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            List<Tensor> saved = ctx.get_saved_variables();
            using Tensor x = saved[0], weight = saved[1], given = grad_output;
            Tensor gradient = Rows(x, x.dtype);
            var eps = (double)ctx.get_data(Eps);
            if (GpuKernels.On(x) is GpuKernels gpu)
                gpu.NormGradient(x, weight, eps, given, gradient);
            else
                CpuKernels.NormGradient(x, weight, eps, given, gradient);
            return [gradient, null!, null!];
        }
    }

    /// <summary>Of the sum and what is added to it.</summary>
    private sealed class SumFunction : autograd.SingleTensorFunction<SumFunction>
    {
        private const string Type = "type";

        /// <inheritdoc/>
        public override string Name => "sum";

        /// <inheritdoc/>
        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            Tensor x = (Tensor)vars[0], change = (Tensor)vars[1];
            ctx.save_data(Type, change.dtype);
            return Summed(x, change);
        }

        /// <inheritdoc/>
        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => [grad_output, grad_output.to((ScalarType)ctx.get_data(Type))];
    }
}
