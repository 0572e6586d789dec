using ZeroI2V.Lab.Tests.FFMpegCore;
using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.Tests.VideoData;

public sealed class LibavDecoderTests : IDisposable
{
    private const string H264 = "-c:v libx264 -pix_fmt yuv420p";

    private readonly SmallVideo _videos = new();

    public void Dispose() => _videos.Dispose();

    /// <summary>Every frame, some frames, parts of them, and scaled frames: from the library and from the program.</summary>
    private static void ExpectSame(string path)
    {
        FrameStack all = FrameDump.Run(new FrameDump.Wish(path))[0];
        Same(all, LibavDecoder.TryDecode(path, null, VideoFile.Filters(null)));
        var draws = new SeededDraws(3);
        for (int round = 0; round < 6; round++)
        {
            int[] wanted = [.. Enumerable.Range(0, round == 0 ? 1 : 5).Select(_ => draws.Whole(0, all.Count - 1)).Distinct().Order()];
            Same(all.Pick(wanted), LibavDecoder.TryDecode(path, wanted, VideoFile.Filters(null)));
            int left = draws.Whole(0, all.Width - 1), top = draws.Whole(0, all.Height - 1);
            var box = new CropBox(left, top, draws.Whole(left + 1, all.Width), draws.Whole(top + 1, all.Height));
            Same(ClipTransform.Cut(all.Pick(wanted), box, flip: false), LibavDecoder.TryDecode(path, wanted, (width, height) =>
            {
                Assert.Equal((all.Width, all.Height), (width, height));
                return box;
            }));
        }
        Same(FrameDump.Run(new FrameDump.Wish(path) { Size = (24, 18) })[0], LibavDecoder.TryDecode(path, null, VideoFile.Filters((24, 18))));
    }

    private static void Same(FrameStack expected, FrameStack? found)
    {
        Assert.NotNull(found);
        Assert.Equal((expected.Count, expected.Width, expected.Height), (found.Count, found.Width, found.Height));
        Assert.True(expected.Rgb.AsSpan().SequenceEqual(found.Rgb), "other bytes");
    }

    [Fact]
    public void The_library_is_there() => Assert.True(LibavDecoder.IsAvailable, "native/build/liblabvideo.so is missing: ./lab setup builds it where libavfilter-dev is installed.");

