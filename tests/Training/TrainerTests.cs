using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.Training;

/// <summary>They use the global generator and count live tensors, so nothing else may run meanwhile.</summary>
[CollectionDefinition(nameof(TrainerTests), DisableParallelization = true)]
public static class TrainerTestsRunAlone;

[Collection(nameof(TrainerTests))]
public sealed class TrainerTests : IDisposable
{
    private const int StepsPerEpoch = 4;

    private static readonly TrainingOptions Options = new()
    {
        Epochs = 3,
        BatchSize = 8,
        LearningRate = 5e-3,
        WarmUpEpochs = 1,
        LabelSmoothing = 0.1,
        GradientClip = 5,
        Seed = 3,
        CheckpointEvery = 2,
    };

    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    private static ToyClips Clips => new(count: StepsPerEpoch * Options.BatchSize, batchSize: Options.BatchSize);

    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    [InlineData(0.7)]
    public void Smoothed_labels_are_libtorchs(double smoothing)
    {
        using var scope = NewDisposeScope();
        Tensor logits = Backbone.TinyModels.Numbers(3, 2, 4, 5), labels = tensor(new long[] { 0, 3, 1, 4 });
        Assert.Equal(nn.functional.cross_entropy(logits, labels, label_smoothing: smoothing).item<float>(), Trainer.SmoothedLoss(logits, labels, smoothing).item<float>(), 1e-6);
    }

    [Fact]
    public void The_loss_falls_and_the_clips_are_learned()
    {
        using VideoRecognizer model = ToyClips.Model();
        TrainingOptions options = Options with { Epochs = 15 };
        TrainingOutcome outcome = Train(model, options, Clips);
        Assert.True(outcome.Finished);
        Assert.True(outcome.Epochs[^1].Loss < 0.5 * outcome.Epochs[0].Loss, $"{outcome.Epochs[0].Loss} → {outcome.Epochs[^1].Loss}");
        ToyClips test = Clips;
        EvaluationResult result = VideoEvaluation.Evaluate(model, test, test.List, TestContext.Current.CancellationToken);
        Assert.Equal(1, result.Overall.Top1);
        Assert.Equal(1, result.Overall.PairAccuracy);
    }

    [Fact]
    public void Only_what_should_train_changes()
    {
        using VideoRecognizer model = ToyClips.Model();
        Dictionary<string, float[]> before = Values(model);
        Train(model, Options, Clips);
        Dictionary<string, float[]> after = Values(model);
        string[] changed = [.. before.Keys.Where(name => !before[name].SequenceEqual(after[name])).Order(StringComparer.Ordinal)];
        ParameterGroups groups = TrainableParameters.Freeze(model);
        Assert.Equal(groups.WithDecay.Concat(groups.WithoutDecay).Select(p => p.Name).Order(StringComparer.Ordinal), changed);
        Assert.DoesNotContain(changed, name => name.Contains("conv1", StringComparison.Ordinal) || name.Contains("in_proj", StringComparison.Ordinal));
        Assert.Contains(changed, name => name.EndsWith("temporal_embedding", StringComparison.Ordinal));
    }

    public static TheoryData<string> Methods() => new(AdaptationMethod.All.Select(method => method.Key));

