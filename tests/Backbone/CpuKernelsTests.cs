using System.Runtime.Intrinsics.X86;
using TorchSharp.Modules;
using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Stdha;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.Backbone;

/// <summary>The kernels against their formulas in libtorch's functions, and a model that uses them against itself without.</summary>
public sealed class CpuKernelsTests
{
    [Fact]
    public void The_library_is_there() => Assert.True(CpuKernels.IsAvailable, "native/build/liblabkernels.so is missing: ./lab setup builds it.");

    [Fact]
    public void They_compute_with_no_more_than_they_are_allowed()
    {
        if (Environment.GetEnvironmentVariable("LAB_KERNELS_VECTORS") is { Length: > 0 } most)
            Assert.Equal(most, CpuKernels.Vectors);
        else
            Assert.Equal(Avx512BW.IsSupported, CpuKernels.Vectors!.StartsWith("avx512", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(197, 12, 64, ScalarType.Float32)]
    [InlineData(5, 3, 16, ScalarType.Float32)]
    [InlineData(1, 1, 16, ScalarType.Float32)]
    [InlineData(37, 4, 20, ScalarType.Float32)]
    [InlineData(600, 1, 32, ScalarType.Float32)]
    [InlineData(197, 12, 64, ScalarType.BFloat16)]
    [InlineData(6, 2, 24, ScalarType.BFloat16)]
    [InlineData(1, 1, 16, ScalarType.BFloat16)]
    // Numbers of an odd head are no pairs.
    [InlineData(9, 16, 3, ScalarType.BFloat16)]
    public void Each_head_attends_to_the_frame_that_it_is_told(int tokens, int heads, int depth, ScalarType type)
    {
        const int Clips = 2, Frames = 3;
        int width = heads * depth;
        using var scope = NewDisposeScope();
        using var generator = new Generator(7);
        Tensor packed = randn([Clips * Frames, tokens, 3 * width], generator: generator).to(type), bias = randn([3 * width], generator: generator).to(type);
        int[] sources = [.. Enumerable.Range(0, heads * Frames).Select(i => i * 5 % 7 % Frames)];

        Tensor found = CpuKernels.Attend(packed, bias, sources, Frames);

        Assert.Equal(type, found.dtype);
        Tensor given = packed.to(ScalarType.Float64).requires_grad_(), direction = randn([Clips * Frames, tokens, width], generator: generator).to(type);
        Tensor all = given.add(bias.to(ScalarType.Float64)).view(Clips, Frames, tokens, 3, heads, depth);
        Tensor along = zeros([], dtype: ScalarType.Float64);
        for (int head = 0; head < heads; head++)
        {
            for (int frame = 0; frame < Frames; frame++)
            {
                Tensor own = all.select(4, head), seen = own.select(1, sources[(head * Frames) + frame]);
                Tensor weights = own.select(1, frame).select(2, 0).matmul(seen.select(2, 1).transpose(-2, -1)).div(Math.Sqrt(depth)).softmax(-1);
                Tensor expected = weights.matmul(seen.select(2, 2));
                Tensor here = found.view(Clips, Frames, tokens, heads, depth).select(3, head).select(1, frame).to(ScalarType.Float64);
                double error = Largest(here.sub(expected).div(expected.abs().add(1)));
                // In 16 bits queries, weights and result are rounded, each to eight bits.
                Assert.True(error < (type == ScalarType.Float32 ? 1e-5 : 3.0 / 256), $"head {head}, frame {frame}: {error}");
                along = along.add(expected.mul(direction.to(ScalarType.Float64).view(Clips, Frames, tokens, heads, depth).select(3, head).select(1, frame)).sum());
            }
        }

        // Frames that several heads or frames see, and some that none sees, are among them.
        along.backward();
        packed.requires_grad = true;
        CpuKernels.Attend(packed, bias, sources, Frames).backward([direction]);
        AssertClose(given.grad!, packed.grad!, type == ScalarType.Float32 ? 1e-5 : 4.0 / 256);
    }

    [Theory]
    [InlineData(ScalarType.Float32, 1e-6)]
    [InlineData(ScalarType.BFloat16, 1.0 / 256)]
    public void QuickGELU_is_its_formula_also_far_out(ScalarType type, double tolerance)
    {
        using var scope = NewDisposeScope();
        float[] numbers = [0, -0f, 1, -1, 0.001f, -0.001f, 5, -5, 30, -30, 60, -60, 1e4f, -1e4f, 3e38f, float.NegativeInfinity];
        Tensor x = tensor(numbers).to(type).repeat(5, 3), bias = linspace(-1, 1, 48).to(type);
        Tensor given = x.to(ScalarType.Float64).add(bias.to(ScalarType.Float64)), expected = given.mul(given.mul(1.702).sigmoid());
        x = CpuKernels.QuickGelu(x, bias);
        // Minus infinity times nothing is no number, in libtorch too.
        Tensor finite = given.isfinite();
        Assert.True(Largest(x.to(ScalarType.Float64).sub(expected).div(expected.abs().add(0.01))[finite]) < tolerance);
        Tensor none = full([1, 16], float.NaN).to(type);
        CpuKernels.QuickGelu(none, zeros([16]).to(type));
        Assert.True(none.isnan().all().item<bool>());
    }

    [Theory]
    [InlineData(ScalarType.Float32, 1e-6)]
    [InlineData(ScalarType.BFloat16, 1.0 / 256)]
    public void Sum_and_norm_are_libtorchs(ScalarType type, double tolerance)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var generator = new Generator(7);
        using LayerNorm norm = TinyModels.Filled(nn.LayerNorm(48));
        Tensor x = randn([7, 5, 48], generator: generator).mul(3).add(20), y = randn([7, 5, 48], generator: generator).to(type);
        Tensor sum = ResidualStream.Sum(x, y), normed = ResidualStream.Norm(sum, norm, type), expected = norm.call(x.add(y.to(ScalarType.Float32)));
        Assert.Equal(0, Largest(sum.sub(x.add(y.to(ScalarType.Float32)))));
        Assert.Equal(type, normed.dtype);
        Assert.True(Largest(normed.to(ScalarType.Float32).sub(expected).div(expected.abs().add(1))) < 10 * tolerance);
        // Any memory layout: rows that lie apart.
        Tensor apart = x.transpose(0, 1);
        Assert.Equal(0, Largest(ResidualStream.Norm(apart, norm, ScalarType.Float32).sub(ResidualStream.Norm(apart.contiguous(), norm, ScalarType.Float32))));
    }

    [Theory]
    [InlineData(ScalarType.Float32, 1e-5)]
    [InlineData(ScalarType.BFloat16, 2.0 / 256)]
    public void Gradients_of_activation_norm_and_sum_are_those_of_their_formulas(ScalarType type, double tolerance)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(7);
        using LayerNorm norm = TinyModels.Filled(nn.LayerNorm(48));
        foreach (Parameter parameter in norm.parameters())
            parameter.requires_grad = false;
        Tensor hidden = randn([7, 5, 48], generator: generator).mul(3).to(type), bias = randn([48], generator: generator).to(type);
        // Gradients whose rows lie apart, as a transpose leaves them.
        Tensor direction = randn([5, 7, 48], generator: generator).to(type).transpose(0, 1);
        Tensor running = randn([7, 5, 48], generator: generator).mul(3).add(20), added = randn([7, 5, 48], generator: generator).to(type);

        Compare([hidden], x => CpuKernels.QuickGelu(x[0], bias), x => x[0].add(Wide(bias)) is var v ? v.mul(v.mul(1.702).sigmoid()) : v);
        Compare([running], x => ResidualStream.Norm(x[0], norm, type),
            x => x[0].sub(x[0].mean([2L], keepdim: true)) is var d ? d.div(d.square().mean([2L], keepdim: true).add(norm.eps).sqrt()).mul(Wide(norm.weight!)).add(Wide(norm.bias!)) : d);
        Compare([running, added], x => ResidualStream.Sum(x[0], x[1]), x => x[0].add(x[1]));
        Compare([hidden, added, bias], x => CpuKernels.Sum(x[0], x[1], x[2]), x => x[0].add(x[1]).add(x[2]));

        void Compare(Tensor[] inputs, Func<Tensor[], Tensor> found, Func<Tensor[], Tensor> expected)
        {
            Tensor[] given = [.. inputs.Select(input => input.clone().requires_grad_())], wide = [.. inputs.Select(input => Wide(input).requires_grad_())];
            Tensor result = found(given);
            Assert.True(result.requires_grad);
            result.backward([direction.to(result.dtype)]);
            expected(wide).backward([Wide(direction)]);
            for (int i = 0; i < inputs.Length; i++)
            {
                Assert.Equal(inputs[i].dtype, given[i].grad!.dtype);
                AssertClose(wide[i].grad!, given[i].grad!, tolerance);
            }
        }

        static Tensor Wide(Tensor x) => x.detach().to(ScalarType.Float64);
    }

