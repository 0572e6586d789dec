using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.Reparameterization;
using ZeroI2V.Lab.Stdha;
using ZeroI2V.Lab.Tests.Backbone;
using ZeroI2V.Lab.Tests.Checkpoints;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.Reparameterization;

public sealed class FoldingTests
{
    public static TheoryData<AdapterPlaces, double, double> Cases() => new()
    {
        { AdapterPlaces.All, 0.5, 0.25 },
        { AdapterPlaces.All, 1, 0.125 },
        { AdapterPlaces.AttentionInput, 1, 0.25 },
        { AdapterPlaces.AttentionOutput, 1, 0.25 },
        { AdapterPlaces.MlpInput, 1, 0.25 },
        { AdapterPlaces.MlpOutput, 1, 0.25 },
        { AdapterPlaces.AttentionInput | AdapterPlaces.MlpOutput, -0.7, 1 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_folded_model_has_the_same_output(AdapterPlaces places, double scale, double ratio)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var options = TinyModels.Recognizer with { Adapters = new AdapterOptions { Places = places, Scale = scale, BottleneckRatio = ratio } };
        using var model = TinyModels.Filled(new VideoRecognizer(options));
        using VideoRecognizer folded = Folding.Fold(model);
        using var bare = TinyModels.Filled(new VideoRecognizer(options with { Adapters = null }));
        TinyModels.CopyShared(model, bare);
        Tensor clips = TinyModels.Clips();

        Assert.True(TinyModels.Difference(model.Features(clips), folded.Features(clips)) < 1e-5);
        Assert.True(TinyModels.Difference(model.call(clips), folded.call(clips)) < 1e-5);
        // The adapters did something, so their folding was put to the test.
        Assert.True(TinyModels.Difference(model.Features(clips), bare.Features(clips)) > 1e-2);
    }

    public static TheoryData<string, RecognizerOptions> Variants() => new()
    {
        { "separate adapters", TinyModels.Recognizer with { Adapters = new AdapterOptions { SeparateQueryKeyValue = true } } },
        { "separate adapters alone", TinyModels.Recognizer with { Adapters = new AdapterOptions { SeparateQueryKeyValue = true, Places = AdapterPlaces.AttentionInput } } },
        { "LoRA", AdaptationMethod.Lora.Apply(TinyModels.Recognizer) },
        { "LoRA behind adapters", TinyModels.Recognizer with { Lora = new LoraOptions { Rank = 3, Alpha = 5, Targets = LoraTargets.Queries | LoraTargets.Keys | LoraTargets.Values } } },
        { "LoRA behind separate adapters", TinyModels.Recognizer with { Adapters = new AdapterOptions { SeparateQueryKeyValue = true }, Lora = new LoraOptions() } },
        { "half heads", TinyModels.Recognizer with { Heads = HeadSplit.ChannelRanges(3, -1, 1) } },
        { "channel shift", TinyModels.Recognizer with { Heads = HeadSplit.ChannelShift(2, -1, 1) } },
        { "token shift", TinyModels.Recognizer with { Heads = HeadSplit.TokenShift(6, -1, 1) } },
        { "queries too", TinyModels.Recognizer with { Heads = HeadSplit.Lowest(-1, 1) with { Parts = ShiftedParts.QueriesKeysAndValues } } },
        { "clamped", TinyModels.Recognizer with { Heads = HeadSplit.Lowest(-2, 2) with { Border = BorderRule.Clamp } } },
        { "mean before the norm", TinyModels.Recognizer with { PoolBeforeNorm = true } },
    };

    [Theory]
    [MemberData(nameof(Variants))]
    public void Every_option_that_can_be_folded_gives_the_same_output(string what, RecognizerOptions options)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var model = TinyModels.Filled(new VideoRecognizer(options));
        using VideoRecognizer folded = Folding.Fold(model);
        Assert.Equal(options with { Adapters = null, Lora = null }, folded.Options);
        FoldingReport report = FoldingReport.Compare(model, folded, TinyModels.Clips());
        Assert.True(report.Equal, $"{what}: {report.Features}, {report.Logits}, {report.Keys}");
        // What was folded did something.
        using var bare = TinyModels.Filled(new VideoRecognizer(options with { Adapters = null, Lora = null }));
        TinyModels.CopyShared(model, bare);
        Assert.True(TinyModels.Difference(model.Features(TinyModels.Clips()), bare.Features(TinyModels.Clips())) > 1e-3);
    }

