using TorchSharp.Modules;
using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Stdha;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.Backbone;

public sealed class VideoRecognizerTests
{
    [Fact]
    public void Fresh_adapters_without_offsets_give_what_clip_gives_for_each_frame()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var image = TinyModels.Filled(new VisionTransformer(TinyModels.Vit));
        using var model = new VideoRecognizer(TinyModels.Recognizer with { Heads = HeadSplit.Spatial });
        model.eval();
        TinyModels.CopyShared(image, model, "backbone.");
        Tensor clips = TinyModels.Clips();

        Tensor features = model.Features(clips); // (B, D, T)
        for (int t = 0; t < 3; t++)
            Assert.True(TinyModels.Difference(image.call(clips.select(2, t)), features.select(2, t)) < 1e-5);
    }

    [Fact]
    public void The_image_model_takes_clips_frame_by_frame()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var image = TinyModels.Filled(new VisionTransformer(TinyModels.Vit));
        Tensor clips = TinyModels.Clips(frames: 5);
        Tensor features = image.call(clips);
        Assert.Equal([2, 24, 5], features.shape);
        Assert.True(TinyModels.Difference(image.call(clips.select(2, 4)), features.select(2, 4)) < 1e-5);
    }

    [Fact]
    public void Offsets_of_zero_are_plain_attention()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var plain = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer with { Heads = HeadSplit.Spatial }));
        using var zeroes = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer with { Heads = HeadSplit.Lowest(0, 0, 0, 0) }));
        using var beyond = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer with { Heads = HeadSplit.Lowest(3, -3, 7) }));
        using var temporal = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer));
        Tensor clips = TinyModels.Clips();
        Tensor expected = plain.Features(clips);
        Assert.Equal(0, TinyModels.Difference(expected, zeroes.Features(clips)));
        // With three frames an offset of three never lands inside the clip: every head sees its own frame.
        Assert.True(TinyModels.Difference(expected, beyond.Features(clips)) < 1e-5);
        Assert.True(TinyModels.Difference(expected, temporal.Features(clips)) > 1e-2);
    }

    [Fact]
    public void Offsets_of_a_layer_act_in_that_layer_only()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var plain = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer with { Heads = HeadSplit.Spatial }));
        using var second = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer with { Heads = HeadSplit.ByLayer([], [1]) }));
        Tensor clips = TinyModels.Clips();
        var blocks = new Dictionary<(string, int), Tensor>();
        foreach (var (name, model) in new[] { ("plain", plain), ("second", second) })
            using (new ForwardTap(model.Backbone, (point, block, x) =>
            {
                if (point == TapPoint.Block)
                    blocks[(name, block)] = x.clone().DetachFromDisposeScope();
            }))
                model.Features(clips);
        Assert.Equal(0, TinyModels.Difference(blocks[("plain", 0)], blocks[("second", 0)]));
        Assert.True(TinyModels.Difference(blocks[("plain", 1)], blocks[("second", 1)]) > 1e-3);
        foreach (Tensor block in blocks.Values)
            block.Dispose();
    }

    [Fact]
    public void Temporal_heads_make_the_order_of_frames_matter()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var options = TinyModels.Recognizer with { TemporalEmbedding = false };
        Tensor clips = TinyModels.Clips(), reversed = clips.flip(2);
        using var averaging = TinyModels.Filled(new VideoRecognizer(options with { Heads = HeadSplit.Spatial }));
        using var temporal = TinyModels.Filled(new VideoRecognizer(options with { Heads = HeadSplit.Lowest(-1) }));
        Assert.True(TinyModels.Difference(averaging.call(clips), averaging.call(reversed)) < 1e-5);
        Assert.True(TinyModels.Difference(temporal.call(clips), temporal.call(reversed)) > 1e-4);
    }

    [Fact]
    public void The_state_has_the_official_names()
    {
        using var model = new VideoRecognizer(TinyModels.Recognizer);
        string[] names = [.. model.state_dict().Keys];
        Assert.Equal(names.Order(StringComparer.Ordinal), model.named_parameters().Select(item => item.name).Order(StringComparer.Ordinal));
        string[] block =
        [
            "attn.in_proj_weight", "attn.in_proj_bias", "attn.out_proj.weight", "attn.out_proj.bias", "ln_1.weight", "ln_1.bias",
            "mlp.c_fc.weight", "mlp.c_fc.bias", "mlp.c_proj.weight", "mlp.c_proj.bias", "ln_2.weight", "ln_2.bias",
            .. new[] { "T_Adapter_in", "S_Adapter", "MLP_Adapter", "MLP_Adapter_out" }.SelectMany(adapter =>
                new[] { "D_fc1.weight", "D_fc1.bias", "D_fc2.weight", "D_fc2.bias" }.Select(part => $"{adapter}.{part}")),
        ];
        string[] expected =
        [
            "backbone.class_embedding", "backbone.positional_embedding", "backbone.temporal_embedding", "backbone.conv1.weight",
            "backbone.ln_pre.weight", "backbone.ln_pre.bias", "backbone.ln_post.weight", "backbone.ln_post.bias", "cls_head.fc_cls.weight", "cls_head.fc_cls.bias",
            .. new[] { 0, 1 }.SelectMany(layer => block.Select(part => $"backbone.transformer.resblocks.{layer}.{part}")),
        ];
        Assert.Equal(expected.Order(StringComparer.Ordinal), names.Order(StringComparer.Ordinal));
    }

    public static TheoryData<string, RecognizerOptions> Variants() => new()
    {
        { "all", TinyModels.Recognizer },
        { "none", TinyModels.Recognizer with { Adapters = null, TemporalEmbedding = false } },
        { "two places", TinyModels.Recognizer with { Adapters = new AdapterOptions { Places = AdapterPlaces.AttentionOutput | AdapterPlaces.MlpOutput, BottleneckRatio = 0.125 } } },
        { "separate adapters", TinyModels.Recognizer with { Adapters = new AdapterOptions { SeparateQueryKeyValue = true } } },
        { "LoRA", AdaptationMethod.Lora.Apply(TinyModels.Recognizer) with { Lora = new LoraOptions { Rank = 2, Targets = LoraTargets.Queries | LoraTargets.Keys | LoraTargets.Values } } },
        { "AIM", AdaptationMethod.Aim.Apply(TinyModels.Recognizer) with { Aim = new AimOptions { TimeInput = true, BottleneckRatio = 0.125 } } },
        { "ST-Adapter", AdaptationMethod.StAdapter.Apply(TinyModels.Recognizer) with { StAdapter = new StAdapterOptions { BeforeAttention = true, LastBlocks = 1, KernelPatches = 3 } } },
        { "narrow MLP", TinyModels.Recognizer with { Backbone = TinyModels.Vit with { MlpHidden = 10, Layers = 1 } } },
    };

    [Theory]
    [MemberData(nameof(Variants))]
    public void Names_and_shapes_are_known_from_the_options_alone(string what, RecognizerOptions options)
    {
        using var model = new VideoRecognizer(options);
        Assert.True(what.Length > 0);
        Assert.Equal(
            model.named_parameters().Select(item => $"{item.name} {string.Join('x', item.parameter.shape)}").Order(StringComparer.Ordinal),
            ParameterShapes.Of(options).Select(item => $"{item.Name} {string.Join('x', item.Shape)}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Names_and_shapes_of_an_image_model_include_its_projection()
    {
        var options = TinyModels.Vit with { Projection = 7 };
        using var model = new VisionTransformer(options);
        Assert.Equal(
            model.named_parameters().Select(item => $"{item.name} {string.Join('x', item.parameter.shape)}").Order(StringComparer.Ordinal),
            ParameterShapes.Of(options).Select(item => $"{item.Name} {string.Join('x', item.Shape)}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_temporal_embedding_starts_at_zero()
    {
        using var scope = NewDisposeScope();
        using var model = new VideoRecognizer(TinyModels.Recognizer);
        Assert.Equal(0, model.state_dict()["backbone.temporal_embedding"].abs().max().item<float>());
    }

    [Theory]
    [InlineData(2, 3, 4, 12, 12, "temporal embedding has 3")]
    [InlineData(2, 1, 3, 12, 12, "expected (B, 3, 12, 12)")]
    [InlineData(2, 3, 3, 8, 12, "expected (B, 3, 12, 12)")]
    [InlineData(0, 3, 3, 12, 12, "expected (B, 3, 12, 12)")]
    public void Clips_of_another_shape_are_refused(int batch, int channels, int frames, int height, int width, string expected)
    {
        using var scope = NewDisposeScope();
        using var model = new VideoRecognizer(TinyModels.Recognizer);
        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => model.call(zeros([batch, channels, frames, height, width]))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => model.call(zeros(2, 3, 12, 12)));
    }

    [Theory]
    [InlineData(5, 12, 4, "4 heads do not divide")]
    [InlineData(24, 10, 4, "do not tile")]
    [InlineData(24, 12, 0, "Heads is 0")]
    public void Sizes_that_do_not_fit_are_refused(int width, int resolution, int heads, string expected)
    {
        if (width == 5)
            width = 25;
        var options = TinyModels.Vit with { Width = width, Resolution = resolution, Heads = heads };
        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => new VisionTransformer(options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_survive_json_and_unknown_names_do_not()
    {
        RecognizerOptions options = TinyModels.Recognizer with
        {
            Heads = HeadSplit.ByLayer([-1, 1], [2]) with { Border = BorderRule.Wrap },
            Adapters = new AdapterOptions { Places = AdapterPlaces.AttentionInput | AdapterPlaces.MlpOutput, Scale = 1 },
            HeadDropout = 0.25,
        };
        Assert.Equal(options, RecognizerOptions.FromJson(options.ToJson()));
        Assert.Equal(options with { Adapters = null }, RecognizerOptions.FromJson((options with { Adapters = null }).ToJson()));
        string typo = options.ToJson().Replace("\"Frames\"", "\"Frame\"", StringComparison.Ordinal);
        Assert.Contains("Frame", Assert.Throws<ArgumentException>(() => RecognizerOptions.FromJson(typo)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"Backbone":null,"Frames":8,"Classes":5}""")]
    [InlineData("""{"Backbone":{"Width":24,"Layers":2,"Heads":4,"PatchSize":4,"Resolution":12},"Frames":8,"Classes":5,"Heads":null}""")]
    [InlineData("""{"Backbone":{"Width":24,"Layers":2,"Heads":4,"PatchSize":4,"Resolution":12},"Frames":8,"Classes":5,"Heads":{"LowestByLayer":[null]}}""")]
    [InlineData("""{"Backbone":{"Width":24,"Layers":2,"Heads":4,"PatchSize":4,"Resolution":12},"Frames":8,"Classes":5,"Heads":{"LowestByLayer":[[1,2,3,4,5]]}}""")]
    [InlineData("""{"Backbone":{"Width":24,"Layers":2,"Heads":4,"PatchSize":4,"Resolution":12},"Frames":8,"Classes":5,"Adapters":{"Scale":1e999}}""")]
    public void Options_that_make_no_model_are_refused(string json) =>
        Assert.ThrowsAny<ArgumentException>(() => RecognizerOptions.FromJson(json));

    [Fact]
    public void The_official_presets_have_the_published_offsets()
    {
        Assert.Equal("−1 +1", Presets.ViTB16.Kinetics400_8x16.Heads.ToString());
        Assert.Equal("−1 +1 −2 +2", Presets.ViTB16.Ssv2_16.Heads.ToString());
        Assert.Equal("−1 −1 +1 +1", Presets.ViTL14.Kinetics400_8x16.Heads.ToString());
        Assert.Equal("−1 −1 +1 +1 −2 −2", Presets.ViTL14.Kinetics400_32x4.Heads.ToString());
        Assert.Equal("−1 −1 +1 +1 −2 +2 −3", Presets.ViTL14.Ssv2_32.Heads.ToString());
        Assert.All(
            [Presets.ViTB16.Kinetics400_8x16, Presets.ViTB16.Ssv2_16, Presets.ViTB16.Ucf101_8, Presets.ViTB16.Ucf101_32, Presets.ViTB16.Hmdb51_8, Presets.ViTB16.Hmdb51_32, Presets.ViTL14.Kinetics400_8x16, Presets.ViTL14.Kinetics400_32x4, Presets.ViTL14.Ssv2_32],
            preset => preset.Validate());
    }

    [Fact]
    public void The_patch_embedding_is_the_convolution_of_clip()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var image = TinyModels.Filled(new VisionTransformer(TinyModels.Vit with { Layers = 1 }));
        // Without positions, norms at rest: tokens before the blocks are the normalised patches.
        Dictionary<string, Parameter> p = image.named_parameters().ToDictionary(item => item.name, item => item.parameter);
        p["positional_embedding"].zero_();
        p["ln_pre.weight"].fill_(1);
        p["ln_pre.bias"].zero_();
        Tensor images = TinyModels.Numbers(4, 1, 2, 3, 12, 12);
        Tensor? tokens = null;
        using (new ForwardTap(image, (point, _, x) => tokens = point == TapPoint.FirstNorm ? x.clone().DetachFromDisposeScope() : tokens))
            image.call(images);
        Tensor patches = nn.functional.conv2d(images, p["conv1.weight"], strides: [4, 4]).flatten(2).transpose(1, 2);
        Tensor expected = nn.functional.layer_norm(patches, [24]);
        Assert.True(TinyModels.Difference(expected, tokens!.narrow(1, 1, 9)) < 1e-5);
        tokens.Dispose();
    }
}
