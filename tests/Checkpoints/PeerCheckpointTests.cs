using TorchSharp.Modules;
using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.Fuzz;
using ZeroI2V.Lab.Stdha;
using ZeroI2V.Lab.Tests.Backbone;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.Checkpoints;

public sealed class PeerCheckpointTests
{
    private static readonly RecognizerOptions Aim = AdaptationMethod.Aim.Apply(TinyModels.Recognizer) with { HeadDropout = 0.5 };

    private static readonly RecognizerOptions StAdapter = AdaptationMethod.StAdapter.Apply(TinyModels.Recognizer) with { Frames = 8 };

    /// <summary>A checkpoint as <c>torch.save</c> writes it: these weights under a key, a training's state beside them.</summary>
    private static string Write(TemporaryFolder folder, string key, IEnumerable<(string Name, Parameter Parameter)> parameters, bool legacy = false)
    {
        var storages = new List<(string, float[])>();
        PickleWriter writer = new PickleWriter().Op('}').Op('(').Text(key).Global("collections", "OrderedDict").Op(')').Op('R').Op('(');
        foreach ((string name, Parameter parameter) in parameters)
        {
            float[] numbers = parameter.data<float>().ToArray();
            int[] shape = [.. parameter.shape.Select(size => (int)size)], strides = new int[shape.Length];
            for (int i = shape.Length - 1, step = 1; i >= 0; step *= shape[i--])
                strides[i] = step;
            storages.Add((name, numbers));
            writer.Text(name);
            if (legacy)
                writer.LegacyTensor(name, numbers.Length, shape, strides);
            else
                writer.Tensor(name, numbers.Length, 0, shape, strides);
        }
        writer.Op('u').Text("optimizer").Op('}').Text("state").Global("some.optimizer", "State").Op(')').Raw(0x81).Op('s').Op('u');
        return folder.Write("peer.pth", legacy ? writer.Legacy([.. storages]) : writer.Zip([.. storages]));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void Aim_is_read_as_its_training_saved_it(bool timeInput, bool legacy)
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        RecognizerOptions options = Aim with { Aim = new AimOptions { TimeInput = timeInput, Scale = 0.7 } };
        using var model = TinyModels.Filled(new VideoRecognizer(options));
        using WeightSet weights = WeightFile.Read(Write(folder, "state_dict", model.named_parameters(), legacy));
        Assert.Contains("number of attention heads", Assert.Throws<CheckpointException>(() => RecognizerSizes.Infer(weights)).Message, StringComparison.Ordinal);
        Assert.Contains("adapter_scale", Assert.Throws<CheckpointException>(() => RecognizerSizes.Infer(weights, heads: 4)).Message, StringComparison.Ordinal);
        RecognizerOptions inferred = RecognizerSizes.Infer(weights, scale: 0.7, heads: 4);
        Assert.Equal(options, inferred);
        using var again = new VideoRecognizer(inferred);
        again.eval();
        LoadReport report = again.Load(weights);
        Assert.Contains("optimizer", report.LeftOut);
        Assert.Equal(0, TinyModels.Difference(model.call(TinyModels.Clips()), again.call(TinyModels.Clips())));
    }

    [Theory]
    [InlineData(true, true, 3, 1, 0)]
    [InlineData(false, true, 3, 1, 1)]
    [InlineData(true, false, 1, 3, 0)]
    public void StAdapter_is_read_from_what_it_saves_the_trained_part(bool attention, bool mlp, int time, int space, int lastBlocks)
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        RecognizerOptions options = StAdapter with
        {
            StAdapter = new StAdapterOptions { BeforeAttention = attention, BeforeMlp = mlp, KernelFrames = time, KernelPatches = space, LastBlocks = lastBlocks },
        };
        using var model = TinyModels.Filled(new VideoRecognizer(options));
        // Its names have no prefix, its head is 'fc', and what is frozen is left out.
        IEnumerable<(string, Parameter)> trained = model.named_parameters()
            .Where(item => item.name.Contains("adapter_", StringComparison.Ordinal) || item.name.StartsWith("cls_head", StringComparison.Ordinal))
            .Select(item => (item.name.Replace("backbone.", "", StringComparison.Ordinal).Replace("cls_head.fc_cls", "fc", StringComparison.Ordinal), item.parameter));
        using WeightSet weights = WeightFile.Read(Write(folder, "model", trained));
        Assert.Contains("leaves the image model out", Assert.Throws<CheckpointException>(() => RecognizerSizes.Infer(weights)).Message, StringComparison.Ordinal);
        RecognizerOptions inferred = RecognizerSizes.Infer(weights, backbone: TinyModels.Vit);
        Assert.Equal(options, inferred);

