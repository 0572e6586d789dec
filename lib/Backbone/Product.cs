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
        // On a CPU, 16-bit products are oneDNN's, which has the bias written into the result first: adding it afterwards is less.
        x.device_type == TorchSharp.DeviceType.CPU && x.dtype == ScalarType.BFloat16
            ? linear(x, weight).add_(bias)
            : linear(x, weight, bias);
}
