using TorchSharp;
using ZeroI2V.Lab.Tests.FFMpegCore;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.VideoData;

/// <summary>Twelve real videos whose frames carry their own number, plus 20 times the video's.</summary>
public sealed class CountedVideos : IDisposable
{
    public const int Clips = 12;
    private readonly SmallVideo _videos = new();

    public CountedVideos()
    {
        var records = new List<ClipRecord>();
        for (int clip = 0; clip < Clips; clip++)
        {
            int frames = 14 + clip % 3;
            string file = _videos.MakeFrames($"{clip}.mp4", Enumerable.Range(0, frames).Select(frame => 20 * clip + frame));
            records.Add(new ClipRecord { Path = $"{clip}.mp4", Label = clip % 4, Frames = frames, Sha256 = VideoFile.Decode(file).Sha256() });
        }
        List = new ClipList
        {
            Name = "counted",
            Synthetic = true,
            Classes = ["a", "b", "c", "d"],
            ClassGroups = ["", "", "", ""],
            ReversedClass = [-1, -1, -1, -1],
            Clips = records,
            Root = _videos.Folder,
        };
        InMemory = DecodedClips.Load(List);
    }

    public ClipList List { get; }

    public DecodedClips InMemory { get; }

    public void Dispose() => _videos.Dispose();
}

public sealed class ClipLoaderTests(CountedVideos videos) : IClassFixture<CountedVideos>
{
    private static ClipLoaderOptions Training => new()
    {
        Training = true, BatchSize = 5, Sampling = new FrameSampling { Frames = 4 }, Seed = 3,
    };

    private static ClipLoaderOptions Testing => Training with { Training = false };

    /// <summary>The numbers in the frames of each row: video = number / 20, frame = number % 20.</summary>
    private static int[][] Counters(ClipBatch batch)
    {
        (int rows, int frames, int height, int width) = ((int)batch.Clips.shape[0], (int)batch.Clips.shape[2], (int)batch.Clips.shape[3], (int)batch.Clips.shape[4]);
        float[] floats = [.. batch.Clips.data<float>()];
        return [.. Enumerable.Range(0, rows).Select(row => Enumerable.Range(0, frames).Select(t =>
        {
            var rgb = new byte[3 * height * width];
            for (int i = 0; i < height * width; i++)
            {
                for (int c = 0; c < 3; c++)
                {
                    float value = floats[((row * 3 + c) * frames + t) * height * width + i];
                    rgb[3 * i + c] = (byte)MathF.Round(value * ClipNormalization.Clip.Std[c] + ClipNormalization.Clip.Mean[c]);
                }
            }
            return SmallVideo.ReadCounter(rgb, width, height);
        }).ToArray())];
    }

    private static List<(float[] Floats, long[] Labels, int[] Indices)> Contents(IEnumerable<ClipBatch> batches)
    {
        var contents = new List<(float[], long[], int[])>();
        foreach (ClipBatch batch in batches)
        {
            using (batch)
                contents.Add(([.. batch.Clips.data<float>()], [.. batch.Labels.data<long>()], [.. batch.Indices]));
        }
        return contents;
    }

    [Fact]
    public void Test_clips_come_in_order_with_the_frames_of_the_rule()
    {
        var loader = new ClipLoader(videos.InMemory, Testing);
        Assert.Equal((12, 5, 3), (loader.Count, loader.BatchSize, loader.BatchesPerEpoch));
        int clip = 0;
        foreach (ClipBatch batch in loader.Epoch(0))
        {
            using (batch)
            {
                int rows = clip < 10 ? 5 : 2;
                Assert.Equal([rows, 3, 4, 32, 64], batch.Clips.shape);
                Assert.Equal((ScalarType.Float32, ScalarType.Int64), (batch.Clips.dtype, batch.Labels.dtype));
                int[][] counters = Counters(batch);
                for (int row = 0; row < rows; row++, clip++)
                {
                    Assert.Equal(clip, batch.Indices[row]);
                    Assert.Equal(clip % 4, batch.Labels[row].item<long>());
                    int[] expected = new FrameSampling { Frames = 4 }.Test(14 + clip % 3);
                    Assert.Equal(expected.Select(frame => 20 * clip + frame), counters[row]);
                }
            }
        }
        Assert.Equal(12, clip);
    }

