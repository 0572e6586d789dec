using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.Stdha;
using ZeroI2V.Lab.Tests.Backbone;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.Checkpoints;

public sealed class WeightLoadingTests
{
    private static WeightSet Weights(Action<Dictionary<string, Tensor>>? change = null, VitOptions? options = null)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Filled(new VisionTransformer(options ?? TinyModels.Vit));
        Dictionary<string, Tensor> tensors = model.named_parameters().ToDictionary(item => "visual." + item.name, item => item.parameter.detach().clone());
        change?.Invoke(tensors);
        return new WeightSet("image.safetensors", tensors);
    }

    [Fact]
    public void An_image_model_survives_its_file()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var folder = new TemporaryFolder();
        var options = TinyModels.Vit with { Projection = 7 };
        using var model = TinyModels.Filled(new VisionTransformer(options));
        model.Save(folder["m.safetensors"], new Dictionary<string, string> { ["seed"] = "3" });
        using var again = new VisionTransformer(options);
        again.eval();
        using WeightSet weights = SafeTensors.Read(folder["m.safetensors"]);
        LoadReport report = again.Load(weights);
        Tensor images = TinyModels.Numbers(1, 1, 2, 3, 12, 12);
        Assert.Equal(0, TinyModels.Difference(model.Project(model.call(images)), again.Project(again.call(images))));
        Assert.Empty(report.LeftOut);
        Assert.Equal("3", weights.Metadata["seed"]);
        Assert.Equal(options, VitSizes.Infer(weights, heads: 4));
    }

    [Fact]
    public void A_backbone_takes_everything_but_what_an_image_model_cannot_know()
    {
        using var recognizer = new VideoRecognizer(TinyModels.Recognizer);
        using WeightSet weights = Weights(options: TinyModels.Vit with { Projection = 7 });
        LoadReport report = recognizer.LoadBackbone(weights);
        Assert.Equal(["proj"], report.LeftOut);
        Assert.Equal(weights.Tensors.Count - 1, report.Loaded.Count);
        Assert.All(report.LeftAtStart, name => Assert.True(name.Contains("Adapter", StringComparison.Ordinal) || name is "backbone.temporal_embedding" or "cls_head.fc_cls.weight" or "cls_head.fc_cls.bias"));
        Assert.Equal(recognizer.named_parameters().Count(), report.Loaded.Count + report.LeftAtStart.Count);
        using var scope = NewDisposeScope();
        foreach (var (name, parameter) in recognizer.Backbone.named_parameters())
            if (weights.Tensors.TryGetValue("visual." + name, out Tensor? value))
                Assert.Equal(0, TinyModels.Difference(value, parameter));
    }

    [Fact]
    public void Everything_that_does_not_fit_is_listed_in_one_error_and_nothing_is_changed()
    {
        using var scope = NewDisposeScope();
        using var recognizer = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer), seed: 100);
        Tensor before = recognizer.state_dict()["backbone.class_embedding"].detach().clone();
        using WeightSet weights = Weights(tensors =>
        {
            tensors.Remove("visual.ln_pre.bias");
            tensors.Remove("visual.transformer.resblocks.1.mlp.c_fc.weight");
            tensors["visual.surplus"] = zeros(1);
            tensors["elsewhere"] = zeros(1);
            tensors["visual.positional_embedding"] = zeros(6, 24); // no square of patches, so it cannot be resized
            tensors["visual.ln_post.bias"] = zeros(24, dtype: ScalarType.Int64);
        });
        CheckpointException error = Assert.Throws<CheckpointException>(() => recognizer.LoadBackbone(weights));
        Assert.Equal(CheckpointFault.Keys, error.Fault);
        foreach (string part in new[]
        {
            "Missing (2): ", "ln_pre.bias", "transformer.resblocks.1.mlp.c_fc.weight", "Unexpected (2): ", "surplus", "elsewhere",
            "positional_embedding [6, 24] instead of [10, 24]", "ln_post.bias of Int64", "image.safetensors",
        })
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.Equal(0, TinyModels.Difference(before, recognizer.state_dict()["backbone.class_embedding"]));
    }

    [Fact]
    public void Half_precision_is_widened()
    {
        using var scope = NewDisposeScope();
        using var model = new VisionTransformer(TinyModels.Vit);
        using WeightSet weights = Weights(tensors => tensors["visual.conv1.weight"] = tensors["visual.conv1.weight"].to(ScalarType.Float16));
        model.Load(weights);
        Tensor loaded = model.state_dict()["conv1.weight"];
        Assert.Equal(ScalarType.Float32, loaded.dtype);
        Assert.Equal(0, TinyModels.Difference(weights["visual.conv1.weight"], loaded));
    }

    [Fact]
    public void Weights_that_are_no_numbers_are_reported_by_name()
    {
        using var scope = NewDisposeScope();
        using var model = new VisionTransformer(TinyModels.Vit);
        using WeightSet weights = Weights(tensors =>
        {
            tensors["visual.ln_pre.bias"] = tensors["visual.ln_pre.bias"].fill_(float.NaN);
            tensors["visual.conv1.weight"] = tensors["visual.conv1.weight"].fill_(float.NegativeInfinity);
        });
        LoadReport report = model.Load(weights);
        Assert.Equal(["conv1.weight", "ln_pre.bias"], report.NotFinite.Order(StringComparer.Ordinal));
        Assert.Contains("ln_pre.bias", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Clip_as_published_becomes_a_backbone_without_its_text_tower()
    {
        using var recognizer = new VideoRecognizer(TinyModels.Recognizer with
        {
            Backbone = new VitOptions { Width = 128, Layers = 2, Heads = 2, PatchSize = 8, Resolution = 32 },
        });
        string path = Path.Combine(AppContext.BaseDirectory, "assets", "parity", "clip_open", "clip_like.pt");
        LoadReport report = recognizer.LoadBackbone(path);
        Assert.Equal(recognizer.Backbone.named_parameters().Count(item => !item.name.Contains("Adapter", StringComparison.Ordinal) && item.name != "temporal_embedding"), report.Loaded.Count);
        Assert.Contains("proj", report.LeftOut);
        Assert.Contains("token_embedding.weight", report.LeftOut);
        Assert.Contains("vocab_size", report.LeftOut);
        Assert.Contains("transformer.resblocks.0.attn.in_proj_weight", report.LeftOut);
        using WeightSet weights = WeightFile.Read(path);
        Assert.Equal(recognizer.Options.Backbone with { Projection = 40 }, VitSizes.Infer(weights));
    }

    [Fact]
    public void An_official_checkpoint_tells_all_but_offsets_scale_heads_and_activation()
    {
        using WeightSet weights = WeightFile.Read(Path.Combine(AppContext.BaseDirectory, "assets", "parity", "ablation_open", "checkpoint.pth"));
        RecognizerOptions options = RecognizerSizes.Infer(weights, HeadSplit.Lowest(-1, 1, -2, 2), scale: 1, heads: 12, AdapterActivation.None);
        Assert.Equal(
            new RecognizerOptions
            {
                Backbone = new VitOptions { Width = 96, Layers = 3, Heads = 12, PatchSize = 16, Resolution = 64 },
                Frames = 16,
                Classes = 5,
                Heads = HeadSplit.Lowest(-1, 1, -2, 2),
                Adapters = new AdapterOptions { Scale = 1 },
            },
            options);
        using var recognizer = new VideoRecognizer(options);
        Assert.Equal(weights.Tensors.Count, recognizer.Load(weights).Loaded.Count);
        Assert.Equal("100", weights.Metadata["meta.iter"]);
    }

    [Fact]
    public void A_file_in_another_naming_is_refused_with_its_names()
    {
        using var scope = NewDisposeScope();
        using var model = new VisionTransformer(TinyModels.Vit);
        using var weights = new WeightSet("other.bin", new Dictionary<string, Tensor> { ["encoder.weight"] = zeros(1) });
        CheckpointException error = Assert.Throws<CheckpointException>(() => model.Load(weights));
        Assert.Contains("encoder.weight", error.Message, StringComparison.Ordinal);
        Assert.Contains("visual.class_embedding", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_recogniser_survives_its_file_with_its_options()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var folder = new TemporaryFolder();
        using var model = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer));
        model.Save(folder["r.safetensors"], new Dictionary<string, string> { ["run"] = "7" });
        using VideoRecognizer again = VideoRecognizer.Open(folder["r.safetensors"]);
        again.eval();
        Tensor clips = TinyModels.Clips();
        Assert.Equal(model.Options, again.Options);
        Assert.Equal(0, TinyModels.Difference(model.call(clips), again.call(clips)));
        Assert.Equal("7", SafeTensors.ReadMetadata(folder["r.safetensors"])["run"]);
    }

    [Theory]
    [InlineData("\"Width\":24", "\"Width\":1000000")]
    [InlineData("\"Width\":24", "\"Width\":2000000000")]
    [InlineData("\"Layers\":2", "\"Layers\":1000000")]
    [InlineData("\"Classes\":5", "\"Classes\":1000000")]
    [InlineData("\"Frames\":3", "\"Frames\":1000000")]
    [InlineData("\"BottleneckRatio\":0.25", "\"BottleneckRatio\":16")]
    [InlineData("\"Resolution\":12", "\"Resolution\":1048576")]
    public void Options_that_contradict_the_tensors_are_refused_before_a_model_is_made(string from, string to)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var model = new VideoRecognizer(TinyModels.Recognizer);
        model.Save(folder["r.safetensors"]);
        using WeightSet weights = SafeTensors.Read(folder["r.safetensors"]);
        string lying = weights.Metadata["zeroi2v.recognizer"].Replace(from, to, StringComparison.Ordinal);
        SafeTensors.Write(folder["lying.safetensors"], weights.Tensors, new Dictionary<string, string> { ["zeroi2v.recognizer"] = lying });
        Assert.NotEqual(weights.Metadata["zeroi2v.recognizer"], lying);
        long before = GC.GetAllocatedBytesForCurrentThread();
        CheckpointException error = Assert.Throws<CheckpointException>(() => VideoRecognizer.Open(folder["lying.safetensors"]));
        Assert.True(error.Fault is CheckpointFault.Malformed or CheckpointFault.Keys, error.Message);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 10_000_000);
    }

    [Fact]
    public void Sizes_are_not_believed_from_a_few_tensors()
    {
        using var scope = NewDisposeScope();
        using WeightSet weights = Weights(tensors =>
        {
            tensors["visual.conv1.weight"] = zeros(1_000_000L, 3L, 4L, 0L);
            tensors["visual.class_embedding"] = zeros(0);
        });
        Assert.Throws<CheckpointException>(() => VitSizes.Infer(weights, heads: 4));
    }

    [Fact]
    public void Heads_that_the_weights_cannot_tell_are_asked_for()
    {
        using WeightSet weights = Weights();
        Assert.Contains("number of heads", Assert.Throws<CheckpointException>(() => VitSizes.Infer(weights)).Message, StringComparison.Ordinal);
        Assert.Equal(TinyModels.Vit, VitSizes.Infer(weights, heads: 4));
    }
}
