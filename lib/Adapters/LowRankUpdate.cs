using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ZeroI2V.Lab.Adapters;

/// <summary>
/// What LoRA adds to a projection's output, (α/r)·B·A·x, section 4.1 of its paper. B is zero at the start, so a fresh update
/// changes nothing. State names are those of the paper's code, <c>lora_A</c> and <c>lora_B</c>.
/// </summary>
public sealed class LowRankUpdate : nn.Module<Tensor, Tensor>
{
    private readonly double _scale;

    [ComponentName(Name = "lora_A")]
    private readonly Parameter _down;

    [ComponentName(Name = "lora_B")]
    private readonly Parameter _up;

    /// <summary>A fresh update; A has a linear layer's usual initial values.</summary>
    /// <param name="width">D.</param>
    /// <param name="options">Rank and scale.</param>
    public LowRankUpdate(int width, LoraOptions options)
        : base(nameof(LowRankUpdate))
    {
        _scale = options.Scale;
        _down = new Parameter(empty(options.Rank, width));
        _up = new Parameter(zeros(width, options.Rank));
        nn.init.kaiming_uniform_(_down, a: Math.Sqrt(5));
        RegisterComponents();
    }

    /// <summary>(…, D) → what is added, (…, D).</summary>
    /// <param name="x">The projection's input.</param>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return linear(linear(x, _down), _up).mul(_scale).MoveToOuterDisposeScope();
    }

    /// <summary>What is added to the projection's weight, (D, D), in double precision.</summary>
    internal Tensor Weight()
    {
        using var scope = NewDisposeScope();
        return _up.detach().to(ScalarType.Float64).mm(_down.detach().to(ScalarType.Float64)).mul(_scale).MoveToOuterDisposeScope();
    }
}