    [Fact]
    public void Floats_are_the_normalised_bytes()
    {
        ClipBatch batch = new ClipLoader(videos.InMemory, Testing).Epoch(0).First();
        using (batch)
        {
            FrameStack frames = VideoFile.Decode(videos.List.FullPath(videos.List.Clips[2]));
            int frame = new FrameSampling { Frames = 4 }.Test(frames.Count)[1];
            for (int c = 0; c < 3; c++)
            {
                byte value = frames.Frame(frame)[3 * (10 * 64 + 33) + c];
                Assert.Equal(ClipNormalization.Clip.Apply(value, c), batch.Clips[2, c, 1, 10, 33].item<float>());
            }
        }
    }

    [Fact]
    public void Training_sees_every_clip_once_an_epoch_in_another_order_with_other_frames()
    {
        var loader = new ClipLoader(videos.InMemory, Training);
        var first = Contents(loader.Epoch(0));
        var second = Contents(loader.Epoch(1));
        foreach (var epoch in (List<(float[], long[], int[] Indices)>[])[first, second])
            Assert.Equal(Enumerable.Range(0, 12), epoch.SelectMany(batch => batch.Indices).Order());
        Assert.NotEqual(first.SelectMany(batch => batch.Indices), second.SelectMany(batch => batch.Indices));
        Assert.NotEqual(first.SelectMany(batch => batch.Indices), Contents(new ClipLoader(videos.InMemory, Training with { Seed = 4 }).Epoch(0)).SelectMany(batch => batch.Indices));
        foreach (ClipBatch batch in loader.Epoch(0))
        {
            using (batch)
            {
                int[][] counters = Counters(batch);
                for (int row = 0; row < counters.Length; row++)
                {
                    Assert.All(counters[row], counter => Assert.Equal(batch.Indices[row], counter / 20));
                    Assert.Equal(counters[row].Order(), counters[row]);
                    Assert.Equal(batch.Indices[row] % 4, batch.Labels[row].item<long>());
                }
            }
        }
    }

    [Fact]
    public void An_epoch_repeats_exactly_and_can_be_taken_up_at_any_batch()
    {
        ClipLoaderOptions options = Training with
        {
            Transform = new ClipTransform { Crop = CropRule.RandomShift, MaxShift = 3, FlipProbability = 0.5, LabelsSwappedByFlip = [(0, 1)], Erasing = new RandomErasing() },
        };
        var whole = Contents(new ClipLoader(videos.InMemory, options).Epoch(2));
        for (int first = 0; first <= 3; first++)
        {
            var rest = Contents(new ClipLoader(videos.InMemory, options).Epoch(2, first));
            Assert.Equal(3 - first, rest.Count);
            for (int i = 0; i < rest.Count; i++)
            {
                Assert.Equal(whole[first + i].Indices, rest[i].Indices);
                Assert.Equal(whole[first + i].Labels, rest[i].Labels);
                Assert.True(whole[first + i].Floats.AsSpan().SequenceEqual(rest[i].Floats));
            }
        }
    }

    [Fact]
    public void Videos_that_do_not_fit_into_memory_give_the_same_batches()
    {
        DecodedClips some = DecodedClips.Load(videos.List, memory: 5 * 15 * 64 * 32 * 3, cancellationToken: TestContext.Current.CancellationToken);
        Assert.False(some.AllDecoded);
        var expected = Contents(new ClipLoader(videos.InMemory, Training).Epoch(1));
        foreach (DecodedClips clips in (DecodedClips[])[some, DecodedClips.OnDemand(videos.List)])
        {
            var found = Contents(new ClipLoader(clips, Training).Epoch(1));
            Assert.Equal(expected.Count, found.Count);
            for (int i = 0; i < found.Count; i++)
            {
                Assert.Equal(expected[i].Indices, found[i].Indices);
                Assert.True(expected[i].Floats.AsSpan().SequenceEqual(found[i].Floats));
            }
        }
    }

    [Fact]
    public void Several_views_of_a_clip_follow_each_other()
    {
        ClipLoaderOptions options = Testing with
        {
            BatchSize = 2,
            Sampling = new FrameSampling { Rule = FrameRule.Strided, Frames = 4, Stride = 2, Clips = 2 },
            Transform = new ClipTransform { Crop = CropRule.Three, CropSize = 32 },
        };
        ClipBatch batch = new ClipLoader(videos.InMemory, options).Epoch(0).First();
        using (batch)
        {
            Assert.Equal([12, 3, 4, 32, 32], batch.Clips.shape);
            Assert.Equal([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1], batch.Indices);
            // Rows 0 and 1 are the left crop of the two temporal clips: they differ. Rows 0 and 2 are two crops of one clip.
            Assert.NotEqual(0, (batch.Clips[0] - batch.Clips[1]).abs().sum().item<float>());
            Assert.NotEqual(0, (batch.Clips[0] - batch.Clips[2]).abs().sum().item<float>());
        }
    }