        using var image = new WeightSet("image", model.Backbone.named_parameters().Where(item => !item.name.Contains("adapter_", StringComparison.Ordinal)).ToDictionary(item => "visual." + item.name, item => item.parameter.detach().clone()));
        using var again = new VideoRecognizer(inferred);
        again.eval();
        again.LoadBackbone(image);
        LoadReport report = again.LoadAdaptation(weights);
        Assert.Equal(weights.Tensors.Count, report.Loaded.Count);
        Assert.Equal(image.Tensors.Count, report.LeftAtStart.Count);
        Tensor clips = TinyModels.Clips(frames: 8);
        Assert.Equal(0, TinyModels.Difference(model.call(clips), again.call(clips)));
        Assert.Contains("backbone.class_embedding", Assert.Throws<CheckpointException>(() => again.Load(weights)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_adapter_that_is_missing_is_listed()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        using var model = TinyModels.Filled(new VideoRecognizer(StAdapter));
        IEnumerable<(string, Parameter)> trained = model.named_parameters().Where(item => item.name.Contains("resblocks.1.adapter_", StringComparison.Ordinal));
        using WeightSet weights = WeightFile.Read(Write(folder, "model", trained));
        CheckpointException error = Assert.Throws<CheckpointException>(() => model.LoadAdaptation(weights));
        Assert.Contains("Missing (8)", error.Message, StringComparison.Ordinal);
        Assert.Contains("resblocks.0.adapter_pre_mlp.conv.weight", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_config_beside_the_weights_tells_adapters_with_gelu()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer));
        Dictionary<string, Tensor> tensors = model.named_parameters().ToDictionary(item => item.name, item => item.parameter.detach().clone());
        using var weights = new WeightSet("gelu.pth", tensors, new Dictionary<string, string> { ["meta.cfg"] = "backbone=dict(adapter_type='gelu', adapter_scale=0.5)" });
        RecognizerOptions options = RecognizerSizes.Infer(weights, HeadSplit.Lowest(-1, 1), scale: 0.5, heads: 4);
        Assert.Equal(AdapterActivation.Gelu, options.Adapters!.Activation);
        Assert.NotEmpty(options.FoldingObstacles());
    }

    [Fact]
    public void Separate_adapters_for_queries_keys_and_values_are_told_by_their_names()
    {
        using var scope = NewDisposeScope();
        RecognizerOptions options = TinyModels.Recognizer with { Adapters = new AdapterOptions { SeparateQueryKeyValue = true, Places = AdapterPlaces.AttentionInput | AdapterPlaces.MlpInput } };
        using var model = TinyModels.Filled(new VideoRecognizer(options));
        using var weights = new WeightSet("separate.pth", model.named_parameters().ToDictionary(item => item.name, item => item.parameter.detach().clone()));
        Assert.Equal(options, RecognizerSizes.Infer(weights, HeadSplit.Lowest(-1, 1), scale: 0.5, heads: 4, AdapterActivation.None));
        // No config stands beside these weights: whether GELU belongs between the adapters' layers has to be said.
        Assert.Contains("--adapters", Assert.Throws<CheckpointException>(() => RecognizerSizes.Infer(weights, HeadSplit.Lowest(-1, 1), scale: 0.5, heads: 4)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("backbone.temporal_embedding", 1L, 1_000_000L, 0L)]
    [InlineData("cls_head.fc_cls.bias", 1_000_000L)]
    [InlineData("backbone.transformer.resblocks.1.T_Adapter_in.D_fc1.weight", 300L, 24L)]
    [InlineData("backbone.transformer.resblocks.1.T_Adapter_in.D_fc1.weight")]
    public void Sizes_that_one_tensor_claims_are_not_believed(string name, params long[] shape)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer));
        Dictionary<string, Tensor> tensors = model.named_parameters().ToDictionary(item => item.name, item => item.parameter.detach().clone());
        tensors[name] = zeros(shape);
        using var weights = new WeightSet("lying.pth", tensors);
        Assert.Equal(CheckpointFault.Keys, Assert.Throws<CheckpointException>(() => RecognizerSizes.Infer(weights, HeadSplit.Lowest(-1, 1), scale: 0.5, heads: 4, AdapterActivation.None)).Fault);
    }
}
