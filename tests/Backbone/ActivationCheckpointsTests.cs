using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Tests.Training;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.Backbone;

/// <summary>They use the global generator.</summary>
[Collection(nameof(TrainerTests))]
public sealed class ActivationCheckpointsTests
{
    [Fact]
    public void Nothing_before_the_first_adapter_is_recorded_for_gradients()
    {
        using var scope = NewDisposeScope();
        using VideoRecognizer model = LateAdapters(temporalEmbedding: false);
        TrainableParameters.Freeze(model);
        var recorded = new List<bool>();
        using (new ForwardTap(model.Backbone, (_, _, x) => recorded.Add(x.requires_grad)))
            model.call(Clips()).sum().backward();
        // In front of the blocks, and after each of four: only the last has an adapter.
        Assert.Equal([false, false, false, false, true], recorded);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 4)]
    public void Only_blocks_from_the_first_trained_value_on_are_computed_again(bool temporalEmbedding, int again)
    {
        using var scope = NewDisposeScope();
        using VideoRecognizer model = LateAdapters(temporalEmbedding);
        TrainableParameters.Freeze(model);
        model.train();
        Tensor clips = Clips();
        Dictionary<string, float[]> expected = Gradients(model, clips, checkpoints: null);
        using var checkpoints = new ActivationCheckpoints(model);
        Dictionary<string, float[]> found = Gradients(model, clips, checkpoints);
        Assert.Equal(expected.Keys, found.Keys);
        Assert.All(expected, item => Assert.Equal(item.Value, found[item.Key]));
        int calls = 0;
        foreach (ResidualBlock block in model.Backbone.Blocks)
            block.Observed += (point, _) => calls += point == BlockPoint.Norm ? 1 : 0;
        Gradients(model, clips, checkpoints);
        Assert.Equal(model.Backbone.Blocks.Count + again, calls);
    }

    [Fact]
    public void Steps_out_of_order_and_a_second_owner_are_refused_with_what_to_do()
    {
        using var scope = NewDisposeScope();
        using VideoRecognizer model = LateAdapters(temporalEmbedding: true);
        TrainableParameters.Freeze(model);
        using var checkpoints = new ActivationCheckpoints(model);
        Assert.Contains("Call the recogniser", Assert.Throws<InvalidOperationException>(checkpoints.Backward).Message, StringComparison.Ordinal);
        model.call(Clips());
        Assert.Contains("backward() on the loss", Assert.Throws<InvalidOperationException>(checkpoints.Backward).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => new ActivationCheckpoints(model));
    }

    private static VideoRecognizer LateAdapters(bool temporalEmbedding)
    {
        manual_seed(7);
        RecognizerOptions options = AdaptationMethod.StAdapter.Apply(ToyClips.Recognizer);
        return new VideoRecognizer(options with
        {
            Backbone = options.Backbone with { Layers = 4 },
            TemporalEmbedding = temporalEmbedding,
            StAdapter = options.StAdapter! with { LastBlocks = 1 },
        });
    }

    private static Tensor Clips()
    {
        using var generator = new Generator(3);
        return randn([2, 3, ToyClips.Frames, ToyClips.Side, ToyClips.Side], generator: generator);
    }

    private static Dictionary<string, float[]> Gradients(VideoRecognizer model, Tensor clips, ActivationCheckpoints? checkpoints)
    {
        model.zero_grad();
        manual_seed(11);
        model.call(clips).square().sum().backward();
        checkpoints?.Backward();
        return model.named_parameters().Where(item => item.parameter.requires_grad).OrderBy(item => item.name, StringComparer.Ordinal)
            .ToDictionary(item => item.name, item => item.parameter.grad!.data<float>().ToArray());
    }
}
