using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.Tests.VideoData;

public sealed class DecodedFileTests(CountedVideos videos) : IClassFixture<CountedVideos>, IDisposable
{
    private const int Side = 16;

    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    /// <summary>The videos in a folder of this test's own.</summary>
    private ClipList Own()
    {
        foreach (ClipRecord clip in videos.List.Clips)
            File.Copy(videos.List.FullPath(clip), _root[clip.Path]);
        return videos.List with { Root = _root.Path };
    }

    private static int Decodings(ClipList list, out DecodedClips clips, List<string>? notes = null)
    {
        int count = 0;
        var gate = new Lock();
        clips = DecodedClips.Shared(list, Side, new ImmediateProgress<DecodingProgress>(p =>
        {
            lock (gate)
            {
                if (p.Note is null)
                    count++;
                else
                    notes?.Add(p.Note);
            }
        }), TestContext.Current.CancellationToken);
        return count;
    }

    private string Kept => Assert.Single(Directory.GetFiles(_root.Path, "*.frames"));

    private static void AssertSameBatches(DecodedClips expected, DecodedClips found)
    {
        foreach (bool training in (bool[])[true, false])
        {
            var options = new ClipLoaderOptions { Training = training, BatchSize = 5, Sampling = new FrameSampling { Frames = 4 }, Seed = 3 };
            for (int epoch = 0; epoch < 2; epoch++)
            {
                foreach ((ClipBatch one, ClipBatch other) in new ClipLoader(expected, options).Epoch(epoch).Zip(new ClipLoader(found, options).Epoch(epoch)))
                {
                    using (one)
                    using (other)
                    {
                        Assert.Equal(one.Indices, other.Indices);
                        Assert.Equal(one.Labels.data<long>().ToArray(), other.Labels.data<long>().ToArray());
                        Assert.True(one.Clips.data<float>().ToArray().AsSpan().SequenceEqual(other.Clips.data<float>().ToArray()));
                    }
                }
            }
        }
    }

    [Fact]
    public void Batches_are_the_same_to_the_bit_and_nothing_is_decoded_twice()
    {
        ClipList list = Own();
        DecodedClips memory = DecodedClips.Load(list, Side, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(list.Clips.Count, Decodings(list, out DecodedClips first));
        // Even the videos are not read.
        foreach (ClipRecord clip in list.Clips)
            File.Delete(list.FullPath(clip));
        Assert.Equal(0, Decodings(list, out DecodedClips second));
        Assert.True(second.AllDecoded);
        AssertSameBatches(memory, first);
        AssertSameBatches(memory, second);
        ClipList few = list.Subset("few", [7, 2, 3, 9, 10]);
        AssertSameBatches(memory.Subset(few), second.Subset(few));
    }

    [Fact]
    public async Task Of_many_that_want_the_frames_one_decodes_them()
    {
        ClipList list = Own();
        Task<int>[] all = [.. Enumerable.Range(0, 6).Select(_ => Task.Run(() => Decodings(list, out DecodedClips _), TestContext.Current.CancellationToken))];
        int[] decoded = await Task.WhenAll(all);
        Assert.Equal(list.Clips.Count, decoded.Sum());
        Assert.Equal(Path.GetFileName(Kept), Path.GetFileName(Assert.Single(Directory.GetFiles(_root.Path, "decoded-*", SearchOption.TopDirectoryOnly), file => !file.EndsWith(".lock", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData("shorter")]
    [InlineData("empty")]
    [InlineData("magic")]
    [InlineData("identity")]
    [InlineData("place beyond the end")]
    [InlineData("place in the head")]
    [InlineData("frames")]
    [InlineData("height 0")]
    [InlineData("height and width whose product overflows")]
    public void A_file_whose_head_is_damaged_or_lies_is_made_anew(string fault)
    {
        ClipList list = Own();
        Decodings(list, out _);
        byte[] good = File.ReadAllBytes(Kept), bytes = [.. good];
        const int Entry = 40 + (2 * 52);
        switch (fault)
        {
            case "shorter": bytes = bytes[..^1]; break;
            case "empty": bytes = []; break;
            case "magic": bytes[3] ^= 1; break;
            case "identity": bytes[8] ^= 1; break;
            case "place beyond the end": BitConverter.TryWriteBytes(bytes.AsSpan(Entry), long.MaxValue - 10); break;
            case "place in the head": BitConverter.TryWriteBytes(bytes.AsSpan(Entry), 12L); break;
            case "frames": BitConverter.TryWriteBytes(bytes.AsSpan(Entry + 8), 7); break;
            case "height 0": BitConverter.TryWriteBytes(bytes.AsSpan(Entry + 12), 0); break;
            default:
                BitConverter.TryWriteBytes(bytes.AsSpan(Entry + 12), int.MaxValue);
                BitConverter.TryWriteBytes(bytes.AsSpan(Entry + 16), int.MaxValue);
                break;
        }
        File.WriteAllBytes(Kept, bytes);
        Assert.Equal(list.Clips.Count, Decodings(list, out DecodedClips again));
        Assert.Equal(good.Length, new FileInfo(Kept).Length);
        AssertSameBatches(DecodedClips.Load(list, Side, cancellationToken: TestContext.Current.CancellationToken), again);
    }

    [Fact]
    public void A_pixel_that_has_changed_is_found_when_its_video_is_first_read()
    {
        ClipList list = Own();
        Decodings(list, out _);
        byte[] bytes = File.ReadAllBytes(Kept);
        bytes[^1] ^= 1;
        File.WriteAllBytes(Kept, bytes);
        Assert.Equal(0, Decodings(list, out DecodedClips clips));
        var faults = Enumerable.Range(0, list.Clips.Count).Select(clip => Record.Exception(() => clips.Frames(clip, [0]))).OfType<InvalidDataException>().ToList();
        Assert.Contains("Delete it", Assert.Single(faults).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_frames_cannot_be_kept_it_is_said_and_they_are_decoded_into_memory()
    {
        ClipList list = Own();
        // A folder in the lock's place: the file cannot be made, whoever asks.
        Decodings(list, out _);
        string kept = Kept;
        File.Delete(kept);
        File.Delete(kept + ".lock");
        Directory.CreateDirectory(kept + ".lock");
        var notes = new List<string>();
        Assert.Equal(list.Clips.Count, Decodings(list, out DecodedClips clips, notes));
        Assert.Contains("decoded into memory", Assert.Single(notes), StringComparison.Ordinal);
        Assert.True(clips.AllDecoded);
        Assert.Empty(Directory.GetFiles(_root.Path, "*.frames"));
    }

    [Fact]
    public void Other_sizes_and_other_videos_are_other_files_and_public_data_leave_none()
    {
        ClipList list = Own();
        Decodings(list, out _);
        CancellationToken token = TestContext.Current.CancellationToken;
        DecodedClips.Shared(list, 8, cancellationToken: token);
        DecodedClips.Shared(list.Subset("half", [0, 1, 2, 3, 4, 5]), Side, cancellationToken: token);
        Assert.Equal(3, Directory.GetFiles(_root.Path, "*.frames").Length);
        DecodedClips.Shared(list.Subset("public", [1, 2]) with { Synthetic = false }, Side, cancellationToken: token);
        DecodedClips.Shared(list with { Clips = [.. list.Clips.Take(3).Select(clip => clip with { Sha256 = "" })] }, Side, cancellationToken: token);
        Assert.Equal(3, Directory.GetFiles(_root.Path, "*.frames").Length);
    }
}
