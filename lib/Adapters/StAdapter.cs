using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ZeroI2V.Lab.Adapters;

/// <summary>
/// A spatio-temporal adapter, section 3.3 of the ST-Adapter paper: x + W₂·conv(W₁x + b₁) + b₂ on the patch tokens; the
/// class token passes by. The convolution and the biases are zero at the start, so a fresh adapter changes nothing.
/// </summary>
/// <remarks>State names are the official checkpoints': <c>fc1</c>, <c>conv</c>, <c>fc2</c>. Like the official code, and
/// unlike formula (3) of the paper, it has no activation.</remarks>
public sealed class StAdapter : nn.Module<Tensor, int, Tensor>
{
    [ComponentName(Name = "fc1")]
    private readonly Linear _down;

    [ComponentName(Name = "conv")]
    private readonly DepthwiseConvolution _convolution;

    [ComponentName(Name = "fc2")]
    private readonly Linear _up;

    /// <summary>A fresh adapter.</summary>
    /// <param name="width">D.</param>
    /// <param name="options">Bottleneck and kernel.</param>
    public StAdapter(int width, StAdapterOptions options)
        : base(nameof(StAdapter))
    {
        int bottleneck = options.Bottleneck(width);
        _down = nn.Linear(width, bottleneck);
        _convolution = new DepthwiseConvolution(bottleneck, options.KernelFrames, options.KernelPatches);
        _up = nn.Linear(bottleneck, width);
        nn.init.zeros_(_down.bias!);
        nn.init.zeros_(_up.bias!);
        RegisterComponents();
    }

    /// <summary>Adapts.</summary>
    /// <param name="x">Tokens, (B·T, N, D), clips one after another; the patches are a square.</param>
    /// <param name="frames">T.</param>
    /// <returns>(B·T, N, D).</returns>
    public override Tensor forward(Tensor x, int frames)
    {
        using var scope = NewDisposeScope();
        long images = x.shape[0], patches = x.shape[1] - 1, side = (long)Math.Round(Math.Sqrt(patches));
        Tensor[] parts = x.split([1L, patches], dim: 1);
        Tensor hidden = linear(parts[1], _down.weight, _down.bias).view(images / frames, frames, side, side, -1);
        Tensor mixed = _convolution.call(hidden).view(images, patches, -1);
        return cat([parts[0], parts[1].add(linear(mixed, _up.weight, _up.bias))], dim: 1).MoveToOuterDisposeScope();
    }
}
