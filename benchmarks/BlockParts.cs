using TorchSharp;
using TorchSharp.Modules;
using ZeroI2V.Lab.Backbone;
using System.Globalization;
using ZeroI2V.Lab.Evaluation.Speed;
using ZeroI2V.Lab.Stdha;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace ZeroI2V.Lab.Benchmarks;

/// <summary>Where the time of a block of ViT-B/16 goes: each operation by itself, in its shape and layout, in turns.</summary>
internal static class BlockParts
{
    private const long Tokens = 197, Width = 768, Heads = 12, Hidden = 4 * Width;

    private const string Block = "whole block, plain", Plain = "whole attention, plain", Temporal = "whole attention, two temporal heads", Wide = "whole attention, four temporal heads";

    /// <summary>Prints milliseconds, GFLOP/s and GB/s of each.</summary>
    public static int Run(int rounds, int frames, ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        long rows = frames * Tokens;
        Tensor running = randn([frames, Tokens, Width]), x = running.to(type), y = x.clone(), flat = x.view(rows, Width), hidden = randn([rows, Hidden]).to(type);
        using LayerNorm norm = nn.LayerNorm(Width);
        Tensor qkvWeight = randn([3 * Width, Width]).to(type), qkvBias = randn([3 * Width]).to(type), outWeight = randn([Width, Width]).to(type);
        Tensor inWeight = randn([Hidden, Width]).to(type), inBias = randn([Hidden]).to(type), backWeight = randn([Width, Hidden]).to(type);
        Tensor packed = randn([frames, Tokens, 3 * Width]).to(type);
        Tensor[] parts = packed.view(frames, Tokens, 3, Heads, Width / Heads).permute(2, 0, 3, 1, 4).unbind(0);
        var timing = new InterleavedTiming();
        var sizes = new Dictionary<string, (double Flops, double Numbers)>();
        Add("norm, libtorch", 0, 2 * rows * Width, () => F.layer_norm(running, [Width], norm.weight, norm.bias).to(type));
        Add("queries, keys, values", 2 * rows * Width * 3 * Width, rows * 4 * Width, () => F.linear(x, qkvWeight));
        Add("queries, keys, values and bias", 2 * rows * Width * 3 * Width, rows * 4 * Width, () => F.linear(x, qkvWeight, qkvBias));
        Add("attention, libtorch", 4 * rows * Tokens * Width, 4 * rows * Width, () => F.scaled_dot_product_attention(parts[0], parts[1], parts[2]));
        Add("output projection", 2 * rows * Width * Width, 2 * rows * Width, () => F.linear(x, outWeight));
        Add("sum, libtorch", 0, 3 * rows * Width, () => running.add(y.to(ScalarType.Float32)));
        Add("MLP, first layer", 2 * rows * Width * Hidden, rows * (Width + Hidden), () => F.linear(x, inWeight));
        Add("activation, libtorch", 0, 2 * rows * Hidden, () => _ = type == ScalarType.Float32 ? F.silu(hidden, inplace: true) : F.silu(hidden.to(ScalarType.Float32), inplace: true).to(type));
        Add("MLP, second layer", 2 * rows * Width * Hidden, rows * (Width + Hidden), () => F.linear(hidden, backWeight));
        if (CpuKernels.IsAvailable)
        {
            int[] sources = [.. Enumerable.Repeat(Enumerable.Range(0, frames), (int)Heads).SelectMany(seen => seen)];
            Add("norm", 0, 2 * rows * Width, () => ResidualStream.Norm(running, norm, type));
            Add("attention", 4 * rows * Tokens * Width, 4 * rows * Width, () => CpuKernels.Attend(packed, qkvBias, sources, frames));
            Add("sum", 0, 3 * rows * Width, () => ResidualStream.Sum(running, y));
            Add("sum and norm", 0, 4 * rows * Width, () => _ = ResidualStream.SumNorm(running, y, norm, type).Normed);
            Add("activation", 0, 2 * rows * Hidden, () => _ = CpuKernels.QuickGelu(hidden, inBias));
        }
        using StdhaAttention plain = Heads12(HeadSplit.Spatial), temporal = Heads12(HeadSplit.Lowest(-1, 1)), wide = Heads12(HeadSplit.Lowest(-1, 1, -2, 2));
        double flops = 2 * rows * Width * 4 * Width + 4 * rows * Tokens * Width;
        using var mlp = new Mlp(Presets.ViTB16.Kinetics400_8x16.Backbone);
        using var whole = new ResidualBlock(Presets.ViTB16.Kinetics400_8x16.Backbone, 0, null);
        foreach (nn.Module module in (nn.Module[])[plain, temporal, wide, mlp])
            module.to(type);
        whole.Cast(type);
        // As in use: the lab's kernels serve, and 16-bit weights stay packed, where weights are frozen.
        foreach (Parameter parameter in ((nn.Module[])[plain, temporal, wide, mlp, whole]).SelectMany(module => module.parameters()))
            parameter.requires_grad = false;
        Add("whole MLP", 4 * rows * Width * Hidden, 0, () => mlp.call(x));
        Add(Block, 4 * rows * Width * Hidden + flops, 0, () => whole.call(running, frames));
        Add(Plain, flops, rows * 12 * Width, () => plain.call(x, frames));
        Add(Temporal, flops, rows * 12 * Width, () => temporal.call(x, frames));
        Add(Wide, flops, rows * 12 * Width, () => wide.call(x, frames));
        timing.Measure(warmUp: 2, rounds);
        Console.WriteLine($"libtorch {__version__}, {get_num_threads()} threads; ViT-B/16, {frames} frames, one clip, {type}");
        foreach (string name in timing.Names)
        {
            double seconds = timing.Clock(name).Median;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name,-45} {1e3 * seconds,8:0.000} ms  {(sizes[name].Flops > 0 ? $"{sizes[name].Flops / seconds / 1e9:0} GFLOP/s" : ""),12}  {4 * sizes[name].Numbers / seconds / 1e9,6:0.0} GB/s"));
        }
        double block = timing.Clock(Block).Median;
        foreach (string name in (string[])[Temporal, Wide])
        {
            // The block's other operations stand on both sides.
            double cost = timing.Clock(name).Over(timing.Clock(Plain)).Median - 1;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {100 * cost:0.00} % more than the plain one, {100 * cost * timing.Clock(Plain).Median / block:0.00} % of a block"));
        }
        return 0;

        static StdhaAttention Heads12(HeadSplit split) => new((int)Width, split.Offsets(0, (int)Heads), split.Border);

        void Add(string name, double flops, double numbers, Action run)
        {
            sizes.Add(name, (flops, numbers));
            timing.Add(name, () =>
            {
                using var inner = NewDisposeScope();
                run();
            });
        }
    }
}
