using static TorchSharp.torch;

namespace ZeroI2V.Lab.GradCam;

/// <summary>
/// Grad-CAM++ (Chattopadhay et al. 2018, equation 19): a channel's weight is the sum of its positive gradients, each weighted
/// by how much a patch counts among all that lit the channel up.
/// </summary>
/// <remarks>
/// S = Σ A over patches, α = G²/(2G² + S·G³ + 10⁻⁶) and 0 where G is 0, weight = Σ max(G, 0)·α. The constant is not small
/// against G² in a video transformer; it is that of pytorch-grad-cam, so that maps are equal.
/// </remarks>
public sealed class GradCamPlusPlus : ChannelCam
{
    private const double Smallest = 1e-6;

    internal GradCamPlusPlus()
        : base("gradcampp", "Grad-CAM++")
    {
    }

    /// <inheritdoc/>
    internal override Tensor Contributions(Tensor activation, Tensor gradient)
    {
        Tensor squared = gradient.square();
        Tensor total = activation.sum(1L, keepdim: true);
        Tensor alpha = squared.div(squared.mul(2).add(total.mul(squared).mul(gradient)).add(Smallest)).masked_fill(gradient.eq(0), 0);
        return gradient.relu().mul(alpha).sum(1L, keepdim: true).mul(activation);
    }
}
