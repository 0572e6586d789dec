using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ZeroI2V.Lab.Adapters;

/// <summary>
/// A convolution of each channel by itself over frames, rows and columns, zeros outside, the size kept. It is computed as
/// a sum of shifted copies, one for each number of the kernel: for the usual kernel of three frames
/// <c>y(t) = w₀·x(t−1) + w₁·x(t) + w₂·x(t+1) + b</c>.
/// </summary>
internal sealed class DepthwiseConvolution : nn.Module<Tensor, Tensor>
{
    private readonly int _frames;
    private readonly int _patches;

    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    [ComponentName(Name = "bias")]
    private readonly Parameter _bias;

    /// <summary>All numbers are zero, as ST-Adapter starts.</summary>
    internal DepthwiseConvolution(int channels, int frames, int patches)
        : base(nameof(DepthwiseConvolution))
    {
        _frames = frames;
        _patches = patches;
        _weight = new Parameter(zeros([channels, 1, frames, patches, patches]));
        _bias = new Parameter(zeros(channels));
        RegisterComponents();
    }

    /// <summary>(B, T, rows, columns, C) → the same.</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        long[] s = x.shape;
        long time = _frames / 2, space = _patches / 2;
        Tensor padded = pad(x, [0, 0, space, space, space, space, time, time]);
        Tensor taps = _weight.view(s[4], -1).transpose(0, 1).contiguous(); // (frames · rows · columns, C)
        Tensor sum = _bias;
        for (int t = 0; t < _frames; t++)
            for (int row = 0; row < _patches; row++)
                for (int column = 0; column < _patches; column++)
                {
                    Tensor shifted = padded.narrow(1, t, s[1]).narrow(2, row, s[2]).narrow(3, column, s[3]);
                    sum = sum.addcmul(shifted, taps.select(0, ((long)t * _patches + row) * _patches + column), 1);
                }
        return sum.MoveToOuterDisposeScope();
    }
}