    [Theory]
    [MemberData(nameof(Methods))]
    public void Every_method_trains_and_goes_on_bit_for_bit_where_it_stopped(string method)
    {
        RecognizerOptions recognizer = AdaptationMethod.Named(method).Apply(ToyClips.Recognizer);
        using VideoRecognizer whole = Model();
        float[] fresh = All(whole);
        Train(whole, Options, Clips);
        Assert.NotEqual(fresh, All(whole));

        using (VideoRecognizer first = Model())
        using (var stop = new CancellationTokenSource())
            new Trainer(first, Options).Run(Clips, new RunFolder(_root["parts"]), progress: new At(StepsPerEpoch + 1, stop.Cancel), cancellationToken: stop.Token);
        using VideoRecognizer second = Model();
        TrainingOutcome resumed = Train(second, Options, Clips, new RunFolder(_root["parts"]));
        Assert.Equal(StepsPerEpoch + 1, resumed.ResumedAtStep);
        Assert.Equal(All(whole), All(second));

        VideoRecognizer Model()
        {
            manual_seed(5);
            return new VideoRecognizer(recognizer);
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_numbers_and_another_one_does_not()
    {
        Assert.Equal(Trained(Options), Trained(Options));
        Assert.NotEqual(Trained(Options), Trained(Options with { Seed = 4 }));

        static float[] Trained(TrainingOptions options)
        {
            using VideoRecognizer model = ToyClips.Model();
            Train(model, options, Clips);
            return All(model);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(StepsPerEpoch - 1)]
    [InlineData(StepsPerEpoch)]
    [InlineData(2 * StepsPerEpoch + 1)]
    public void A_cancelled_run_goes_on_bit_for_bit_where_it_stopped(int steps)
    {
        using VideoRecognizer whole = ToyClips.Model();
        TrainingOutcome expected = Train(whole, Options, Clips, new RunFolder(_root["whole"]));

        TrainingOutcome stopped;
        using (VideoRecognizer first = ToyClips.Model())
        using (var stop = new CancellationTokenSource())
        {
            stopped = new Trainer(first, Options).Run(Clips, new RunFolder(_root["parts"]), progress: new At(steps, stop.Cancel), cancellationToken: stop.Token);
        }
        Assert.False(stopped.Finished);
        Assert.Equal(steps, stopped.Step);

        // Other initial weights and generator state: everything must come from the folder.
        using VideoRecognizer second = ToyClips.Model();
        CopyFrozen(whole, second);
        manual_seed(999);
        TrainingOutcome resumed = Train(second, Options, Clips, new RunFolder(_root["parts"]));
        Assert.True(resumed.Finished);
        Assert.Equal(steps, resumed.ResumedAtStep);
        Assert.Equal(All(whole), All(second));
        Assert.Equal(expected.Epochs.Select(e => (e.Loss, e.TrainTop1, e.LearningRate)), resumed.Epochs.Select(e => (e.Loss, e.TrainTop1, e.LearningRate)));
    }

    [Fact]
    public void A_killed_run_goes_on_from_its_last_checkpoint_bit_for_bit()
    {
        using VideoRecognizer whole = ToyClips.Model();
        Train(whole, Options, Clips);

        // An exception in the third epoch stands for the kill: nothing is saved after it. The checkpoint is the second epoch's.
        using (VideoRecognizer first = ToyClips.Model())
            Assert.Throws<TimeoutException>(() => Train(first, Options, Clips, new RunFolder(_root["run"]), progress: new At(2 * StepsPerEpoch + 2, () => throw new TimeoutException())));
        using VideoRecognizer second = ToyClips.Model();
        TrainingOutcome resumed = Train(second, Options, Clips, new RunFolder(_root["run"]));
        Assert.Equal(2 * StepsPerEpoch, resumed.ResumedAtStep);
        Assert.Equal(All(whole), All(second));
        Assert.Equal(3, new RunFolder(_root["run"]).ReadMetrics().Count);
    }

    [Fact]
    public void Metrics_beyond_the_checkpoint_are_made_again()
    {
        // Checkpoints every second epoch: killed in the second epoch, the first one's line has no checkpoint behind it.
        using (VideoRecognizer first = ToyClips.Model())
            Assert.Throws<TimeoutException>(() => Train(first, Options, Clips, new RunFolder(_root["run"]), progress: new At(StepsPerEpoch + 1, () => throw new TimeoutException())));
        var folder = new RunFolder(_root["run"]);
        Assert.Single(folder.ReadMetrics());
        Assert.False(folder.HasCheckpoint);
        using VideoRecognizer second = ToyClips.Model();
        TrainingOutcome resumed = Train(second, Options, Clips, folder);
        Assert.Null(resumed.ResumedAtStep);
        Assert.Equal([1, 2, 3], folder.ReadMetrics().Select(e => e.Epoch));
    }

    [Fact]
    public void A_finished_run_is_loaded_and_not_trained_again()
    {
        using VideoRecognizer first = ToyClips.Model();
        Train(first, Options, Clips, new RunFolder(_root["run"]));
        using VideoRecognizer second = ToyClips.Model(seed: 77);
        CopyFrozen(first, second);
        ToyClips clips = Clips;
        TrainingOutcome outcome = Train(second, Options, clips, new RunFolder(_root["run"]));
        Assert.True(outcome.Finished);
        Assert.Equal(0, clips.Given);
        Assert.Equal(All(first), All(second));

        using VideoRecognizer third = ToyClips.Model(seed: 78);
        CopyFrozen(first, third);
        Assert.Equal(Options.Epochs * StepsPerEpoch, Trainer.LoadTrained(third, new RunFolder(_root["run"])));
        Assert.Equal(All(first), All(third));
        Assert.False(third.training);
    }

    [Fact]
    public void A_checkpoint_of_another_model_is_refused_with_the_names_that_differ()
    {
        using (VideoRecognizer model = ToyClips.Model())
            Train(model, Options, Clips, new RunFolder(_root["run"]));
        using var other = new VideoRecognizer(ToyClips.Recognizer with { TemporalEmbedding = false });
        InvalidDataException e = Assert.Throws<InvalidDataException>(() => Train(other, Options, Clips, new RunFolder(_root["run"])));
        Assert.Contains("temporal_embedding", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_training_checkpoint_is_refused()
    {
        var folder = new RunFolder(_root["run"]);
        using VideoRecognizer model = ToyClips.Model();
        model.Save(folder.CheckpointFile);
        InvalidDataException e = Assert.Throws<InvalidDataException>(() => Train(model, Options, Clips, folder));
        Assert.Contains("training checkpoint", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Progress_counts_steps_and_reports_each_finished_epoch_once()
    {
        var reports = new List<TrainingProgress>();
        using VideoRecognizer model = ToyClips.Model();
        int evaluations = 0;
        TrainingOutcome outcome = Train(model, Options with { EvaluateEvery = 2 }, 
            Clips,
            evaluate: () => new Dictionary<string, double> { ["times"] = ++evaluations },
            progress: new ImmediateProgress<TrainingProgress>(reports.Add));
        Assert.Equal(Enumerable.Range(1, 3 * StepsPerEpoch), reports.Select(r => r.Step));
        Assert.Equal([1, 2, 3], reports.Select(r => r.FinishedEpoch).OfType<EpochMetrics>().Select(e => e.Epoch));
        Assert.All(reports, r => Assert.True(r.ClipsPerSecond > 0));
        Assert.Equal(TimeSpan.Zero, reports[^1].Left);
        // Every second epoch, and the last.
        Assert.Equal([false, true, true], outcome.Epochs.Select(e => e.Test is not null));
        Assert.Equal(2, evaluations);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Blocks_that_are_computed_again_give_the_same_numbers_bit_for_bit(string method)
    {
        Assert.Equal(Trained(checkpointed: false), Trained(checkpointed: true));

        float[] Trained(bool checkpointed)
        {
            manual_seed(5);
            // With dropout in adapters and head, and with AIM's stochastic depth.
            using var model = new VideoRecognizer(AdaptationMethod.Named(method).Apply(ToyClips.Recognizer));
            TrainingOutcome outcome = Train(model, Options with { ActivationCheckpointing = checkpointed }, Clips);
            return [.. outcome.Epochs.Select(epoch => (float)epoch.Loss), .. All(model)];
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(100)]
    public void Losses_read_late_give_the_same_numbers_and_fewer_reports(int every)
    {
        var reports = new List<TrainingProgress>();
        using VideoRecognizer each = ToyClips.Model(), late = ToyClips.Model();
        TrainingOutcome expected = Train(each, Options, Clips);
        TrainingOutcome found = new Trainer(late, Options) { ReadEvery = every }.Run(
            Clips, progress: new ImmediateProgress<TrainingProgress>(reports.Add), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(expected.Epochs.Select(e => (e.Loss, e.TrainTop1, e.Step)), found.Epochs.Select(e => (e.Loss, e.TrainTop1, e.Step)));
        Assert.Equal(All(each), All(late));
        Assert.Equal(every == 3 ? [3, 4, 7, 8, 11, 12] : [4, 8, 12], reports.Select(report => report.Step));
    }

    [Fact]
    public void The_next_batch_is_asked_for_before_losses_are_read()
    {
        var given = new List<int>();
        using VideoRecognizer model = ToyClips.Model();
        var clips = new ToyClips(Clips.Count, Clips.BatchSize);
        Train(model, Options with { Epochs = 1, WarmUpEpochs = 0 }, clips, progress: new ImmediateProgress<TrainingProgress>(_ => given.Add(clips.Given)));
        Assert.Equal([2, 3, 4, 4], given);
    }

    [Fact]
    public void A_run_stopped_between_two_readings_goes_on_bit_for_bit()
    {
        using VideoRecognizer whole = ToyClips.Model(), first = ToyClips.Model(), second = ToyClips.Model();
        TrainingOutcome expected = Train(whole, Options, Clips);
        using var stop = new CancellationTokenSource();
        // Stopped while the clips of the sixth step are made: the fifth's loss was not read yet.
        var clips = new StoppingClips(Clips, StepsPerEpoch + 1, stop.Cancel);
        TrainingOutcome stopped = new Trainer(first, Options) { ReadEvery = 3 }.Run(clips, new RunFolder(_root["parts"]), cancellationToken: stop.Token);
        Assert.Equal(StepsPerEpoch + 1, stopped.Step);
        TrainingOutcome resumed = Train(second, Options, Clips, new RunFolder(_root["parts"]));
        Assert.Equal(expected.Epochs.Select(e => (e.Loss, e.TrainTop1)), resumed.Epochs.Select(e => (e.Loss, e.TrainTop1)));
        Assert.Equal(All(whole), All(second));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Memory_is_flat_over_steps(bool checkpointed)
    {
        using VideoRecognizer model = ToyClips.Model();
        var trainer = new Trainer(model, Options with { Epochs = 4, ActivationCheckpointing = checkpointed });
        var live = new List<long>();
        trainer.Run(Clips, progress: new ImmediateProgress<TrainingProgress>(Count), cancellationToken: TestContext.Current.CancellationToken);
        // The first step makes gradients and optimizer state; after it nothing may stay. Between steps the next batch is there.
        Assert.All(live.Skip(StepsPerEpoch), count => Assert.Equal(live[StepsPerEpoch], count));

        void Count(TrainingProgress progress)
        {
            if (progress.FinishedEpoch is null)
                live.Add(Tensor.TotalCount);
        }
    }

    [Fact]
    public void An_error_in_a_step_leaves_no_tensors_behind()
    {
        using VideoRecognizer model = ToyClips.Model();
        var trainer = new Trainer(model, Options);
        trainer.Run(Clips, cancellationToken: TestContext.Current.CancellationToken);
        long before = Tensor.TotalCount;
        Assert.Throws<TimeoutException>(() => trainer.Run(Clips, progress: new At(2, () => throw new TimeoutException()), cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_loss_that_is_no_number_is_an_error_that_names_the_step(int readEvery)
    {
        using VideoRecognizer model = ToyClips.Model();
        using (no_grad())
            model.Head.parameters().First().fill_(double.NaN);
        InvalidOperationException e = Assert.Throws<InvalidOperationException>(
            () => new Trainer(model, Options) { ReadEvery = readEvery }.Run(Clips, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains("step 0", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Batches_of_another_size_than_the_options_say_are_an_error()
    {
        using VideoRecognizer model = ToyClips.Model();
        Assert.Throws<ArgumentException>(() => Train(model, Options with { BatchSize = 4 }, Clips));
    }

    private static TrainingOutcome Train(
        VideoRecognizer model,
        TrainingOptions options,
        ToyClips clips,
        RunFolder? folder = null,
        Func<IReadOnlyDictionary<string, double>>? evaluate = null,
        IProgress<TrainingProgress>? progress = null) =>
        new Trainer(model, options).Run(clips, folder, evaluate, progress, TestContext.Current.CancellationToken);

    private static Dictionary<string, float[]> Values(VideoRecognizer model) =>
        model.named_parameters().ToDictionary(p => p.name, p => p.parameter.data<float>().ToArray());

    private static float[] All(VideoRecognizer model) =>
        [.. Values(model).OrderBy(p => p.Key, StringComparer.Ordinal).SelectMany(p => p.Value)];

    private static void CopyFrozen(VideoRecognizer from, VideoRecognizer to)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var source = from.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        foreach ((string name, var parameter) in to.named_parameters())
        {
            if (!source[name].requires_grad)
                parameter.copy_(source[name]);
        }
    }

    /// <summary>Clips that do something before a batch is given.</summary>
    private sealed class StoppingClips(ToyClips clips, int before, Action act) : IClipBatches
    {
        private int _given;

        public int Count => clips.Count;

        public int BatchSize => clips.BatchSize;

        public int BatchesPerEpoch => clips.BatchesPerEpoch;

        public IReadOnlyCollection<BadVideo> Skipped => [];

        public IEnumerable<ClipBatch> Epoch(int epoch, int firstBatch = 0)
        {
            foreach (ClipBatch batch in clips.Epoch(epoch, firstBatch))
            {
                if (_given++ == before)
                    act();
                yield return batch;
            }
        }
    }

    /// <summary>Does something once a step is reached.</summary>
    private sealed class At(int step, Action act) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Step == step)
                act();
        }
    }
}
