using TorchSharp.Modules;
using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.Reporting;
using ZeroI2V.Lab.Stdha;
using ZeroI2V.Lab.Tests.Backbone;
using ZeroI2V.Lab.Tests.Training;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.Evaluation;

/// <summary>They train, with the global generator.</summary>
[Collection(nameof(TrainerTests))]
public sealed class TemporalDiagnosisTests
{
    [Fact]
    public void A_model_that_learned_the_order_of_frames_loses_without_it()
    {
        using VideoRecognizer model = Trained(ToyClips.Recognizer);
        var clips = new ToyClips(count: 32, batchSize: 8);
        var told = new List<FrameOrder>();
        TemporalDiagnosis diagnosis = TemporalDiagnosis.Run(model, clips, clips.List, progress: new ImmediateProgress<FrameOrder>(told.Add), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(Enum.GetValues<FrameOrder>(), diagnosis.Orders.Select(score => score.Order));
        Assert.Equal(Enum.GetValues<FrameOrder>(), told);
        Assert.Equal(1, diagnosis.Of(FrameOrder.AsFilmed).Result.Overall.Top1);
        Assert.Equal(0, diagnosis.Of(FrameOrder.AsFilmed).Loss);
        // Backwards, each class is the other one.
        Assert.Equal(0, diagnosis.Of(FrameOrder.Reversed).Result.Overall.Top1);
        Assert.Equal(1, diagnosis.Of(FrameOrder.Reversed).AsReversedClass);
        Assert.Equal(1, diagnosis.Of(FrameOrder.Reversed).Loss);
        Assert.True(diagnosis.Of(FrameOrder.OneRepeated).Matters);
        Assert.True(diagnosis.UsesOrder);
        Assert.StartsWith("It uses the order of frames.", diagnosis.Verdict(), StringComparison.Ordinal);
        // Two layers of four heads; Δt −1 and +1 over three frames reach 0, 1, 1 frames.
        Assert.Equal(8, diagnosis.Heads.Count);
        Assert.Equal([2.0 / 3, 2.0 / 3, 0, 0], diagnosis.Heads.Take(4).Select(head => head.Frames));

        ResultTable orders = DiagnosisTables.Orders("toy", true, diagnosis).Validated();
        Assert.Equal(["as filmed", "shuffled", "reversed", "the middle one, repeated"], orders.Rows.Select(row => row[0]));
        Assert.Equal("100.0 ± 0.0", orders.Rows[2][4]);
        Assert.Equal(["0", "1"], DiagnosisTables.Distances("toy", true, diagnosis.Heads).Validated().Rows.Select(row => row[0]));
    }

    [Fact]
    public void A_model_that_averages_frames_loses_nothing_when_they_are_shuffled()
    {
        using VideoRecognizer model = Trained(AdaptationMethod.FrameAveraging.Apply(ToyClips.Recognizer));
        var clips = new ToyClips(count: 32, batchSize: 8);
        TemporalDiagnosis diagnosis = TemporalDiagnosis.Run(model, clips, clips.List, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(0, diagnosis.Of(FrameOrder.Shuffled).Loss);
        Assert.Equal(0, diagnosis.Of(FrameOrder.Reversed).Loss);
        Assert.False(diagnosis.UsesOrder);
        Assert.All(diagnosis.Heads, head => Assert.Equal(0, head.Frames));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public void Orders_are_what_they_are_called(int frames)
    {
        int[] filmed = [.. Enumerable.Range(0, frames)];
        Assert.Equal(filmed, FrameOrders.Of(FrameOrder.AsFilmed, frames, 0, 5));
        Assert.Equal(filmed.Reverse(), FrameOrders.Of(FrameOrder.Reversed, frames, 0, 5));
        Assert.Equal(Enumerable.Repeat(frames / 2, frames), FrameOrders.Of(FrameOrder.OneRepeated, frames, 0, 5));
        for (int clip = 0; clip < 50; clip++)
        {
            int[] shuffled = FrameOrders.Of(FrameOrder.Shuffled, frames, 0, clip);
            Assert.Equal(filmed, shuffled.Order());
            Assert.True(frames == 1 || !shuffled.SequenceEqual(filmed));
            Assert.Equal(shuffled, FrameOrders.Of(FrameOrder.Shuffled, frames, 0, clip));
        }
        Assert.True(frames < 8 || !FrameOrders.Of(FrameOrder.Shuffled, frames, 0, 1).SequenceEqual(FrameOrders.Of(FrameOrder.Shuffled, frames, 1, 1)));
    }

    [Fact]
    public void Batches_are_reordered_along_time_and_nothing_else_changes()
    {
        var clips = new ToyClips(count: 8, batchSize: 4);
        var reversed = new ReorderedClips(clips, FrameOrder.Reversed);
        Assert.Equal((8, 4, 2), (reversed.Count, reversed.BatchSize, reversed.BatchesPerEpoch));
        foreach ((ClipBatch before, ClipBatch after) in clips.Epoch(1, 1).Zip(reversed.Epoch(1, 1)))
            using (before)
            using (after)
            using (NewDisposeScope())
            {
                Assert.Equal(0, TinyModels.Difference(before.Clips.flip(2), after.Clips));
                Assert.Equal(before.Labels.data<long>().ToArray(), after.Labels.data<long>().ToArray());
                Assert.Equal(before.Indices, after.Indices);
            }
    }

    /// <summary>Queries of zero attend to all patches alike: the mean distance in a square of two by two patches of four pixels is 4·(0 + 1 + 1 + √2)/4.</summary>
    [Fact]
    public void Even_attention_looks_as_far_as_the_patches_lie_apart()
    {
        using var scope = NewDisposeScope();
        RecognizerOptions options = TinyModels.Recognizer with { Backbone = TinyModels.Vit with { Resolution = 8 }, Heads = HeadSplit.ByLayer([-1, 2], [4]) };
        using VideoRecognizer model = WithoutQueries(options);
        IReadOnlyList<HeadDistance> heads = AttentionDistance.Of(model, TinyModels.Clips(resolution: 8));
        Assert.Equal(8, heads.Count);
        Assert.All(heads, head => Assert.Equal(2 + Math.Sqrt(2), head.Pixels, 1e-5));
        // Three frames: Δt −1 reaches 0, 1, 1; Δt +2 reaches 2, 0, 0; Δt +4 none.
        Assert.Equal([2.0 / 3, 2.0 / 3, 0, 0, 0, 0, 0, 0], heads.Select(head => head.Frames));
    }

    [Fact]
    public void Attention_over_time_has_a_distance_in_frames()
    {
        using var scope = NewDisposeScope();
        using VideoRecognizer model = WithoutQueries(AdaptationMethod.Aim.Apply(TinyModels.Recognizer));
        IReadOnlyList<HeadDistance> heads = AttentionDistance.Of(model, TinyModels.Clips());
        // Even attention over three frames: 0 1 2, 1 0 1, 2 1 0.
        Assert.All(heads, head => Assert.Equal(8.0 / 9, head.Frames, 1e-6));
    }

    [Fact]
    public void Half_heads_reach_half_as_far()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer with { Heads = HeadSplit.ChannelRanges(3, -1) }));
        IReadOnlyList<HeadDistance> heads = AttentionDistance.Of(model, TinyModels.Clips());
        Assert.Equal([1.0 / 3, 0, 0, 0], heads.Take(4).Select(head => head.Frames));
    }

    private static VideoRecognizer WithoutQueries(RecognizerOptions options)
    {
        var model = TinyModels.Filled(new VideoRecognizer(options));
        using var frozen = no_grad();
        foreach ((string name, Parameter parameter) in model.named_parameters())
            if (name.Contains("in_proj", StringComparison.Ordinal))
                parameter.narrow(0, 0, options.Backbone.Width).zero_();
        return model;
    }

    private static VideoRecognizer Trained(RecognizerOptions options)
    {
        manual_seed(5);
        var model = new VideoRecognizer(options);
        var training = new TrainingOptions { Epochs = 15, BatchSize = 8, LearningRate = 5e-3, WarmUpEpochs = 1, Seed = 3 };
        new Trainer(model, training).Run(new ToyClips(count: 32, batchSize: 8), cancellationToken: TestContext.Current.CancellationToken);
        return model;
    }
}
