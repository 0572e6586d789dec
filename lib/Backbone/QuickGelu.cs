using static TorchSharp.torch;

namespace ZeroI2V.Lab.Backbone;

/// <summary>CLIP's activation, x·σ(1.702x). Not GELU: the two differ by up to 0.02.</summary>
internal static class QuickGelu
{
    private const double Slope = 1.702;

    /// <summary>Elementwise, any shape.</summary>
    internal static Tensor Apply(Tensor x)
    {
        // The product is a tensor of our own, so its sigmoid may take its place; autograd keeps only the result.
        using Tensor gate = x.mul(Slope).sigmoid_();
        return x.mul(gate);
    }
}
