using System.Collections.Concurrent;
using ZeroI2V.Lab.Tests.FFMpegCore;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.Tests.VideoData;

public sealed class ClipLoaderWorkersTests : IDisposable
{
    private readonly SmallVideo _videos = new();

    public void Dispose() => _videos.Dispose();

    /// <summary>Eleven videos; in video i every frame carries i. The ones named are no videos.</summary>
    private DecodedClips Clips(params int[] bad)
    {
        for (int i = 0; i < 11; i++)
        {
            if (bad.Contains(i))
                File.WriteAllText(_videos[$"{i:00}.mp4"], "no video");
            else
                _videos.MakeFrames($"{i:00}.mp4", Enumerable.Repeat(i, 6));
        }
        return DecodedClips.OnDemand(new ClipList
        {
            Name = "eleven", Synthetic = true, Classes = ["a", "b"], ClassGroups = ["", ""], ReversedClass = [-1, -1], Root = _videos.Folder,
            Clips = [.. Enumerable.Range(0, 11).Select(i => new ClipRecord { Path = $"{i:00}.mp4", Label = i % 2, Frames = 6 })],
        });
    }

    private static ClipLoaderOptions Options(bool training) => new()
    {
        Training = training, BatchSize = 3, Sampling = new FrameSampling { Frames = 2 }, Seed = 4,
        Transform = training ? new ClipTransform { Crop = CropRule.RandomResized, CropSize = 16, FlipProbability = 0.5, Augment = new RandAugment() } : ClipTransform.None,
    };

    private static List<(float[] Values, int[] Indices, long[] Labels)> Take(ClipLoader loader, int epoch, int first = 0)
    {
        var batches = new List<(float[], int[], long[])>();
        foreach (ClipBatch batch in loader.Epoch(epoch, first))
        {
            using (batch)
                batches.Add(([.. batch.Clips.data<float>()], [.. batch.Indices], [.. batch.Labels.data<long>()]));
        }
        return batches;
    }

    private static void Same(IEnumerable<(float[] Values, int[] Indices, long[] Labels)> expected, IEnumerable<(float[] Values, int[] Indices, long[] Labels)> found)
    {
        Assert.Equal(expected.Count(), found.Count());
        foreach (((float[] values, int[] indices, long[] labels), (float[] values2, int[] indices2, long[] labels2)) in expected.Zip(found))
        {
            Assert.Equal(indices, indices2);
            Assert.Equal(labels, labels2);
            Assert.True(values.AsSpan().SequenceEqual(values2));
        }
    }

    [Fact]
    public void What_comes_out_does_not_depend_on_workers_or_prefetch_also_with_bad_videos_and_after_a_resume()
    {
        DecodedClips clips = Clips(bad: [2, 7]);
        ClipLoader Loader(int workers, int prefetch) => new(clips, Options(training: true) with { Workers = workers, Prefetch = prefetch, MostBadVideos = 3 });
        List<(float[] Values, int[] Indices, long[] Labels)> one = Take(Loader(1, 1), epoch: 3);
        Assert.Equal(4, one.Count);
        Assert.Equal(11, one.Sum(batch => batch.Indices.Length));
        Assert.DoesNotContain(one, batch => batch.Indices.Contains(2) || batch.Indices.Contains(7));
        Same(one, Take(Loader(5, 3), epoch: 3));
        // A loader that has met the bad ones before, taken up in the middle of an epoch.
        ClipLoader later = Loader(3, 2);
        Take(later, epoch: 1);
        Same(one.Skip(2), Take(later, epoch: 3, first: 2));
        Assert.Equal([2, 7], later.Skipped.Select(video => video.Index));
    }