    [Fact]
    public void The_folded_image_model_has_exactly_the_keys_and_shapes_of_clip()
    {
        using var model = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer));
        using VideoRecognizer folded = Folding.Fold(model);
        using var plain = new VisionTransformer(TinyModels.Vit);
        string[] expected = [.. plain.named_parameters().Select(item => $"visual.{item.name} {string.Join('x', item.parameter.shape)}").Order(StringComparer.Ordinal)];
        string[] found = [.. FoldedFile.Tensors(folded).Where(pair => pair.Key.StartsWith("visual.", StringComparison.Ordinal)).Select(pair => $"{pair.Key} {string.Join('x', pair.Value.shape)}").Order(StringComparer.Ordinal)];
        Assert.Equal(expected, found);
        Assert.Contains("visual.transformer.resblocks.1.attn.in_proj_weight 72x24", found);
        Assert.Equal(
            ["cls_head.fc_cls.bias", "cls_head.fc_cls.weight", "temporal_embedding"],
            FoldedFile.Tensors(folded).Keys.Where(name => !name.StartsWith("visual.", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_report_tells_equal_models_from_others()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer));
        using VideoRecognizer folded = Folding.Fold(model);
        FoldingReport report = FoldingReport.Compare(model, folded, TinyModels.Clips());
        Assert.True(report.Equal);
        Assert.Equal(2, report.Blocks.Count);
        Assert.All(report.Blocks, difference => Assert.InRange(difference, 1e-12, 1e-5));
        Assert.Equal("CLIP's 31 keys and shapes exactly, 0 parameters added", report.Keys.ToString());

        using (no_grad())
            folded.named_parameters().Single(item => item.name == "backbone.transformer.resblocks.1.ln_2.bias").parameter.add_(1e-3);
        FoldingReport changed = FoldingReport.Compare(model, folded, TinyModels.Clips());
        Assert.False(changed.Equal);
        Assert.True(changed.Blocks[0] < 1e-5);
        Assert.True(changed.Blocks[1] > 1e-5);
    }

    [Fact]
    public void The_unfolded_model_is_left_as_it_was()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var model = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer));
        Tensor clips = TinyModels.Clips();
        Tensor before = model.call(clips);
        using VideoRecognizer folded = Folding.Fold(model);
        Assert.Equal(0, TinyModels.Difference(before, model.call(clips)));
    }

    [Fact]
    public void Adapters_with_gelu_are_refused_by_name()
    {
        using var model = new VideoRecognizer(TinyModels.Recognizer with { Adapters = new AdapterOptions { Activation = AdapterActivation.Gelu } });
        NotSupportedException error = Assert.Throws<NotSupportedException>(() => Folding.Fold(model));
        Assert.Contains("Gelu", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folded_file_loads_as_a_plain_image_model_and_as_the_recogniser()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var folder = new TemporaryFolder();
        using var model = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer));
        using VideoRecognizer folded = Folding.Fold(model);
        string path = folder["folded.safetensors"];
        FoldedFile.Save(folded, path);

        using VideoRecognizer again = VideoRecognizer.Open(path);
        again.eval();
        Tensor clips = TinyModels.Clips();
        Assert.Equal(0, TinyModels.Difference(folded.call(clips), again.call(clips)));
        Assert.Equal(TinyModels.Recognizer with { Adapters = null }, again.Options);

        using var plain = new VisionTransformer(TinyModels.Vit);
        using WeightSet weights = SafeTensors.Read(path);
        LoadReport report = plain.Load(weights);
        Assert.Equal(["cls_head.fc_cls.bias", "cls_head.fc_cls.weight", "temporal_embedding"], report.LeftOut.Order(StringComparer.Ordinal));
        Assert.Equal(plain.parameters().Count(), report.Loaded.Count);
    }

    [Theory]
    [InlineData(WeightNaming.HuggingFace)]
    [InlineData(WeightNaming.Timm)]
    public void In_the_names_of_another_family_the_keys_are_exactly_that_familys(WeightNaming naming)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var folder = new TemporaryFolder();
        VitOptions vit = naming == WeightNaming.Timm ? TinyModels.Vit with { Activation = MlpActivation.Gelu, LayerNormEps = 1e-6, WithoutFirstNorm = true } : TinyModels.Vit;
        using var model = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer with { Backbone = vit }));
        using VideoRecognizer folded = Folding.Fold(model);
        using var plain = new VisionTransformer(vit);
        Dictionary<string, Tensor> family = naming == WeightNaming.Timm ? TowerNamingTests.Timm(plain, zeros(24)) : TowerNamingTests.HuggingFace(plain);
        string[] found = [.. FoldedFile.Tensors(folded, naming).Where(pair => pair.Key != "temporal_embedding" && !pair.Key.StartsWith("cls_head.", StringComparison.Ordinal)).Select(Described).Order(StringComparer.Ordinal)];
        Assert.Equal(family.Select(Described).Order(StringComparer.Ordinal), found);
        Assert.True(KeyComparison.Of(folded, naming).Same);

        // The file is that family's image model to whoever reads it without the lab's metadata, and the recogniser to the lab.
        FoldedFile.Save(folded, folder["folded"], naming: naming);
        using (WeightSet saved = SafeTensors.Read(folder["folded"]))
        using (var bare = new WeightSet("bare", saved.Tensors.Where(pair => family.ContainsKey(pair.Key)).ToDictionary(pair => pair.Key, pair => pair.Value.clone())))
            Assert.Equal(plain.parameters().Count(), plain.Load(bare).Loaded.Count);
        using VideoRecognizer again = VideoRecognizer.Open(folder["folded"]);
        again.eval();
        Assert.Equal(0, TinyModels.Difference(folded.call(TinyModels.Clips()), again.call(TinyModels.Clips())));

        static string Described(KeyValuePair<string, Tensor> pair) => $"{pair.Key} {string.Join('x', pair.Value.shape)}";
    }

    [Theory]
    [InlineData(WeightNaming.Clip)]
    [InlineData(WeightNaming.HuggingFace)]
    public void The_folded_image_model_has_the_names_in_which_it_came_through_saving_and_opening(WeightNaming naming)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var folder = new TemporaryFolder();
        using var image = TinyModels.Filled(new VisionTransformer(TinyModels.Vit));
        if (naming == WeightNaming.Clip)
            image.Save(folder["image"]);
        else
            SafeTensors.Write(folder["image"], TowerNamingTests.HuggingFace(image), new Dictionary<string, string>());
        using var adapted = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer));
        adapted.LoadBackbone(folder["image"]);
        adapted.Save(folder["adapted"]);
        using VideoRecognizer model = VideoRecognizer.Open(folder["adapted"]);
        using VideoRecognizer folded = Folding.Fold(model);
        FoldedFile.Save(folded, folder["folded"]);

        using WeightSet saved = SafeTensors.Read(folder["folded"]);
        Assert.Equal(naming == WeightNaming.HuggingFace, saved.Tensors.ContainsKey("vision_model.embeddings.class_embedding"));
        Assert.Equal(naming == WeightNaming.Clip, saved.Tensors.ContainsKey("visual.class_embedding"));
        using VideoRecognizer again = VideoRecognizer.Open(folder["folded"]);
        Assert.Equal(naming, again.ImageNaming);
    }

    [Fact]
    public void Names_that_nobody_has_are_an_error()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        using var model = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer));
        model.Save(folder["model"]);
        using WeightSet weights = SafeTensors.Read(folder["model"]);
        SafeTensors.Write(folder["odd"], weights.Tensors, new Dictionary<string, string>(weights.Metadata) { ["zeroi2v.image_naming"] = "Klip" });
        Assert.Contains("'Klip'; expected one of Clip, HuggingFace, Timm", Assert.Throws<CheckpointException>(() => VideoRecognizer.Open(folder["odd"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_without_a_first_norm_has_no_names_in_clip()
    {
        using var model = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer with { Backbone = TinyModels.Vit with { WithoutFirstNorm = true } }));
        using VideoRecognizer folded = Folding.Fold(model);
        using var scope = NewDisposeScope();
        Assert.Contains("Timm", Assert.Throws<ArgumentException>(() => FoldedFile.Tensors(folded)).Message, StringComparison.Ordinal);
    }
}
