using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ZeroI2V.Lab.Backbone;

/// <summary>Matrix products as the device likes them.</summary>
internal static class Product
{
    /// <summary>x·Wᵀ + b.</summary>
    /// <param name="x">(…, D).</param>
    /// <param name="weight">(K, D).</param>
    /// <param name="bias">(K).</param>
    /// <returns>(…, K).</returns>
    public static Tensor Linear(Tensor x, Tensor weight, Tensor bias) =>
        BiasAfterwards(x) ? linear(x, weight).add_(bias) : linear(x, weight, bias);

    /// <summary>f·x·Wᵀ + b.</summary>
    /// <param name="x">(…, D).</param>
    /// <param name="weight">(K, D).</param>
    /// <param name="bias">(K).</param>
    /// <param name="factor">f.</param>
    /// <returns>(…, K).</returns>
    public static Tensor Linear(Tensor x, Tensor weight, Tensor bias, float factor)
    {
        if (BiasAfterwards(x))
            return bias.add(linear(x, weight), alpha: factor);
        long[] s = x.shape;
        return addmm(bias, x.reshape(-1, s[^1]), weight.t(), beta: 1, alpha: factor).view([.. s[..^1], weight.shape[0]]);
    }

    /// <summary>On a CPU, 16-bit products are oneDNN's, which has the bias written into the result first: adding it afterwards is less.</summary>
    private static bool BiasAfterwards(Tensor x) => x.device_type == TorchSharp.DeviceType.CPU && x.dtype == ScalarType.BFloat16;
}
