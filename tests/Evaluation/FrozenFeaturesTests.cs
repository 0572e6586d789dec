using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.Stdha;
using ZeroI2V.Lab.Tests.MicroWorld;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.MicroWorld;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.Evaluation;

public sealed class FrozenFeaturesTests(QuickData quick) : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    /// <summary>Source and a run of a method, on videos whose folder belongs to this test alone.</summary>
    private (SweepSource Source, VideoRunData Data, VideoRunOptions Options) Prepare(AdaptationMethod method)
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        SweepSource source = SweepSource.Ensure(MicroSize.Quick, quick.Root, _root["models"], cancellationToken: token);
        ClipList train = Own(quick.Clips.Train, "train"), test = Own(quick.Clips.Test, "test");
        VideoRunData data = VideoRunData.Load(train, test, MicroRecipe.Recognizer.Backbone.Resolution, cancellationToken: token);
        VideoRunOptions options = MicroRecipe.Run(data, source.Image, method, HeadSplit.Lowest(-1, 1), seed: 0);
        return (source, data, options with { Training = options.Training with { Epochs = 2, WarmUpEpochs = 0.5, BatchSize = 10, EvaluateEvery = 1 } });
    }

    private ClipList Own(ClipList list, string folder)
    {
        foreach (ClipRecord clip in list.Clips)
        {
            string copy = _root[$"{folder}/{clip.Path}"];
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(list.FullPath(clip), copy, overwrite: true);
        }
        return list with { Root = _root[folder] };
    }

    private static ClipLoader Loader(DecodedClips clips, bool training) =>
        new(clips, new ClipLoaderOptions { Training = training, BatchSize = 7, DropLast = training, Sampling = new FrameSampling { Frames = 8 }, Seed = 5 });

    private static FrozenFeatures Of(VideoRunData data, VideoRunOptions options, string image, List<string> told)
    {
        using VideoRecognizer model = Prepared(options, image);
        return FrozenFeatures.Of(model, data.Train, options, new ImmediateProgress<TrainingProgress>(p => told.Add(p.InWords())), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Batches_hold_what_the_recogniser_makes_of_the_same_clips()
    {
        (SweepSource source, VideoRunData data, VideoRunOptions options) = Prepare(AdaptationMethod.LinearProbe);
        FrozenFeatures features = Of(data, options, source.Image.Path, []);
        using VideoRecognizer model = Prepared(options, source.Image.Path);
        using var mode = no_grad();
        foreach (bool training in (bool[])[true, false])
        {
            ClipLoader loader = Loader(data.Train, training);
            IClipBatches found = features.Batches(loader);
            Assert.Equal(loader.Count, found.Count);
            for (int epoch = 0; epoch < 2; epoch++)
            {
                int batches = 0;
                foreach ((ClipBatch one, ClipBatch other) in loader.Epoch(epoch, firstBatch: 1).Zip(found.Epoch(epoch, firstBatch: 1)))
                {
                    using var scope = NewDisposeScope();
                    using (one)
                    using (other)
                    {
                        Assert.Equal(one.Indices, other.Indices);
                        Assert.Equal(one.Labels.data<long>().ToArray(), other.Labels.data<long>().ToArray());
                        Tensor expected = model.Features(one.Clips);
                        Assert.Equal(expected.shape, other.Clips.shape);
                        // Products of another number of rows may be rounded otherwise.
                        Assert.True(expected.sub(other.Clips).abs().max().item<float>() <= 1e-5f * expected.abs().max().item<float>());
                    }
                    batches++;
                }
                Assert.Equal(loader.BatchesPerEpoch - 1, batches);
            }
        }
    }

    [Fact]
    public void A_run_comes_to_the_same_weights_as_one_that_sees_the_videos_in_every_epoch()
    {
        (SweepSource source, VideoRunData data, VideoRunOptions options) = Prepare(AdaptationMethod.LinearProbe);
        var told = new List<string>();
        VideoRunResult result = VideoRun.Execute(
            options, data, source.Image.Path, new RunFolder(_root["runs/one"]), new ImmediateProgress<TrainingProgress>(p => told.Add(p.InWords())), TestContext.Current.CancellationToken);
        Assert.Contains(told, line => line.StartsWith("features of the frozen image model, ", StringComparison.Ordinal));

        using VideoRecognizer model = Prepared(options, source.Image.Path);
        var train = new ClipLoader(data.Train, new ClipLoaderOptions { Training = true, BatchSize = 10, DropLast = true, Sampling = options.Sampling, Seed = 0 });
        new Trainer(model, options.Training).Run(train, cancellationToken: TestContext.Current.CancellationToken);
        using VideoRecognizer kept = VideoRecognizer.Open(_root["runs/one/model.safetensors"]);
        foreach ((Tensor expected, Tensor found) in model.Head.parameters().Zip(kept.Head.parameters()))
            Assert.True(expected.sub(found).abs().max().item<float>() <= 1e-4f * expected.abs().max().item<float>());
        EvaluationResult again = VideoEvaluation.Evaluate(kept, Loader(data.Test, training: false), data.Test.List, TestContext.Current.CancellationToken);
        Assert.Equal(again.Overall.Top1, result.Evaluation.Overall.Top1);
    }

    [Fact]
    public void Features_are_computed_once_and_a_damaged_file_is_made_anew()
    {
        (SweepSource source, VideoRunData data, VideoRunOptions options) = Prepare(AdaptationMethod.LinearProbe);
        List<string> first = [], second = [], third = [], other = [];
        FrozenFeatures computed = Of(data, options, source.Image.Path, first);
        FrozenFeatures read = Of(data, options, source.Image.Path, second);
        Assert.NotEmpty(first);
        Assert.Empty(second);
        Assert.Equal(computed.Seconds, read.Seconds);
        Assert.Equal(Values(computed, data), Values(read, data));

        string file = Assert.Single(Directory.GetFiles(data.Train.List.Root, "features-*.safetensors"));
        byte[] bytes = File.ReadAllBytes(file);
        bytes[^5] ^= 1;
        File.WriteAllBytes(file, bytes);
        FrozenFeatures mended = Of(data, options, source.Image.Path, third);
        Assert.NotEmpty(third);
        Assert.Equal(Values(computed, data), Values(mended, data));
        File.WriteAllBytes(file, bytes[..100]);
        Assert.Equal(Values(computed, data), Values(Of(data, options, source.Image.Path, []), data));

        // Of another image model they are others.
        Of(data, options with { ImageModelSha256 = new string('0', 64) }, source.Image.Path, other);
        Assert.NotEmpty(other);
        Assert.Equal(2, Directory.GetFiles(data.Train.List.Root, "features-*.safetensors").Length);
    }

    [Fact]
    public void Where_they_cannot_be_kept_a_run_computes_its_own_and_says_why()
    {
        (SweepSource source, VideoRunData data, VideoRunOptions options) = Prepare(AdaptationMethod.LinearProbe);
        float[][] expected = Values(Of(data, options, source.Image.Path, []), data);
        string file = Assert.Single(Directory.GetFiles(data.Train.List.Root, "features-*.safetensors"));
        File.Delete(file);
        // A folder in the file's place can be neither read nor replaced.
        Directory.CreateDirectory(file);
        File.WriteAllText(Path.Combine(file, "x"), "");
        var told = new List<string>();
        Assert.Equal(expected, Values(Of(data, options, source.Image.Path, told), data));
        Assert.Contains(told, line => line.Contains("cannot be kept", StringComparison.Ordinal));
    }

    [Fact]
    public void Only_where_nothing_before_the_head_changes_do_they_suffice()
    {
        (_, VideoRunData data, VideoRunOptions options) = Prepare(AdaptationMethod.LinearProbe);
        Assert.True(FrozenFeatures.Suffice(options, data));
        foreach (AdaptationMethod method in AdaptationMethod.All.Where(method => method != AdaptationMethod.LinearProbe))
            Assert.False(FrozenFeatures.Suffice(Prepare(method).Options, data));
        Assert.False(FrozenFeatures.Suffice(options with { Recognizer = options.Recognizer with { Heads = HeadSplit.Lowest(-1, 1) } }, data));
        Assert.False(FrozenFeatures.Suffice(options with { Recognizer = options.Recognizer with { TemporalEmbedding = true } }, data));
        Assert.False(FrozenFeatures.Suffice(options with { Recognizer = options.Recognizer with { Tuning = BackboneTuning.LastNorm } }, data));
        var unhashed = new VideoRunData(data.Train, DecodedClips.OnDemand(data.Test.List with { Clips = [.. data.Test.List.Clips.Select(clip => clip with { Sha256 = "" })] }));
        Assert.False(FrozenFeatures.Suffice(options, unhashed));
    }

    private static float[][] Values(FrozenFeatures features, VideoRunData data) =>
        [.. features.Batches(Loader(data.Train, training: false)).Epoch(0).Select(batch =>
        {
            using (batch)
                return batch.Clips.contiguous().data<float>().ToArray();
        })];

    private static VideoRecognizer Prepared(VideoRunOptions options, string image) => Trainer.Prepare(options.Recognizer, image, options.Training.Seed);
}
