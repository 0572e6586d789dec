using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ZeroI2V.Lab.Backbone;

/// <summary>The perceptron of a block: D → 4D, QuickGELU (or GELU), 4D → D.</summary>
internal sealed class Mlp : nn.Module<Tensor, Tensor>
{
    private readonly MlpActivation _activation;

    [ComponentName(Name = "c_fc")]
    private readonly Linear _expand;

    [ComponentName(Name = "c_proj")]
    private readonly Linear _contract;

    internal Mlp(VitOptions options)
        : base(nameof(Mlp))
    {
        _activation = options.Activation;
        _expand = nn.Linear(options.Width, options.MlpHidden);
        _contract = nn.Linear(options.MlpHidden, options.Width);
        nn.init.normal_(_expand.weight, std: Math.Pow(2 * options.Width, -0.5));
        nn.init.normal_(_contract.weight, std: Math.Pow(options.Width, -0.5) * Math.Pow(2 * options.Layers, -0.5));
        nn.init.zeros_(_expand.bias!);
        nn.init.zeros_(_contract.bias!);
        RegisterComponents();
    }

    /// <summary>D → 4D.</summary>
    internal Linear Expand => _expand;

    /// <summary>4D → D.</summary>
    internal Linear Contract => _contract;

    /// <summary>(B·T, N, D) → the same.</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        Tensor y = _activation == MlpActivation.QuickGelu
            ? WithQuickGelu(x)
            : Product.Linear(gelu(Product.Linear(x, _expand.weight, _expand.bias!)), _contract.weight, _contract.bias!);
        return y.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// CLIP's activation x·σ(ax), a = 1.702, is silu(ax)/a. Both factors ride along in the matrix products, so the
    /// activation is one pass over the hidden layer instead of three, and training keeps one copy of it instead of two.
    /// </summary>
    private Tensor WithQuickGelu(Tensor x)
    {
        if (CpuKernels.Serve(x, parameters()))
            return Product.Linear(CpuKernels.QuickGelu(linear(x, _expand.weight), _expand.bias!), _contract.weight, _contract.bias!);
        const float slope = 1.702f;
        Tensor hidden = Product.Linear(x, _expand.weight, _expand.bias!.mul(slope), slope);
        hidden = hidden.requires_grad ? silu(hidden) : silu(hidden, inplace: true);
        return Product.Linear(hidden, _contract.weight, _contract.bias!, 1 / slope);
    }
}