    [Fact]
    public void A_short_side_given_to_the_memory_is_the_same_as_in_the_transform()
    {
        ClipLoaderOptions options = Testing with { Transform = new ClipTransform { ShortSide = 16 } };
        var expected = Contents(new ClipLoader(videos.InMemory, options).Epoch(0));
        var found = Contents(new ClipLoader(DecodedClips.Load(videos.List, shortSide: 16, cancellationToken: TestContext.Current.CancellationToken), Testing).Epoch(0));
        Assert.Equal(5 * 3 * 4 * 16 * 32, found[0].Floats.Length);
        Assert.Equal(expected[0].Floats, found[0].Floats);
    }

    [Fact]
    public void A_subset_is_all_that_comes_and_the_last_batch_can_be_dropped()
    {
        ClipLoaderOptions options = Training with { Subset = [7, 2, 9], BatchSize = 2 };
        Assert.Equal([2, 7, 9], Contents(new ClipLoader(videos.InMemory, options).Epoch(0)).SelectMany(batch => batch.Indices).Order());
        Assert.Single(Contents(new ClipLoader(videos.InMemory, options with { DropLast = true }).Epoch(0)));
    }

    [Fact]
    public void Leaving_an_epoch_early_ends_its_thread_and_leaves_no_tensor()
    {
        var loader = new ClipLoader(videos.InMemory, Training with { BatchSize = 1 });
        Contents(loader.Epoch(0));
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (int epoch = 0; epoch < 20; epoch++)
        {
            foreach (ClipBatch batch in loader.Epoch(epoch))
            {
                batch.Dispose();
                break;
            }
        }
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Tensors_belong_to_the_scope_of_the_one_who_takes_them()
    {
        ClipBatch batch;
        using (NewDisposeScope())
            batch = new ClipLoader(videos.InMemory, Training).Epoch(0).First();
        Assert.True(batch.Clips.IsInvalid);
        Assert.True(batch.Labels.IsInvalid);
    }

    [Fact]
    public void A_video_that_is_gone_stops_the_epoch_with_its_name()
    {
        ClipList list = videos.List with { Clips = [videos.List.Clips[0], new ClipRecord { Path = "gone.mp4", Label = 0, Frames = 9 }] };
        var failure = Assert.Throws<VideoException>(() => Contents(new ClipLoader(DecodedClips.OnDemand(list), Testing).Epoch(0)));
        Assert.EndsWith("gone.mp4", failure.Path, StringComparison.Ordinal);
        Assert.Throws<VideoException>(() => DecodedClips.Load(list, cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Videos_that_are_not_what_the_list_says_are_named()
    {
        ClipRecord[] clips = [.. videos.List.Clips];
        clips[3] = clips[3] with { Frames = 99 };
        clips[5] = clips[5] with { Sha256 = new string('a', 64) };
        var failure = Assert.Throws<VideoException>(() => DecodedClips.Load(videos.List with { Clips = clips }, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains("says 99 frames, decoding gives 14", failure.Message, StringComparison.Ordinal);
        Assert.Contains("2 of 12 videos", failure.Message, StringComparison.Ordinal);
        Assert.Contains("5.mp4", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decoding_tells_how_far_it_is_and_can_be_stopped()
    {
        var reports = new System.Collections.Concurrent.ConcurrentBag<DecodingProgress>();
        DecodedClips.Load(videos.List, progress: new ImmediateProgress<DecodingProgress>(reports.Add), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(1, 12), reports.Select(report => report.Done).Order());
        Assert.All(reports, report => Assert.Equal(12, report.Total));
        Assert.Throws<OperationCanceledException>(() => DecodedClips.Load(videos.List, cancellationToken: new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Options_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new ClipLoader(videos.InMemory, Training with { BatchSize = 0 }));
        Assert.Throws<ArgumentException>(() => new ClipLoader(videos.InMemory, Training with { Subset = [12] }));
        Assert.Throws<ArgumentException>(() => new ClipLoader(videos.InMemory, Training with { Subset = [] }));
        Assert.Throws<ArgumentException>(() => new ClipLoader(videos.InMemory, Training with { BatchSize = 13, DropLast = true }));
        Assert.Throws<ArgumentException>(() => new ClipLoader(videos.InMemory, Testing with { DropLast = true }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ClipLoader(videos.InMemory, Training).Epoch(0, 4));
    }
}
