using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ZeroI2V.Lab.Backbone;

/// <summary>
/// CLIP's <c>conv1</c>: a convolution whose stride is its kernel. Patches do not overlap, so it is a linear map
/// of each patch's 3·p·p values, and is computed as one.
/// </summary>
/// <remarks>
/// Cutting an image of 2×2 patches (rows a, columns b; pixels i, j inside a patch):
/// <code>
/// (B, 3, H, W) → (B, 3, a, i, b, j) → (B, a, b, 3, i, j) → (B, a·b, 3·p·p)
/// </code>
/// which puts the patches in row-major order and each patch's values in the order of the kernel (3, p, p).
/// </remarks>
internal sealed class PatchEmbedding : nn.Module<Tensor, Tensor>
{
    private readonly int _patch;

    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    internal PatchEmbedding(int width, int patch)
        : base(nameof(PatchEmbedding))
    {
        _patch = patch;
        _weight = new Parameter(empty(width, 3, patch, patch));
        // A convolution's usual initial values: uniform within ±1/√(values of a patch).
        double bound = Math.Pow(3.0 * patch * patch, -0.5);
        nn.init.uniform_(_weight, low: -bound, high: bound);
        RegisterComponents();
    }

    /// <summary>(B, 3, H, W) → (B, N − 1, D).</summary>
    public override Tensor forward(Tensor images)
    {
        using var scope = NewDisposeScope();
        long[] s = images.shape;
        long rows = s[2] / _patch, columns = s[3] / _patch;
        Tensor patches = images.reshape(s[0], 3, rows, _patch, columns, _patch).permute(0, 2, 4, 1, 3, 5).reshape(s[0], rows * columns, 3L * _patch * _patch);
        return linear(patches, _weight.view(_weight.shape[0], -1)).MoveToOuterDisposeScope();
    }
}