    [Theory]
    [MemberData(nameof(Recognizers))]
    public void What_is_trained_gets_the_same_gradients_whether_or_not_the_rest_is_frozen(string name, RecognizerOptions options)
    {
        using var scope = NewDisposeScope();
        using VideoRecognizer model = TinyModels.Filled(new VideoRecognizer(options));
        Tensor clips = TinyModels.Numbers(3, 1, 2, 3, options.Frames, options.Backbone.Resolution, options.Backbone.Resolution);
        // Where everything trains, libtorch's functions compute it.
        Dictionary<string, Tensor> expected = Gradients();
        TrainableParameters.Freeze(model);
        Dictionary<string, Tensor> found = Gradients();
        Assert.NotEmpty(found);
        // Some gradients are nothing but rounding: the same bias on all keys changes no softmax.
        double largest = found.Values.Max(Largest);
        foreach ((string parameter, Tensor gradient) in found)
            AssertClose(expected[parameter], gradient, 2e-4, 1e-3 * largest, $"{name}, {parameter}");

        Dictionary<string, Tensor> Gradients()
        {
            model.zero_grad();
            model.call(clips).square().sum().backward();
            return model.named_parameters().Where(pair => pair.parameter.requires_grad).ToDictionary(pair => pair.name, pair => pair.parameter.grad!.clone());
        }
    }

