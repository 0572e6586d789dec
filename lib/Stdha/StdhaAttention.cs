using TorchSharp.Modules;
using TorchSharp.Utils;
using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ZeroI2V.Lab.Stdha;

/// <summary>
/// Spatial-temporal dual-headed attention, section 3.2 of "ZeroI2V: Zero-Cost Adaptation of Pre-trained
/// Transformers from Image to Video" (ECCV 2024). CLIP's multi-head attention in which a head with time
/// offset Δt takes keys and values from frame t + Δt. Parameters and multiply-adds are the image model's; without
/// offsets it <em>is</em> the image model's attention, without any work beside it.
/// </summary>
public sealed partial class StdhaAttention : nn.Module<Tensor, int, Tensor>
{
    private readonly int _heads;
    private readonly BorderRule _border;

    /// <summary>Neighbouring heads with one Δt, lowest first: their number and their offset.</summary>
    private readonly (int Heads, int Offset)[] _groups;

    /// <summary>Stretches of neighbouring temporal heads: the first, how many, and their groups.</summary>
    private readonly (int First, int Heads, (int Heads, int Offset)[] Groups)[] _temporal;

    /// <summary>What whole heads cannot express; null for STDHA as published.</summary>
    private readonly ChannelRelocation? _relocation;

    [ComponentName(Name = "in_proj_weight")]
    private readonly Parameter _inputWeight;

    [ComponentName(Name = "in_proj_bias")]
    private readonly Parameter _inputBias;

    [ComponentName(Name = "out_proj")]
    private readonly Linear _output;

    [ComponentName(Name = "lora_q")]
    private readonly LowRankUpdate? _queryUpdate;

    [ComponentName(Name = "lora_k")]
    private readonly LowRankUpdate? _keyUpdate;

    [ComponentName(Name = "lora_v")]
    private readonly LowRankUpdate? _valueUpdate;

    /// <summary>Attention with CLIP's initial values.</summary>
    /// <param name="width">D.</param>
    /// <param name="offsets">Δt of each of the h heads, in frames.</param>
    /// <param name="border">What a head uses outside the clip.</param>
    /// <param name="layers">L; CLIP makes the output projection smaller in deeper models.</param>
    /// <exception cref="ArgumentException">The heads do not divide the width.</exception>
    public StdhaAttention(int width, IReadOnlyList<int> offsets, BorderRule border = BorderRule.OwnFrame, int layers = 1)
        : this(width, offsets.Count, HeadSplit.Lowest([.. offsets]) with { Border = border }, layer: 0, layers)
    {
    }

    /// <summary>A block's attention with CLIP's initial values.</summary>
    /// <param name="width">D.</param>
    /// <param name="heads">h.</param>
    /// <param name="split">Offsets of heads or channels.</param>
    /// <param name="layer">The block, from 0.</param>
    /// <param name="layers">L.</param>
    /// <param name="lora">Low-rank updates of the projections; null for none.</param>
    /// <exception cref="ArgumentException">The heads do not divide the width.</exception>
    internal StdhaAttention(int width, int heads, HeadSplit split, int layer, int layers, LoraOptions? lora = null)
        : base(nameof(StdhaAttention))
    {
        if (heads < 1 || width < 1 || width % heads != 0)
            throw new ArgumentException($"{heads} heads do not divide a width of {width}; choose one of its divisors.", nameof(heads));
        _heads = heads;
        _border = split.Border;
        _groups = Group(split.IsByHead ? split.Offsets(layer, heads) : new int[heads]);
        _temporal = Stretches(_groups);
        _relocation = split.IsByHead ? null : new ChannelRelocation(split, layer, heads, width);
        _queryUpdate = Update(LoraTargets.Queries);
        _keyUpdate = Update(LoraTargets.Keys);
        _valueUpdate = Update(LoraTargets.Values);
        double scale = Math.Pow(width, -0.5);
        _inputWeight = new Parameter(empty(3 * width, width));
        _inputBias = new Parameter(zeros(3 * width));
        _output = nn.Linear(width, width);
        nn.init.normal_(_inputWeight, std: scale);
        nn.init.normal_(_output.weight, std: scale * Math.Pow(2 * layers, -0.5));
        nn.init.zeros_(_output.bias!);
        RegisterComponents();

        LowRankUpdate? Update(LoraTargets target) => lora?.Targets.HasFlag(target) == true ? new LowRankUpdate(width, lora) : null;
    }

