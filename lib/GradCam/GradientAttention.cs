using ZeroI2V.Lab.Backbone;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.GradCam;

/// <summary>
/// Gradient × attention (Chefer, Gur and Wolf 2021, equation 5): each attention probability times its gradient, what is above
/// zero, summed over queries. In the last block only the class token's row has a gradient.
/// </summary>
/// <remarks>
/// Without the rectification it would be HiRes-CAM at the heads' values, patch by patch, for
/// Σ_c V·∂y/∂V = Σ_q P·∂y/∂P. Heads are summed, where the source takes their mean, so that groups add up as elsewhere.
/// </remarks>
public sealed class GradientAttention : CamMethod
{
    internal GradientAttention()
        : base("gradient-attention", "gradient × attention")
    {
    }

    /// <inheritdoc/>
    internal override BlockPoint Point(CamPlace place) => BlockPoint.Probabilities;

    /// <inheritdoc/>
    internal override bool IsLookedAt(CamPlace place) => true;

    /// <inheritdoc/>
    internal override Tensor PerHead(Tensor activation, Tensor gradient, int heads)
    {
        using var scope = NewDisposeScope();
        Tensor byKey = activation.mul(gradient).relu().sum(2L); // (B·T, h, N)
        return byKey.narrow(2, 1, byKey.shape[2] - 1).MoveToOuterDisposeScope();
    }
}
