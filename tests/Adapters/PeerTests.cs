using TorchSharp.Modules;
using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Stdha;
using ZeroI2V.Lab.Tests.Backbone;
using ZeroI2V.Lab.Training;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.Adapters;

public sealed class PeerTests
{
    public static TheoryData<string> Methods() => new(AdaptationMethod.All.Select(method => method.Key));

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_fresh_method_without_temporal_heads_changes_nothing_of_the_image_model(string method)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var image = TinyModels.Filled(new VisionTransformer(TinyModels.Vit));
        RecognizerOptions options = AdaptationMethod.Named(method).Apply(TinyModels.Recognizer) with { Heads = HeadSplit.Spatial, PoolBeforeNorm = false };
        using var model = new VideoRecognizer(options);
        model.eval();
        TinyModels.CopyShared(image, model, "backbone.");
        Tensor clips = TinyModels.Clips();
        Assert.True(TinyModels.Difference(image.call(clips), model.Features(clips)) < 1e-5);
    }

    [Theory]
    [InlineData("zeroi2v", true)]
    [InlineData("gelu-adapters", true)]
    [InlineData("frame-averaging", false)]
    [InlineData("linear-probe", false)]
    [InlineData("full-tuning", false)]
    [InlineData("lora", false)]
    [InlineData("st-adapter", true)]
    [InlineData("aim", true)]
    public void Only_methods_that_model_time_see_the_order_of_frames(string method, bool seesTime)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        // Without the temporal embedding, which would tell any frame when it is. AIM's attention over time sees the set of frames.
        RecognizerOptions options = AdaptationMethod.Named(method).Apply(TinyModels.Recognizer) with { TemporalEmbedding = method == "aim" };
        using var model = TinyModels.Filled(new VideoRecognizer(options));
        Tensor clips = TinyModels.Clips();
        double difference = TinyModels.Difference(model.call(clips), model.call(clips.flip(2)));
        Assert.True(seesTime ? difference > 1e-4 : difference < 1e-5, $"{difference}");
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void What_trains_is_what_the_method_says(string method)
    {
        using var scope = NewDisposeScope();
        // In evaluation mode: stochastic depth may take a whole path, and its gradient, away.
        using var model = TinyModels.Filled(new VideoRecognizer(AdaptationMethod.Named(method).Apply(TinyModels.Recognizer)));
        TrainableParameters.Freeze(model);
        model.call(TinyModels.Clips()).mul(TinyModels.Numbers(9, 1, 2, 5)).sum().backward();

        bool Trains(string name) => name.StartsWith("cls_head.", StringComparison.Ordinal) || method switch
        {
            "linear-probe" => false,
            "full-tuning" => true,
            "lora" => name.Contains("lora_", StringComparison.Ordinal),
            "st-adapter" => name.Contains("adapter_pre_mlp", StringComparison.Ordinal),
            _ => name.Contains("_Adapter", StringComparison.Ordinal) || name.Contains("temporal_embedding", StringComparison.Ordinal) || name.Contains("ln_post", StringComparison.Ordinal),
        };
        foreach ((string name, Parameter parameter) in model.named_parameters())
        {
            using Tensor? gradient = parameter.grad;
            Assert.True(Trains(name) == parameter.requires_grad, name);
            // The last block's ST-Adapter before the MLP changes patch tokens, which nothing reads any more.
            bool idle = name.Contains("resblocks.1.adapter_pre_mlp", StringComparison.Ordinal);
            Assert.True((Trains(name) && !idle) == (gradient is not null && gradient.abs().sum().item<float>() > 0), name);
        }
    }

    [Fact]
    public void Aim_and_st_adapter_have_the_names_of_their_official_checkpoints()
    {
        using var aim = new VideoRecognizer(AdaptationMethod.Aim.Apply(TinyModels.Recognizer) with { Aim = new AimOptions { TimeInput = true } });
        string[] names = [.. aim.state_dict().Keys.Where(name => name.Contains("_Adapter", StringComparison.Ordinal) && name.Contains("resblocks.1.", StringComparison.Ordinal))];
        Assert.Equal(
            new[] { "MLP_Adapter", "S_Adapter", "T_Adapter", "T_Adapter_in" }.SelectMany(adapter =>
                new[] { "D_fc1.bias", "D_fc1.weight", "D_fc2.bias", "D_fc2.weight" }.Select(part => $"backbone.transformer.resblocks.1.{adapter}.{part}")),
            names.Order(StringComparer.Ordinal));

        using var spatioTemporal = new VideoRecognizer(AdaptationMethod.StAdapter.Apply(TinyModels.Recognizer) with { StAdapter = new StAdapterOptions { BeforeAttention = true, LastBlocks = 1 } });
        Dictionary<string, Tensor> state = spatioTemporal.state_dict();
        Assert.Equal(
            new[] { "adapter_pre_attn", "adapter_pre_mlp" }.SelectMany(adapter =>
                new[] { "conv.bias", "conv.weight", "fc1.bias", "fc1.weight", "fc2.bias", "fc2.weight" }.Select(part => $"backbone.transformer.resblocks.1.{adapter}.{part}")),
            state.Keys.Where(name => name.Contains("adapter", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal([12, 1, 3, 1, 1], state["backbone.transformer.resblocks.1.adapter_pre_mlp.conv.weight"].shape);
    }

    /// <summary>One channel, one row of taps over three frames; outside the clip are zeros.</summary>
    [Fact]
    public void The_depthwise_convolution_by_hand()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var convolution = new DepthwiseConvolution(2, frames: 3, patches: 1);
        Dictionary<string, Parameter> p = convolution.named_parameters().ToDictionary(item => item.name, item => item.parameter);
        p["weight"].copy_(tensor(new float[] { 1, 10, 100, 2, 0, 0 }).reshape(2, 1, 3, 1, 1));
        p["bias"].copy_(tensor(new float[] { 0.5f, 0 }));
        // Three frames of one patch: channel 0 is 1 2 3, channel 1 is 4 5 6.
        Tensor x = tensor(new float[] { 1, 4, 2, 5, 3, 6 }).reshape(1, 3, 1, 1, 2);
        Assert.Equal([10 + 200 + 0.5f, 0, 1 + 20 + 300 + 0.5f, 8, 2 + 30 + 0.5f, 10], convolution.call(x).data<float>().ToArray());
    }

    [Fact]
    public void The_depthwise_convolution_spans_rows_and_columns_in_the_order_of_its_kernel()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var convolution = new DepthwiseConvolution(1, frames: 1, patches: 3);
        Parameter weight = convolution.named_parameters().Single(item => item.name == "weight").parameter;
        weight.copy_(arange(1, 10, dtype: ScalarType.Float32).reshape(1, 1, 1, 3, 3));
        Tensor x = arange(1, 7, dtype: ScalarType.Float32).reshape(1, 1, 2, 3, 1); // rows 1 2 3 and 4 5 6
        // As conv2d with a padding of one: at row 0, column 0 the taps 5 6 8 9 meet 1 2 4 5.
        Tensor expected = nn.functional.conv2d(x.reshape(1, 1, 2, 3), weight.reshape(1, 1, 3, 3), padding: [1, 1]);
        Assert.Equal(5 * 1 + 6 * 2 + 8 * 4 + 9 * 5, expected.data<float>().First());
        Assert.Equal(expected.data<float>().ToArray(), convolution.call(x).data<float>().ToArray());
    }

    [Fact]
    public void The_class_token_passes_by_an_st_adapter()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var adapter = TinyModels.Filled(new StAdapter(6, new StAdapterOptions()));
        Tensor x = TinyModels.Numbers(1, 1, 3, 5, 6), y = adapter.call(x, 3);
        Assert.Equal(0, TinyModels.Difference(x.narrow(1, 0, 1), y.narrow(1, 0, 1)));
        Assert.True(TinyModels.Difference(x.narrow(1, 1, 4), y.narrow(1, 1, 4)) > 1e-3);
    }

    /// <summary>
    /// A block of AIM written out: attention over the frames of each token place, then over the tokens of each frame, then the MLP
    /// with an adapter beside it.
    /// </summary>
    [Fact]
    public void A_block_of_aim_is_what_its_paper_says()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        RecognizerOptions options = AdaptationMethod.Aim.Apply(TinyModels.Recognizer) with { Aim = new AimOptions { Scale = 0.7, TimeInput = true } };
        using var block = TinyModels.Filled(new ResidualBlock(options.Backbone, 1, options));
        Tensor x = TinyModels.Numbers(3, 1, 2 * 3, 5, 24); // B 2, T 3, N 5
        StdhaAttention attention = block.Attention;
        LayerNorm first = block.Norms.First(), second = block.Norms.Last();

        Tensor overTime = zeros_like(x);
        for (int b = 0; b < 2; b++)
            for (int n = 0; n < 5; n++)
            {
                Tensor place = first.call(x.narrow(0, b * 3, 3).select(1, n)).unsqueeze(0); // (1, T, D)
                Tensor seen = Without(attention.call(With("T_Adapter_in", place, 1), 1), "T_Adapter");
                overTime.narrow(0, b * 3, 3).select(1, n).copy_(seen.squeeze(0));
            }
        Tensor expected = x.add(overTime);
        expected = expected.add(With("S_Adapter", attention.call(first.call(expected), 3), 1));
        Tensor normed = second.call(expected);
        expected = expected.add(block.Mlp.call(normed)).add(Without(normed, "MLP_Adapter") * 0.7);
        Assert.True(TinyModels.Difference(expected, block.call(x, 3)) < 1e-5);

        Tensor Without(Tensor input, string adapter)
        {
            Dictionary<string, Parameter> p = block.named_parameters().ToDictionary(item => item.name, item => item.parameter);
            Tensor hidden = nn.functional.gelu(nn.functional.linear(input, p[$"{adapter}.D_fc1.weight"], p[$"{adapter}.D_fc1.bias"]));
            return nn.functional.linear(hidden, p[$"{adapter}.D_fc2.weight"], p[$"{adapter}.D_fc2.bias"]);
        }

        Tensor With(string adapter, Tensor input, double scale) => input.add(Without(input, adapter) * scale);
    }

    [Fact]
    public void Stochastic_depth_acts_in_training_only_and_not_in_the_first_block()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        RecognizerOptions options = AdaptationMethod.Aim.Apply(TinyModels.Recognizer) with { Aim = new AimOptions { DropPath = 0.5 } };
        Tensor x = TinyModels.Numbers(3, 1, 3, 10, 24);
        foreach (int layer in new[] { 0, 1 })
        {
            using var block = TinyModels.Filled(new ResidualBlock(options.Backbone, layer, options));
            Tensor quiet = block.call(x, 3);
            block.train();
            double difference = Enumerable.Range(0, 4).Max(_ => TinyModels.Difference(quiet, block.call(x, 3)));
            Assert.True(layer == 0 ? difference == 0 : difference > 1e-3, $"{layer}: {difference}");
        }
    }

    [Fact]
    public void The_mean_may_come_before_the_last_norm()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var after = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer));
        using var before = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer with { PoolBeforeNorm = true }));
        var last = new List<Tensor>();
        Tensor clips = TinyModels.Clips(), features;
        using (new ForwardTap(before.Backbone, (point, block, tokens) =>
        {
            if (point == TapPoint.Block && block == 1)
                last.Add(tokens.clone().DetachFromDisposeScope());
        }))
            features = before.Features(clips);
        Assert.Equal([2, 24, 1], features.shape);
        Tensor expected = before.Backbone.LastNorm.call(last[0].select(1, 0).view(2, 3, 24).mean([1L])).unsqueeze(2);
        Assert.True(TinyModels.Difference(expected, features) < 1e-6);
        Assert.True(TinyModels.Difference(after.Features(clips).mean([2L], keepdim: true), features) > 1e-3);
        last[0].Dispose();
    }

    [Theory]
    [InlineData("gelu-adapters", "Adapters.Activation is Gelu")]
    [InlineData("aim", "Aim is set")]
    [InlineData("st-adapter", "StAdapter is set")]
    public void What_cannot_be_folded_says_so_by_name(string method, string expected)
    {
        RecognizerOptions options = AdaptationMethod.Named(method).Apply(TinyModels.Recognizer);
        Assert.StartsWith(expected, Assert.Single(options.FoldingObstacles()), StringComparison.Ordinal);
        Assert.Contains(expected, Assert.Throws<NotSupportedException>(() => options.Folded()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_of_peers_that_do_not_fit_are_refused()
    {
        RecognizerOptions aim = AdaptationMethod.Aim.Apply(TinyModels.Recognizer), st = AdaptationMethod.StAdapter.Apply(TinyModels.Recognizer);
        (RecognizerOptions Options, string Expected)[] cases =
        [
            (aim with { Adapters = new AdapterOptions() }, "Set Adapters to null"),
            (aim with { Aim = new AimOptions { DropPath = 1 } }, "DropPath is 1"),
            (aim with { Aim = new AimOptions { BottleneckRatio = 0 } }, "ratio of 0"),
            (aim with { Tuning = (BackboneTuning)7 }, "Tuning is 7"),
            (st with { StAdapter = new StAdapterOptions { KernelFrames = 2 } }, "2 frames"),
            (st with { StAdapter = new StAdapterOptions { BeforeMlp = false } }, "no place"),
            (st with { StAdapter = new StAdapterOptions { LastBlocks = 3 } }, "has 2"),
            (st with { StAdapter = new StAdapterOptions { BottleneckRatio = 0.001 } }, "0.001"),
        ];
        foreach ((RecognizerOptions options, string expected) in cases)
            Assert.Contains(expected, Assert.Throws<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);
        Assert.Contains("choose one of zeroi2v", Assert.Throws<ArgumentException>(() => AdaptationMethod.Named("none")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_are_left_alone_are_not_written()
    {
        // Runs that were finished before a peer came keep their names and can be reused.
        string json = TinyModels.Recognizer.ToJson();
        Assert.DoesNotContain("Aim", json, StringComparison.Ordinal);
        Assert.DoesNotContain("Tuning", json, StringComparison.Ordinal);
        foreach (AdaptationMethod method in AdaptationMethod.All)
        {
            RecognizerOptions options = method.Apply(TinyModels.Recognizer);
            Assert.Equal(options, RecognizerOptions.FromJson(options.ToJson()));
        }
    }

    [Fact]
    public void A_setting_may_name_an_option_that_files_leave_out()
    {
        RecognizerOptions changed = RunJson.With(AdaptationMethod.Aim.Apply(TinyModels.Recognizer), ["tuning=Full", "aim.timeInput=true", "stAdapter={\"beforeAttention\":true}"]);
        Assert.Equal(BackboneTuning.Full, changed.Tuning);
        Assert.True(changed.Aim!.TimeInput);
        Assert.True(changed.StAdapter!.BeforeAttention);
    }
}