    [Theory]
    [InlineData("plain.mp4", H264 + " -g 250")]
    [InlineData("groups.mp4", H264 + " -g 9 -bf 3")]
    [InlineData("pyramid.mp4", H264 + " -bf 7 -b-pyramid normal -refs 5 -g 40")]
    [InlineData("open.mp4", H264 + " -bf 3 -x264-params open-gop=1:keyint=12")]
    [InlineData("no-b.mkv", H264 + " -bf 0 -g 13")]
    [InlineData("interlaced.mp4", H264 + " -flags +ildct+ilme -x264-params interlaced=1")]
    [InlineData("full-range.mp4", "-c:v libx264 -pix_fmt yuvj420p")]
    [InlineData("bt709.mp4", H264 + " -colorspace bt709 -color_primaries bt709 -color_trc bt709")]
    [InlineData("deep.mp4", "-c:v libx264 -pix_fmt yuv422p10le")]
    [InlineData("grey.mp4", "-c:v libx264 -pix_fmt gray")]
    [InlineData("late.mp4", H264 + " -output_ts_offset 3.7")]
    [InlineData("stream.ts", H264 + " -bf 2")]
    [InlineData("vp9.webm", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 11")]
    [InlineData("vp9-altref.webm", "-c:v libvpx-vp9 -deadline good -cpu-used 5 -auto-alt-ref 1 -lag-in-frames 16")]
    [InlineData("vp8.webm", "-c:v libvpx -auto-alt-ref 1 -lag-in-frames 10 -deadline good -cpu-used 5")]
    [InlineData("hevc.mp4", "-c:v libx265 -x265-params log-level=error -pix_fmt yuv420p -g 12")]
    [InlineData("mpeg4.avi", "-c:v mpeg4 -q:v 3 -bf 2")]
    [InlineData("mpeg4.mp4", "-c:v mpeg4 -q:v 3 -bf 2 -g 9")]
    [InlineData("mjpeg.avi", "-c:v mjpeg -q:v 3 -pix_fmt yuvj422p")]
    [InlineData("lossless.mkv", "-c:v ffv1 -pix_fmt bgr0")]
    [InlineData("sized.mp4", H264 + " -vf scale=50:38")]
    [InlineData("uneven.mp4", H264 + " -vf select='mod(n,3)' -fps_mode vfr -g 10")]
    public void Frames_are_those_of_the_program_to_the_byte(string name, string options) =>
        ExpectSame(_videos.Make(name, "testsrc2=size=64x48:rate=25:duration=1.7", options));

    [Theory]
    [InlineData(90)]
    [InlineData(180)]
    [InlineData(270)]
    public void Turned_videos_are_those_of_the_program_to_the_byte(int angle)
    {
        string flat = _videos.Make("flat.mp4", "testsrc2=size=64x48:rate=25:duration=0.4");
        global::FFMpegCore.FFMpegArguments.FromFileInput(flat)
            .OutputToFile(_videos["turned.mp4"], overwrite: true, output => output.WithCustomArgument($"-c copy -metadata:s:v:0 rotate={angle}"))
            .ProcessSynchronously();
        ExpectSame(_videos["turned.mp4"]);
    }

    [Fact]
    public void A_part_cut_out_without_encoding_is_the_programs_to_the_byte()
    {
        // An edit list: decoded frames before the cut are not shown.
        string whole = _videos.Make("whole.mp4", "testsrc2=size=64x48:rate=25:duration=3", H264 + " -bf 3 -g 20");
        global::FFMpegCore.FFMpegArguments.FromFileInput(whole, verifyExists: true, input => input.WithCustomArgument("-ss 1.3"))
            .OutputToFile(_videos["part.mp4"], overwrite: true, output => output.WithCustomArgument("-c copy"))
            .ProcessSynchronously();
        ExpectSame(_videos["part.mp4"]);
    }

    [Fact]
    public void The_first_of_two_streams_is_taken_and_a_cover_is_none()
    {
        string small = _videos.Make("small.mp4", "testsrc2=size=32x32:rate=25:duration=0.4"), large = _videos.Make("large.mp4", "testsrc2=size=64x48:rate=25:duration=0.4");
        global::FFMpegCore.FFMpegArguments.FromFileInput(large).AddFileInput(small)
            .OutputToFile(_videos["both.mkv"], overwrite: true, output => output.WithCustomArgument("-map 1:v -map 0:v -c copy")).ProcessSynchronously();
        Assert.Equal(32, LibavDecoder.TryDecode(_videos["both.mkv"], [0], VideoFile.Filters(null))!.Width);
        ExpectSame(_videos["both.mkv"]);
        _videos.Make("cover.png", "testsrc2=size=20x20:rate=1:duration=1", "-frames:v 1");
        global::FFMpegCore.FFMpegArguments.FromFileInput(_videos["cover.png"]).AddFileInput(small)
            .OutputToFile(_videos["cover.mp4"], overwrite: true, output => output.WithCustomArgument("-map 0 -map 1 -c copy -disposition:v:0 attached_pic")).ProcessSynchronously();
        ExpectSame(_videos["cover.mp4"]);
    }

    [Fact]
    public void What_is_damaged_or_no_video_is_left_to_the_program()
    {
        byte[] whole = File.ReadAllBytes(_videos.Make("whole.mp4", "testsrc2=size=64x48:rate=25:duration=2", H264 + " -g 10 -movflags faststart"));
        byte[] damaged = [.. whole];
        new Random(1).NextBytes(damaged.AsSpan(damaged.Length / 2, damaged.Length / 4));
        foreach ((string name, byte[] bytes) in new[] { ("damaged.mp4", damaged), ("cut.mp4", whole[..(whole.Length * 2 / 3)]), ("empty.mp4", []), ("text.mp4", "#EXTM3U\nhttp://127.0.0.1:9/x.ts"u8.ToArray()) })
        {
            File.WriteAllBytes(_videos[name], bytes);
            Assert.Null(LibavDecoder.TryDecode(_videos[name], null, VideoFile.Filters(null)));
        }
    }

    [Fact]
    public void A_video_that_ends_early_gives_what_there_is()
    {
        string path = _videos.MakeCounter("short.mp4", 10);
        FrameStack found = LibavDecoder.TryDecode(path, [3, 9, 10, 400], VideoFile.Filters(null))!;
        Assert.Equal([3, 9], Enumerable.Range(0, found.Count).Select(i => SmallVideo.ReadCounter(found.Frame(i), found.Width, found.Height)));
    }

    [Fact]
    public void Bytes_of_a_damaged_file_never_give_other_frames_than_the_program()
    {
        byte[] whole = File.ReadAllBytes(_videos.Make("whole.mp4", "testsrc2=size=48x32:rate=25:duration=1", H264 + " -g 8 -bf 2"));
        var random = new Random(11);
        for (int round = 0; round < 24; round++)
        {
            byte[] changed = [.. whole];
            for (int i = 0; i < 1 + round / 4; i++)
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(_videos["changed.mp4"], changed);
            FrameStack? found = Try(() => LibavDecoder.TryDecode(_videos["changed.mp4"], null, VideoFile.Filters(null)));
            if (found is not null && Try(() => FrameDump.Run(new FrameDump.Wish(_videos["changed.mp4"]))[0]) is { } expected)
                Same(expected, found);
        }

        static FrameStack? Try(Func<FrameStack?> decode)
        {
            try
            {
                return decode();
            }
            catch (VideoException)
            {
                return null;
            }
        }
    }
}