    [Fact]
    public void A_bad_video_is_reported_once_and_left_out_of_a_test()
    {
        var told = new ConcurrentQueue<BadVideo>();
        var loader = new ClipLoader(Clips(bad: [0, 1, 2, 8]), Options(training: false) with { MostBadVideos = 4, Workers = 2 }, new ImmediateProgress<BadVideo>(told.Enqueue));
        for (int epoch = 0; epoch < 2; epoch++)
            Assert.Equal([3, 4, 5, 6, 7, 9, 10], Take(loader, epoch).SelectMany(batch => batch.Indices));
        Assert.Equal([0, 1, 2, 8], told.Select(video => video.Index).Order());
        Assert.All(told, video => Assert.Contains(video.Path, video.Problem, StringComparison.Ordinal));
    }

    [Fact]
    public void Too_many_bad_videos_stop_with_a_list()
    {
        var loader = new ClipLoader(Clips(bad: [1, 4, 9]), Options(training: false) with { MostBadVideos = 2, Workers = 1 });
        var error = Assert.Throws<VideoException>(() => Take(loader, 0));
        Assert.Contains("3 videos of 'eleven' cannot be used; at most 2 may be skipped", error.Message, StringComparison.Ordinal);
        Assert.All(new[] { "01.mp4", "04.mp4", "09.mp4" }, name => Assert.Contains(name, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Without_permission_the_first_bad_video_stops()
    {
        var error = Assert.Throws<VideoException>(() => Take(new ClipLoader(Clips(bad: [4]), Options(training: true)), 0));
        Assert.EndsWith("04.mp4", error.Path, StringComparison.Ordinal);
    }

    [Fact]
    public void No_more_batches_are_made_than_may_wait()
    {
        var made = new List<int>();
        using var window = new SampleWindow<int, int[]>(0, 40, 4, 2, 3, i =>
        {
            lock (made)
                made.Add(i);
            return i;
        }, (_, samples) => samples);
        Assert.Equal([0, 1, 2, 3], window.Take());
        // One was taken, two more are allowed.
        SpinWait.SpinUntil(() => { lock (made) return made.Count >= 12; }, TimeSpan.FromSeconds(20));
        Thread.Sleep(30);
        lock (made)
            Assert.Equal(Enumerable.Range(0, 12), made.Order());
        for (int batch = 1; batch < 10; batch++)
            Assert.Equal([4 * batch, 4 * batch + 1, 4 * batch + 2, 4 * batch + 3], window.Take());
    }

    [Fact]
    public void Several_clips_and_crops_of_a_video_are_as_many_rows_in_the_official_order()
    {
        string path = _videos.MakeCounter("wide.mp4", 40, width: 96, height: 32);
        var list = new ClipList
        {
            Name = "one", Synthetic = true, Classes = ["a"], ClassGroups = [""], ReversedClass = [-1], Root = Path.GetDirectoryName(path)!,
            Clips = [new ClipRecord { Path = "wide.mp4", Label = 0, Frames = 40 }],
        };
        var sampling = new FrameSampling { Rule = FrameRule.Strided, Frames = 4, Stride = 2, Clips = 3 };
        var loader = new ClipLoader(DecodedClips.OnDemand(list), new ClipLoaderOptions
        {
            Training = false, BatchSize = 1, Sampling = sampling, Transform = new ClipTransform { ShortSide = 32, Crop = CropRule.Three, CropSize = 32 },
        });
        using ClipBatch batch = Assert.Single(loader.Epoch(0));
        Assert.Equal([9, 3, 4, 32, 32], batch.Clips.shape);
        // Row = crop * 3 + clip: the clips of the left crop first.
        FrameStack wide = VideoFile.Decode(path, sampling.Test(40));
        int[] lefts = [0, 64, 32];
        float[] values = [.. batch.Clips.data<float>()];
        for (int row = 0; row < 9; row++)
        {
            ReadOnlySpan<byte> frame = wide.Frame(row % 3 * 4);
            Assert.Equal(ClipNormalization.Clip.Apply(frame[3 * (5 * 96 + lefts[row / 3] + 7)], 0), values[row * 3 * 4 * 32 * 32 + 5 * 32 + 7]);
        }
    }
}
