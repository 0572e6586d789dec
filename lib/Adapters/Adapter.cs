using TorchSharp.Modules;
using TorchSharp.Utils;
using ZeroI2V.Lab.Backbone;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ZeroI2V.Lab.Adapters;

/// <summary>
/// A bottleneck adapter, A(x) = x + s·(W₂·(W₁x + b₁) + b₂), section 3.3 of the paper. W₂ and b₂ are zero at the
/// start, so a fresh adapter changes nothing. Linear unless <see cref="AdapterActivation"/> says otherwise: then a
/// neighbouring linear layer can take it in, see <c>Reparameterization</c>.
/// </summary>
public sealed class Adapter : nn.Module<Tensor, Tensor>
{
    private readonly AdapterOptions _options;
    private readonly bool _skip;

    [ComponentName(Name = "D_fc1")]
    private readonly Linear _down;

    [ComponentName(Name = "D_fc2")]
    private readonly Linear _up;

    /// <summary>A fresh adapter. W₁ has a linear layer's usual initial values, uniform with standard deviation 1/√(3D).</summary>
    /// <param name="width">D.</param>
    /// <param name="options">Bottleneck, scale, dropout, activation.</param>
    /// <param name="skip">Whether the input is added, as ZeroI2V does everywhere; AIM leaves it out where the adapter's output is
    /// added to something else.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public Adapter(int width, AdapterOptions options, bool skip = true)
        : base(nameof(Adapter))
    {
        options.Validate(width);
        _options = options;
        _skip = skip;
        int bottleneck = options.Bottleneck(width);
        _down = nn.Linear(width, bottleneck);
        _up = nn.Linear(bottleneck, width);
        nn.init.zeros_(_down.bias!);
        nn.init.zeros_(_up.weight);
        nn.init.zeros_(_up.bias!);
        RegisterComponents();
    }

    /// <summary>W₁ and b₁, D → bottleneck.</summary>
    internal Linear Down => _down;

    /// <summary>W₂ and b₂, bottleneck → D.</summary>
    internal Linear Up => _up;

    /// <summary>s.</summary>
    internal double Scale => _options.Scale;

    /// <summary>True if the adapter is an affine map.</summary>
    internal bool IsLinear => _options.Activation == AdapterActivation.None;

    /// <summary>Adapts.</summary>
    /// <param name="x">(…, D).</param>
    /// <returns>The same shape.</returns>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        (Tensor weight, Tensor bias) = Of(_down, x);
        Tensor hidden = Product.Linear(x, weight, bias);
        if (!IsLinear)
            hidden = gelu(hidden);
        if (training && _options.Dropout > 0)
            hidden = dropout(hidden, _options.Dropout, training: true);
        (weight, bias) = Of(_up, x, _options.Scale);
        Tensor y = !_skip ? Product.Linear(hidden, weight, bias)
            : CpuKernels.Serve(x) ? CpuKernels.Sum(x, linear(hidden, weight), bias)
            : x.add(Product.Linear(hidden, weight, bias));
        return y.MoveToOuterDisposeScope();
    }

    /// <summary>Trained weights are 32-bit floats; they follow what they meet. They take the scale, since there are fewer of them
    /// than of what they make.</summary>
    private static (Tensor Weight, Tensor Bias) Of(Linear layer, Tensor x, double scale = 1)
    {
        return (Scaled(layer.weight), Scaled(layer.bias!));

        Tensor Scaled(Tensor weight) => (scale == 1 ? weight : weight.mul(scale)).to(x.dtype);
    }
}
