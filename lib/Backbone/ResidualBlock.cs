using TorchSharp.Modules;
using TorchSharp.Utils;
using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Stdha;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Backbone;

/// <summary>
/// A block of CLIP's transformer with the adapters of ZeroI2V:
/// x ← x + A_out(Attn(A_in(LN₁x))), then x ← x + M_out(MLP(M_in(LN₂x))). A place without adapter is the identity.
/// </summary>
public sealed class ResidualBlock : nn.Module<Tensor, int, Tensor>
{
    [ComponentName(Name = "attn")]
    private readonly StdhaAttention _attention;

    [ComponentName(Name = "ln_1")]
    private readonly LayerNorm _firstNorm;

    [ComponentName(Name = "mlp")]
    private readonly Mlp _mlp;

    [ComponentName(Name = "ln_2")]
    private readonly LayerNorm _secondNorm;

    [ComponentName(Name = AdapterNames.AttentionInput)]
    private readonly Adapter? _attentionInput;

    [ComponentName(Name = AdapterNames.AttentionOutput)]
    private readonly Adapter? _attentionOutput;

    [ComponentName(Name = AdapterNames.MlpInput)]
    private readonly Adapter? _mlpInput;

    [ComponentName(Name = AdapterNames.MlpOutput)]
    private readonly Adapter? _mlpOutput;

    /// <summary>A block with CLIP's initial values and fresh adapters.</summary>
    internal ResidualBlock(VitOptions options, int layer, HeadSplit heads, AdapterOptions? adapters)
        : base(nameof(ResidualBlock))
    {
        _attention = new StdhaAttention(options.Width, heads.Offsets(layer, options.Heads), heads.Border, options.Layers);
        _firstNorm = nn.LayerNorm(options.Width, eps: options.LayerNormEps);
        _mlp = new Mlp(options);
        _secondNorm = nn.LayerNorm(options.Width, eps: options.LayerNormEps);
        _attentionInput = At(AdapterPlaces.AttentionInput);
        _attentionOutput = At(AdapterPlaces.AttentionOutput);
        _mlpInput = At(AdapterPlaces.MlpInput);
        _mlpOutput = At(AdapterPlaces.MlpOutput);
        RegisterComponents();

        Adapter? At(AdapterPlaces place) => adapters is not null && adapters.Places.HasFlag(place) ? new Adapter(options.Width, adapters) : null;
    }

    /// <summary>The attention.</summary>
    internal StdhaAttention Attention => _attention;

    /// <summary>The two-layer perceptron.</summary>
    internal Mlp Mlp => _mlp;

    /// <summary>The norms before attention and MLP.</summary>
    internal IEnumerable<LayerNorm> Norms => [_firstNorm, _secondNorm];

    /// <summary>The adapters that the block has, in the order in which data meets them.</summary>
    internal IEnumerable<Adapter> Adapters => new[] { _attentionInput, _attentionOutput, _mlpInput, _mlpOutput }.OfType<Adapter>();

    /// <summary>The adapter at one place, or null.</summary>
    internal Adapter? AdapterAt(AdapterPlaces place) => place switch
    {
        AdapterPlaces.AttentionInput => _attentionInput,
        AdapterPlaces.AttentionOutput => _attentionOutput,
        AdapterPlaces.MlpInput => _mlpInput,
        AdapterPlaces.MlpOutput => _mlpOutput,
        _ => throw new ArgumentOutOfRangeException(nameof(place), place, "not one place"),
    };

    /// <summary>One block.</summary>
    /// <param name="x">Tokens, (B·T, N, D), clips one after another.</param>
    /// <param name="frames">T.</param>
    /// <returns>(B·T, N, D).</returns>
    public override Tensor forward(Tensor x, int frames)
    {
        using var scope = NewDisposeScope();
        Tensor attended = _attention.call(Adapt(_attentionInput, _firstNorm.call(x)), frames);
        Tensor middle = x.add(Adapt(_attentionOutput, attended));
        Tensor processed = _mlp.call(Adapt(_mlpInput, _secondNorm.call(middle)));
        return middle.add(Adapt(_mlpOutput, processed)).MoveToOuterDisposeScope();
    }

    private static Tensor Adapt(Adapter? adapter, Tensor x) => adapter is null ? x : adapter.call(x);
}
