using System.Buffers.Binary;
using ZeroI2V.Lab.Tests.FFMpegCore;
using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.Tests.VideoData;

/// <summary>Files that are not what they say. Each has a clear result: frames that are right, or one error that names the file.</summary>
public sealed class HostileVideoTests : IDisposable
{
    private readonly SmallVideo _videos = new();

    public void Dispose() => _videos.Dispose();

    [Fact]
    public void A_video_of_one_frame_is_one_frame()
    {
        string path = _videos.MakeCounter("one.mp4", 1);
        Assert.Equal(1, VideoFile.Probe(path).Frames);
        Assert.Equal(1, VideoFile.Decode(path).Count);
        Assert.Equal(8, VideoFile.Decode(path, new FrameSampling { Frames = 8 }.Test(1)).Count);
        Assert.Throws<VideoException>(() => VideoFile.Decode(path, [1]));
    }

    [Fact]
    public void A_frame_of_8k_is_decoded_and_can_be_scaled_while_decoding()
    {
        string path = _videos.Make("8k.mp4", "color=c=red:size=7680x4320:rate=2:duration=1", "-c:v mjpeg -q:v 8 -pix_fmt yuvj420p");
        Assert.Equal((7680, 4320), (VideoFile.Probe(path).Width, VideoFile.Probe(path).Height));
        FrameStack small = VideoFile.Decode(path, [1], size: (64, 36));
        Assert.Equal((1, 64, 36), (small.Count, small.Width, small.Height));
        Assert.InRange(small.Frame(0)[0], 240, 255);
        Assert.Equal(7680, VideoFile.Decode(path, [0]).Width);
    }

    [Fact]
    public void More_frames_than_memory_allows_are_refused_by_number()
    {
        // 400 frames, a few kilobytes in the file: 92 MB decoded.
        string path = _videos.Make("bomb.mp4", "color=c=black:size=320x240:rate=100:duration=4", "-c:v libx264 -preset ultrafast -pix_fmt yuv420p");
        Assert.InRange(new FileInfo(path).Length, 1, 50_000);
        var error = Assert.Throws<VideoException>(() => LibavDecoder.TryDecode(path, null, VideoFile.Filters(null), mostBytes: 32 << 20));
        Assert.Contains("more than 32 MiB", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, LibavDecoder.TryDecode(path, [0, 399], VideoFile.Filters(null), mostBytes: 32 << 20)!.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100_000)]
    public void An_absurd_frame_rate_changes_no_frame(int rate)
    {
        string path = _videos.MakeCounter("plain.mp4", 12);
        global::FFMpegCore.FFMpegArguments.FromFileInput(path)
            .OutputToFile(_videos["odd.mkv"], overwrite: true, output => output.WithCustomArgument($"-c copy -bsf:v setts=pts=N/(TB*{rate}):dts=N/(TB*{rate})")).ProcessSynchronously();
        // With 100,000 a second in a container of milliseconds most time stamps are equal.
        Assert.Equal(Enumerable.Range(0, 12), Counters(VideoFile.Decode(_videos["odd.mkv"])));
        Assert.Equal([3, 9], Counters(VideoFile.Decode(_videos["odd.mkv"], [3, 9])));
    }

    [Fact]
    public void Missing_time_stamps_change_no_frame()
    {
        string path = _videos.MakeCounter("raw.h264", 30, keyFrameEvery: 7, "-bf 2 -f h264");
        Assert.Equal(Enumerable.Range(0, 30), Counters(VideoFile.Decode(path)));
        Assert.Equal([4, 17, 29], Counters(VideoFile.Decode(path, [4, 17, 29])));
    }

    [Theory]
    [InlineData("tkhd")]
    [InlineData("avc1")]
    public void A_header_that_lies_about_the_size_changes_no_frame_or_is_an_error(string box)
    {
        string path = _videos.MakeCounter("true.mp4", 5);
        byte[] bytes = File.ReadAllBytes(path);
        int at = bytes.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(box));
        // Width and height: 16.16 fixed at the end of tkhd, 16 bits in the sample entry.
        if (box == "tkhd")
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(at + 80), 30000u << 16);
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(at + 84), 30000u << 16);
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(at + 28), 60000);
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(at + 30), 60000);
        }
        File.WriteAllBytes(_videos["lie.mp4"], bytes);
        try
        {
            FrameStack frames = VideoFile.Decode(_videos["lie.mp4"]);
            Assert.Equal((5, 64, 32), (frames.Count, frames.Width, frames.Height));
            Assert.Equal(Enumerable.Range(0, 5), Counters(frames));
        }
        catch (VideoException error)
        {
            Assert.Contains("lie.mp4", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_header_that_lies_about_the_number_of_frames_is_found_out()
    {
        string path = _videos.MakeCounter("true.mp4", 10, keyFrameEvery: 1);
        byte[] bytes = File.ReadAllBytes(path);
        int at = bytes.AsSpan().IndexOf("stsz"u8);
        Assert.Equal(10u, BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at + 12)));
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(at + 12), 0x7fffffff);
        File.WriteAllBytes(_videos["lie.mp4"], bytes);
        var error = Assert.Throws<VideoException>(() => VideoFile.Decode(_videos["lie.mp4"], [5000]));
        Assert.Contains("lie.mp4", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_time_limit_ends_what_would_take_too_long()
    {
        string path = _videos.Make("long.mp4", "testsrc2=size=640x360:rate=50:duration=6", "-c:v libx264 -preset ultrafast -pix_fmt yuv420p");
        Assert.Contains("more than", Assert.Throws<VideoException>(() => LibavDecoder.TryDecode(path, null, VideoFile.Filters(VideoFile.Thumbnail), TimeSpan.FromMilliseconds(1))).Message, StringComparison.Ordinal);
        Assert.NotNull(LibavDecoder.TryDecode(path, [1], VideoFile.Filters(VideoFile.Thumbnail)));
        // The programs, which are asked where the library is not sure, are ended too.
        TimeSpan brief = TimeSpan.FromMilliseconds(1);
        Assert.Contains("took more than 0.001 seconds", Assert.Throws<VideoException>(() => FrameDump.Run(brief, [new FrameDump.Wish(path)])).Message, StringComparison.Ordinal);
        Assert.Contains("took more than 0.001 seconds", Assert.Throws<VideoException>(() => VideoFile.Probe(path, brief)).Message, StringComparison.Ordinal);
        Assert.Equal(300, VideoFile.Probe(path).Frames);
    }

    [Fact]
    public void A_link_that_leads_to_itself_is_no_video()
    {
        File.CreateSymbolicLink(_videos["loop.mp4"], _videos["loop.mp4"]);
        Assert.Contains("loop.mp4", Assert.Throws<VideoException>(() => VideoFile.Decode(_videos["loop.mp4"])).Message, StringComparison.Ordinal);
    }

    private static IEnumerable<int> Counters(FrameStack frames) =>
        Enumerable.Range(0, frames.Count).Select(i => SmallVideo.ReadCounter(frames.Frame(i), frames.Width, frames.Height));
}