    /// <summary>LoRA's updates of queries, keys and values, in this order; null where there is none.</summary>
    internal IReadOnlyList<LowRankUpdate?> Updates => [_queryUpdate, _keyUpdate, _valueUpdate];

    /// <summary>The packed query, key and value projection, (3D, D).</summary>
    internal Parameter InputWeight => _inputWeight;

    /// <summary>Its bias, (3D).</summary>
    internal Parameter InputBias => _inputBias;

    /// <summary>The projection after the heads, D → D.</summary>
    internal Linear Output => _output;

    /// <summary>Attends.</summary>
    /// <param name="x">Tokens, (B·T, N, D), clips one after another.</param>
    /// <param name="frames">T.</param>
    /// <returns>(B·T, N, D).</returns>
    public override Tensor forward(Tensor x, int frames)
    {
        using var scope = NewDisposeScope();
        Notify(BlockPoint.AttentionInput, x);
        if (!IsObserved && CpuKernels.Serve(x, parameters()))
            return Unmoved(Updated(linear(x, _inputWeight), x, x, x), frames).MoveToOuterDisposeScope();
        Tensor packed = Product.Linear(x, _inputWeight, _inputBias); // (B·T, N, 3D)
        return Attended(Updated(packed, x, x, x), frames).MoveToOuterDisposeScope();
    }

    /// <summary>Attends with queries, keys and values from different inputs, as separate adapters make them.</summary>
    /// <param name="queries">What queries are projected from, (B·T, N, D).</param>
    /// <param name="keys">What keys are projected from.</param>
    /// <param name="values">What values are projected from.</param>
    /// <param name="frames">T.</param>
    /// <returns>(B·T, N, D).</returns>
    internal Tensor Separately(Tensor queries, Tensor keys, Tensor values, int frames)
    {
        using var scope = NewDisposeScope();
        Notify(BlockPoint.AttentionInput, queries);
        Tensor[] inputs = [queries, keys, values], weights = _inputWeight.chunk(3), biases = _inputBias.chunk(3);
        Tensor packed = cat([.. inputs.Select((input, i) => linear(input, weights[i], biases[i]))], dim: 2);
        return Attended(Updated(packed, queries, keys, values), frames).MoveToOuterDisposeScope();
    }

    /// <summary>Adds what LoRA adds.</summary>
    private Tensor Updated(Tensor packed, params ReadOnlySpan<Tensor> inputs)
    {
        if (Updates.All(update => update is null))
            return packed;
        Tensor[] parts = packed.chunk(3, dim: 2);
        for (int i = 0; i < parts.Length; i++)
            if (Updates[i] is { } update)
                parts[i] = parts[i].add(update.call(inputs[i]));
        return cat(parts, dim: 2);
    }

    /// <summary>
    /// On the CPU, where its own weights are frozen: each head reads keys and values in the frame where the projection left them, and
    /// their gradient goes there. Nothing is moved, so time offsets cost nothing.
    /// </summary>
    /// <param name="packed">Without the projection's bias, (B·T, N, 3D).</param>
    /// <param name="frames">T.</param>
    private Tensor Unmoved(Tensor packed, int frames)
    {
        if (_relocation is not null)
            packed = _relocation.Apply(packed, frames);
        int[] sources = [.. _groups.SelectMany(group => Enumerable.Repeat(FrameRelocation.Sources(frames, group.Offset, _border), group.Heads)).SelectMany(seen => seen)];
        return Product.Linear(CpuKernels.Attend(packed, _inputBias, sources, frames), _output.weight, _output.bias!);
    }

    /// <summary>From packed queries, keys and values, (B·T, N, 3D), to the output, (B·T, N, D).</summary>
    private Tensor Attended(Tensor packed, int frames)
    {
        long images = packed.shape[0], tokens = packed.shape[1], width = packed.shape[2] / 3;
        if (_relocation is not null)
            packed = _relocation.Apply(packed, frames);
        if (IsObserved)
            return Watched(packed, frames);
        Tensor[] parts = (_temporal.Length > 0 ? MovedHeads.apply(packed, this, frames) : Heads(packed)).unbind(0); // (B·T, h, N, d) each
        Tensor joined = scaled_dot_product_attention(parts[0], parts[1], parts[2]).transpose(1, 2).reshape(images, tokens, width);
        return Product.Linear(joined, _output.weight, _output.bias!);
    }

