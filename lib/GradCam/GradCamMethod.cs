using static TorchSharp.torch;

namespace ZeroI2V.Lab.GradCam;

/// <summary>
/// Grad-CAM (Selvaraju et al. 2017, equations 1 and 2): a channel's weight in a frame is the mean of its gradient over the
/// frame's patches, and the map the weighted sum of channels.
/// </summary>
public sealed class GradCamMethod : ChannelCam
{
    internal GradCamMethod()
        : base("gradcam", "Grad-CAM")
    {
    }

    /// <inheritdoc/>
    internal override Tensor Contributions(Tensor activation, Tensor gradient) => gradient.mean([1L], keepdim: true).mul(activation);
}
