using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData.MicroWorld;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.Training;

/// <summary>On the quick stills, with a model that learns next to nothing: the way, not the result. They use the global generator.</summary>
[Collection(nameof(TrainerTests))]
public sealed class ImagePretrainerTests : IDisposable
{
    private static readonly ImagePretrainingOptions Options = new()
    {
        Backbone = new VitOptions { Width = 16, Layers = 1, Heads = 2, PatchSize = 8, Resolution = 16 },
        Stills = MicroSize.Quick,
        Training = new TrainingOptions { Epochs = 3, BatchSize = 25, LearningRate = 2e-3, WarmUpEpochs = 1 },
    };

    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void A_model_is_made_once_reused_with_the_same_options_and_made_again_with_others()
    {
        StillSplits stills = Stills();
        PretrainedImageModel made = Ensure(Options, "models", stills);
        Assert.False(made.Reused);
        Assert.Equal(stills.Train.Targets.Select(t => t.Name).Append("mean"), made.Accuracy.Keys);
        Assert.All(made.Accuracy.Values, share => Assert.InRange(share, 0, 1));

        var steps = new List<TrainingProgress>();
        PretrainedImageModel kept = Ensure(Options, "models", stills, new ImmediateProgress<TrainingProgress>(steps.Add));
        Assert.True(kept.Reused);
        Assert.Equal((made.Sha256, made.Seconds), (kept.Sha256, kept.Seconds));
        Assert.Equal(made.Accuracy, kept.Accuracy);
        Assert.Empty(steps);

        PretrainedImageModel other = Ensure(Options with { Training = Options.Training with { Seed = 1 } }, "models", stills);
        Assert.False(other.Reused);
        Assert.NotEqual(made.Sha256, other.Sha256);
    }

    [Fact]
    public void The_file_says_where_it_comes_from_and_loads_as_an_image_model()
    {
        PretrainedImageModel made = Ensure(Options, "models", Stills());
        IReadOnlyDictionary<string, string> metadata = SafeTensors.ReadMetadata(made.Path);
        Assert.All(new[] { "options", "data_sha256", "seed", "accuracy", "seconds", "commit", "command" }, name => Assert.NotEmpty(metadata[name]));
        Assert.Equal("true", metadata["synthetic"]);
        using var model = new VisionTransformer(Options.Backbone);
        using WeightSet weights = SafeTensors.Read(made.Path);
        model.Load(weights);
    }

    [Fact]
    public void Training_that_was_stopped_goes_on_bit_for_bit()
    {
        StillSplits stills = Stills();
        PretrainedImageModel whole = Ensure(Options, "whole", stills);
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => new ImagePretrainer(Options).Ensure(_root["parts"], stills, new ImmediateProgress<TrainingProgress>(p =>
        {
            if (p.Step == 11)
                stop.Cancel();
        }), stop.Token));
        using (WeightSet begun = SafeTensors.Read(Path.Combine(_root["parts"], "micro-vit-quick.training", "checkpoint.safetensors")))
            Assert.Contains(begun.Tensors["exp_avg.heads.weight"].data<float>().ToArray(), value => value != 0);
        manual_seed(999);
        var steps = new List<TrainingProgress>();
        PretrainedImageModel parts = Ensure(Options, "parts", stills, new ImmediateProgress<TrainingProgress>(steps.Add));
        Assert.Equal(12, steps[0].Step);
        Assert.Equal(Values(whole.Path), Values(parts.Path));
        Assert.Equal(whole.Accuracy, parts.Accuracy);
        // The work is thrown away with the heads: only the model stays.
        Assert.Equal([parts.Path], Directory.GetFileSystemEntries(_root["parts"]));
    }

    private StillSplits Stills() => MicroImages.Ensure(_root["data"], MicroSize.Quick, cancellationToken: TestContext.Current.CancellationToken);

    private PretrainedImageModel Ensure(ImagePretrainingOptions options, string models, StillSplits stills, IProgress<TrainingProgress>? progress = null) =>
        new ImagePretrainer(options).Ensure(_root[models], stills, progress, TestContext.Current.CancellationToken);

    private static float[] Values(string path)
    {
        using WeightSet weights = SafeTensors.Read(path);
        return [.. weights.Tensors.OrderBy(t => t.Key, StringComparer.Ordinal).SelectMany(t => t.Value.data<float>().ToArray())];
    }
}
