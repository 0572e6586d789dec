using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Stdha;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Backbone;

/// <summary>
/// A block of CLIP's transformer with what an adaptation to video adds to it. ZeroI2V:
/// x ← x + A_out(Attn(A_in(LN₁x))), then x ← x + M_out(MLP(M_in(LN₂x))). A place without adapter is the identity, so
/// without any it is CLIP's block. The peers: <see cref="AimOptions"/>, <see cref="StAdapterOptions"/>.
/// </summary>
public sealed class ResidualBlock : nn.Module<Tensor, int, Tensor>
{
    private readonly bool _aim;
    private readonly double _dropPath;

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

    [ComponentName(Name = AdapterNames.QueryInput)]
    private readonly Adapter? _queryInput;

    [ComponentName(Name = AdapterNames.KeyInput)]
    private readonly Adapter? _keyInput;

    [ComponentName(Name = AdapterNames.ValueInput)]
    private readonly Adapter? _valueInput;

    [ComponentName(Name = AdapterNames.AttentionOutput)]
    private readonly Adapter? _attentionOutput;

    [ComponentName(Name = AdapterNames.MlpInput)]
    private readonly Adapter? _mlpInput;

    [ComponentName(Name = AdapterNames.MlpOutput)]
    private readonly Adapter? _mlpOutput;

    [ComponentName(Name = AdapterNames.TimeOutput)]
    private readonly Adapter? _timeOutput;

    [ComponentName(Name = AdapterNames.BeforeAttention)]
    private readonly StAdapter? _beforeAttention;

    [ComponentName(Name = AdapterNames.BeforeMlp)]
    private readonly StAdapter? _beforeMlp;

    /// <summary>A block with CLIP's initial values and fresh adapters.</summary>
    /// <param name="options">Sizes.</param>
    /// <param name="layer">Which block, from 0.</param>
    /// <param name="video">What is added for video; null for the image model.</param>
    internal ResidualBlock(VitOptions options, int layer, RecognizerOptions? video)
        : base(nameof(ResidualBlock))
    {
        _attention = new StdhaAttention(options.Width, options.Heads, video?.Heads ?? HeadSplit.Spatial, layer, options.Layers, video?.Lora);
        _firstNorm = nn.LayerNorm(options.Width, eps: options.LayerNormEps);
        _mlp = new Mlp(options);
        _secondNorm = nn.LayerNorm(options.Width, eps: options.LayerNormEps);
        if (video?.Aim is { } aim)
        {
            _aim = true;
            _dropPath = aim.DropPathOf(layer, options.Layers);
            _attentionInput = aim.TimeInput ? new Adapter(options.Width, aim.Adapter()) : null;
            _timeOutput = new Adapter(options.Width, aim.Adapter(), skip: false);
            _attentionOutput = new Adapter(options.Width, aim.Adapter());
            _mlpInput = new Adapter(options.Width, aim.Adapter(aim.Scale), skip: false);
        }
        if (video?.Adapters is { } adapters)
        {
            if (!adapters.SeparateQueryKeyValue)
                _attentionInput = At(adapters, AdapterPlaces.AttentionInput);
            else if (adapters.Places.HasFlag(AdapterPlaces.AttentionInput))
                (_queryInput, _keyInput, _valueInput) = (new Adapter(options.Width, adapters), new Adapter(options.Width, adapters), new Adapter(options.Width, adapters));
            _attentionOutput = At(adapters, AdapterPlaces.AttentionOutput);
            _mlpInput = At(adapters, AdapterPlaces.MlpInput);
            _mlpOutput = At(adapters, AdapterPlaces.MlpOutput);
        }
        if (video?.StAdapter is { } spatioTemporal && spatioTemporal.In(layer, options.Layers))
        {
            _beforeAttention = spatioTemporal.BeforeAttention ? new StAdapter(options.Width, spatioTemporal) : null;
            _beforeMlp = spatioTemporal.BeforeMlp ? new StAdapter(options.Width, spatioTemporal) : null;
        }
        RegisterComponents();

        Adapter? At(AdapterOptions adapters, AdapterPlaces place) => adapters.Places.HasFlag(place) ? new Adapter(options.Width, adapters) : null;
    }

    /// <summary>The attention.</summary>
    internal StdhaAttention Attention => _attention;

    /// <summary>The two-layer perceptron.</summary>
    internal Mlp Mlp => _mlp;

    /// <summary>The norms before attention and MLP.</summary>
    internal IEnumerable<LayerNorm> Norms => [_firstNorm, _secondNorm];

    /// <summary>What the block has beyond CLIP's: everything in it is fresh under an image model.</summary>
    internal IEnumerable<nn.Module> Added => ((nn.Module?[])[.. _attention.Updates, _attentionInput, _queryInput, _keyInput, _valueInput, _attentionOutput, _mlpInput, _mlpOutput, _timeOutput, _beforeAttention, _beforeMlp]).OfType<nn.Module>();

    /// <summary>The adapters of queries, keys and values where each has its own, or null.</summary>
    internal IReadOnlyList<Adapter>? SeparateInputs => _queryInput is null ? null : [_queryInput, _keyInput!, _valueInput!];

