namespace ZeroI2V.Lab.Adapters;

/// <summary>
/// ST-Adapter ("ST-Adapter: Parameter-Efficient Image-to-Video Transfer Learning for Action Recognition", Pan et al.,
/// NeurIPS 2022; official code linziyi96/st-adapter): a bottleneck with a depthwise convolution over time in it,
/// x + W₂·conv(W₁x + b₁) + b₂ on the patch tokens, in front of attention, MLP, or both.
/// </summary>
public sealed record StAdapterOptions
{
    /// <summary>Width of the bottleneck as a share of D: 384 channels at D = 768 in the official models.</summary>
    public double BottleneckRatio { get; init; } = 0.5;

    /// <summary>An adapter in front of the attention; the official 24×384 model has both, 12×384 only the other.</summary>
    public bool BeforeAttention { get; init; }

    /// <summary>An adapter in front of the MLP.</summary>
    public bool BeforeMlp { get; init; } = true;

    /// <summary>Frames that the convolution spans.</summary>
    public int KernelFrames { get; init; } = 3;

    /// <summary>Rows and columns of patches that the convolution spans.</summary>
    public int KernelPatches { get; init; } = 1;

    /// <summary>How many of the last blocks have adapters; 0 for all.</summary>
    public int LastBlocks { get; init; }

    /// <summary>Width of the bottleneck in a model of width <paramref name="width"/>.</summary>
    /// <param name="width">D.</param>
    public int Bottleneck(int width) => (int)Math.Round(width * BottleneckRatio);

    /// <summary>Whether a block has adapters.</summary>
    internal bool In(int layer, int layers) => LastBlocks == 0 || layer >= layers - LastBlocks;

    /// <summary>Checks the options against a backbone.</summary>
    /// <param name="width">D.</param>
    /// <param name="layers">L.</param>
    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    public void Validate(int width, int layers)
    {
        if (!(BottleneckRatio > 0 && BottleneckRatio <= 16) || Bottleneck(width) < 1)
            throw new ArgumentException($"An ST-Adapter's bottleneck ratio is {BottleneckRatio} at width {width}; choose a ratio above {0.5 / width:g3}, such as 0.5.");
        if (!BeforeAttention && !BeforeMlp)
            throw new ArgumentException($"ST-Adapters have no place; set {nameof(BeforeAttention)}, {nameof(BeforeMlp)} or both.");
        if (KernelFrames is < 1 or > 63 || KernelFrames % 2 == 0 || KernelPatches is < 1 or > 63 || KernelPatches % 2 == 0)
            throw new ArgumentException($"An ST-Adapter's kernel is {KernelFrames} frames and {KernelPatches} patches; expected odd numbers from 1 to 63, such as 3 and 1.");
        if (LastBlocks < 0 || LastBlocks > layers)
            throw new ArgumentException($"ST-Adapters in the last {LastBlocks} blocks; the backbone has {layers}. Choose 0 (all) to {layers}.");
    }
}