    /// <summary>
    /// For libtorch's attention: keys and values of temporal heads are moved where they stand, and then all heads attend in one call, as the
    /// image model's do. It costs no multiply-add, and the kernels of a GPU read and write once what is moved; libtorch's functions do
    /// so twice. <c>benchmarks/README.md</c> counts the bytes.
    /// </summary>
    /// <param name="packed">Nobody else's, (B·T, N, 3D).</param>
    /// <param name="frames">T.</param>
    internal void Move(Tensor packed, int frames)
    {
        if (GpuKernels.On(packed)?.Relocate(packed, _groups, frames, _border) == true)
            return;
        using var scope = NewDisposeScope();
        Tensor clips = KeysAndValues(Heads(packed), frames);
        foreach ((int first, int heads, (int Heads, int Offset)[] groups) in _temporal)
        {
            Tensor part = clips.narrow(3, first, heads);
            // Rows of one head lie pages apart, so they are read once for all heads: afterwards they lie close together.
            using Tensor before = part.clone();
            long head = 0;
            foreach ((int size, int offset) in groups)
            {
                FrameRelocation.Write(before.narrow(3, head, size), part.narrow(3, head, size), 2, offset, _border);
                head += size;
            }
        }
    }

    /// <summary>The gradient of what <see cref="Move"/> began with, with libtorch's functions: everything is read and written once, what moves
    /// twice.</summary>
    /// <param name="given">That of all heads' queries, keys and values after the move, (3, B·T, h, N, d).</param>
    /// <param name="frames">T.</param>
    /// <returns>(B·T, N, 3D).</returns>
    internal Tensor MoveBack(Tensor given, int frames)
    {
        using var scope = NewDisposeScope();
        long[] s = given.shape;
        Tensor gradient = empty([s[1], s[3], 3 * s[2] * s[4]], dtype: given.dtype, device: given.device), heads = Heads(gradient);
        heads.copy_(given);
        Tensor before = KeysAndValues(given, frames), after = KeysAndValues(heads, frames);
        long first = 0;
        foreach ((int count, int offset) in _groups)
        {
            if (offset != 0)
                FrameRelocation.WriteGradient(before.narrow(3, first, count), after.narrow(3, first, count), 2, offset, _border);
            first += count;
        }
        return gradient.MoveToOuterDisposeScope();
    }

    /// <summary>All heads' queries, keys and values, (3, B·T, h, N, d), where they stand in (B·T, N, 3D).</summary>
    internal Tensor Heads(Tensor packed)
    {
        long[] s = packed.shape;
        return packed.view(s[0], s[1], 3, _heads, s[2] / 3 / _heads).permute(2, 0, 3, 1, 4);
    }

    /// <summary>Of all heads' queries, keys and values, (3, B·T, h, N, d), keys and values, (2, B, T, h, N, d), where they stand.</summary>
    private static Tensor KeysAndValues(Tensor heads, int frames)
    {
        long[] s = heads.shape;
        return heads.narrow(0, 1, 2).view(2, s[1] / frames, frames, s[2], s[3], s[4]);
    }

    /// <summary>−1, +1, 0, 0 → one head of −1, one of +1, two of 0.</summary>
    private static (int Heads, int Offset)[] Group(IReadOnlyList<int> offsets)
    {
        var groups = new List<(int Heads, int Offset)>();
        foreach (int offset in offsets)
            if (groups.Count > 0 && groups[^1].Offset == offset)
                groups[^1] = (groups[^1].Heads + 1, offset);
            else
                groups.Add((1, offset));
        return [.. groups];
    }

    /// <summary>The groups with an offset, neighbours together.</summary>
    private static (int First, int Heads, (int Heads, int Offset)[] Groups)[] Stretches((int Heads, int Offset)[] groups)
    {
        var stretches = new List<(int First, int Heads, (int Heads, int Offset)[] Groups)>();
        int first = 0;
        foreach ((int heads, int offset) group in groups)
        {
            if (group.offset != 0)
            {
                if (stretches.Count > 0 && stretches[^1] is var last && last.First + last.Heads == first)
                    stretches[^1] = (last.First, last.Heads + group.heads, [.. last.Groups, group]);
                else
                    stretches.Add((first, group.heads, [group]));
            }
            first += group.heads;
        }
        return [.. stretches];
    }
}