    /// <summary>The adapter at one place, or null.</summary>
    internal Adapter? AdapterAt(AdapterPlaces place) => place switch
    {
        AdapterPlaces.AttentionInput => _attentionInput,
        AdapterPlaces.AttentionOutput => _attentionOutput,
        AdapterPlaces.MlpInput => _mlpInput,
        AdapterPlaces.MlpOutput => _mlpOutput,
        _ => throw new ArgumentOutOfRangeException(nameof(place), place, "not one place"),
    };

    /// <summary>What attention and MLP are computed in; the sum that runs through the blocks is of 32-bit floats.</summary>
    private ScalarType Type => _mlp.Expand.weight.dtype;

    /// <summary>Casts the weights of attention and MLP, once.</summary>
    /// <param name="type">A floating type.</param>
    internal void Cast(ScalarType type)
    {
        foreach (nn.Module module in (nn.Module[])[_attention, _mlp])
        {
            // The new weights belong to the model, not to whatever scope its caller has open.
            foreach (Parameter parameter in module.to(type).parameters())
                parameter.DetachFromDisposeScope();
        }
    }

    /// <summary>Taps listen here; see <see cref="BlockTap"/>.</summary>
    internal event Action<BlockPoint, Tensor>? Observed
    {
        add => _attention.Observed += value;
        remove => _attention.Observed -= value;
    }

    /// <summary>One block.</summary>
    /// <param name="x">Tokens, (B·T, N, D), clips one after another.</param>
    /// <param name="frames">T.</param>
    /// <returns>(B·T, N, D).</returns>
    public override Tensor forward(Tensor x, int frames)
    {
        using var scope = NewDisposeScope();
        return (_aim ? Aim(x, frames) : Adapted(x, frames)).MoveToOuterDisposeScope();
    }

    /// <summary>ZeroI2V, ST-Adapter, and CLIP itself.</summary>
    private Tensor Adapted(Tensor x, int frames)
    {
        (Tensor middle, Tensor normed) = Attended(x, frames);
        return ResidualStream.Sum(middle, Adapt(_mlpOutput, _mlp.call(Adapt(_mlpInput, normed))));
    }

    /// <summary>The sum after the attention, and its norm. What else it took is gone before the MLP's hidden layer is there.</summary>
    private (Tensor Middle, Tensor Normed) Attended(Tensor x, int frames)
    {
        using var scope = NewDisposeScope();
        if (_beforeAttention is not null)
            x = _beforeAttention.call(x, frames);
        Tensor normed = FirstNormed(x);
        Tensor attended = _queryInput is null
            ? _attention.call(Adapt(_attentionInput, normed), frames)
            : _attention.Separately(_queryInput.call(normed), _keyInput!.call(normed), _valueInput!.call(normed), frames);
        Tensor change = Adapt(_attentionOutput, attended), middle;
        if (_beforeMlp is null)
        {
            (middle, normed) = ResidualStream.SumNorm(x, change, _secondNorm, Type);
        }
        else
        {
            middle = _beforeMlp.call(ResidualStream.Sum(x, change), frames);
            normed = Normed(_secondNorm, middle);
        }
        return (middle.MoveToOuterDisposeScope(), normed.MoveToOuterDisposeScope());
    }

    /// <summary>AIM, section 3 of its paper: over time, over space, then both together beside the MLP.</summary>
    private Tensor Aim(Tensor x, int frames)
    {
        x = x.add(Dropped(OverTime(x, frames)));
        (x, Tensor normed) = ResidualStream.SumNorm(x, _attentionOutput!.call(_attention.call(FirstNormed(x), frames)), _secondNorm, Type);
        return ResidualStream.Sum(ResidualStream.Sum(x, _mlp.call(normed)), Dropped(_mlpInput!.call(normed)));
    }

    /// <summary>
    /// The same attention over the T tokens of one place: (B·T, N, D) → (B·N, T, D) → attention → (B·T, N, D).
    /// A place counts as an image with T tokens and a clip with one frame, so time offsets have no effect here.
    /// </summary>
    private Tensor OverTime(Tensor x, int frames)
    {
        long[] s = x.shape;
        long clips = s[0] / frames;
        Tensor places = Normed(_firstNorm, x).view(clips, frames, s[1], s[2]).transpose(1, 2).reshape(clips * s[1], frames, s[2]);
        Tensor attended = _timeOutput!.call(_attention.call(Adapt(_attentionInput, places), 1));
        return attended.to(x.dtype).view(clips, s[1], frames, s[2]).transpose(1, 2).reshape(s);
    }

    /// <summary>Stochastic depth as AIM's code has it: its tensors have tokens first, so it drops token places, in all clips and frames at once.</summary>
    private Tensor Dropped(Tensor change)
    {
        if (!training || _dropPath == 0)
            return change;
        Tensor kept = empty(1, change.shape[1], 1, dtype: change.dtype, device: change.device).bernoulli_(1 - _dropPath);
        return change.mul(kept.div_(1 - _dropPath));
    }

    private Tensor FirstNormed(Tensor x)
    {
        if (!_attention.IsObserved)
            return Normed(_firstNorm, x);
        Tensor normed = _firstNorm.call(x);
        _attention.Notify(BlockPoint.Norm, normed);
        return normed.to(Type);
    }

    /// <summary>The norm, in the numbers of attention and MLP.</summary>
    private Tensor Normed(LayerNorm norm, Tensor x) => ResidualStream.Norm(x, norm, Type);

    private static Tensor Adapt(Adapter? adapter, Tensor x) => adapter is null ? x : adapter.call(x);
}