    [Theory]
    [MemberData(nameof(Recognizers))]
    public void A_model_gives_the_same_whether_or_not_gradients_are_recorded(string name, RecognizerOptions options)
    {
        using var scope = NewDisposeScope();
        using VideoRecognizer model = TinyModels.Filled(new VideoRecognizer(options));
        Tensor clips = TinyModels.Numbers(3, 1, 2, 3, options.Frames, options.Backbone.Resolution, options.Backbone.Resolution);
        Tensor recorded = model.call(clips);
        Assert.True(recorded.requires_grad);
        using var frozen = no_grad();
        Assert.True(CpuKernels.Serve(zeros([1, options.Backbone.Width]), model.parameters()));
        Assert.True(Largest(model.call(clips).sub(recorded.detach())) < 1e-5, name);
    }

    /// <summary>Every method, and every way to choose what looks at other frames, in a width that the kernels take.</summary>
    public static TheoryData<string, RecognizerOptions> Recognizers()
    {
        VitOptions wide = TinyModels.Vit with { Width = 48 };
        RecognizerOptions zero = TinyModels.Recognizer with { Backbone = wide }, plain = zero with { Adapters = null, Heads = HeadSplit.Spatial };
        return new()
        {
            { "ZeroI2V", zero },
            { "folded", zero with { Adapters = null } },
            { "separate adapters", zero with { Adapters = new AdapterOptions { SeparateQueryKeyValue = true } } },
            { "nothing beyond the image model", plain },
            { "GELU", zero with { Backbone = wide with { Activation = MlpActivation.Gelu } } },
            { "wrapped", zero with { Heads = HeadSplit.Lowest(-1, 2) with { Border = BorderRule.Wrap } } },
            { "channels", zero with { Heads = HeadSplit.ChannelRanges(4, -1, 1) } },
            { "class token", zero with { Heads = HeadSplit.TokenShift(1, -1) } },
            { "LoRA", plain with { Lora = new LoraOptions { Rank = 2 } } },
            { "AIM", plain with { Aim = new AimOptions() } },
            { "ST-Adapter", plain with { StAdapter = new StAdapterOptions() } },
        };
    }

    [Fact]
    public void What_trains_or_is_in_other_numbers_is_left_to_libtorch()
    {
        using var scope = NewDisposeScope();
        Tensor x = zeros([2, 32]), trained = zeros([32]).requires_grad_();
        Assert.True(CpuKernels.Serve(x));
        Assert.False(CpuKernels.Serve(x, trained));
        Assert.True(CpuKernels.Serve(x.clone().requires_grad_()));
        Assert.False(CpuKernels.Serve(x.to(ScalarType.Float64)));
        Assert.False(CpuKernels.Serve(x, zeros([32]).to(ScalarType.BFloat16)));
        Assert.False(CpuKernels.Serve(zeros([2, 24])));
        Assert.False(CpuKernels.ServeSum(x, ScalarType.Float16));
        Assert.False(CpuKernels.ServeSum(x.to(ScalarType.BFloat16), ScalarType.BFloat16));
        using LayerNorm norm = nn.LayerNorm(32);
        Assert.True(ResidualStream.Norm(x, norm, ScalarType.BFloat16).requires_grad, "The norm's own weights train.");
        using var frozen = no_grad();
        Assert.True(CpuKernels.Serve(x, trained));
        Assert.True(CpuKernels.ServeSum(x, ScalarType.BFloat16));
        Assert.False(ResidualStream.Norm(x, norm, ScalarType.BFloat16).requires_grad);
    }

    /// <summary>Next to the largest of the numbers: small ones are differences of larger ones.</summary>
    private static void AssertClose(Tensor expected, Tensor found, double tolerance, double least = 0, string what = "")
    {
        Tensor wide = expected.to(ScalarType.Float64);
        double error = Largest(found.to(ScalarType.Float64).sub(wide)) / Math.Max(Largest(wide), least);
        Assert.True(error < tolerance, $"{what}: {error}");
    }

    private static double Largest(Tensor difference) => difference.abs().max().to(ScalarType.Float64).item<double>();
}
