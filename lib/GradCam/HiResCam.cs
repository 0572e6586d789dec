using static TorchSharp.torch;

namespace ZeroI2V.Lab.GradCam;

/// <summary>
/// HiRes-CAM (Draelos and Carin 2020): activation × gradient at each patch, summed over channels. At the values of the last
/// block's heads it is what each head took from each patch towards the score, exactly.
/// </summary>
public sealed class HiResCam : ChannelCam
{
    internal HiResCam()
        : base("hirescam", "HiRes-CAM")
    {
    }

    /// <inheritdoc/>
    internal override Tensor Contributions(Tensor activation, Tensor gradient) => activation.mul(gradient);
}
