using System.Diagnostics;
using ZeroI2V.Lab.Tests.FFMpegCore;
using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.Tests.VideoData;

public sealed class VideoFileTests : IDisposable
{
    private readonly SmallVideo _videos = new();

    public void Dispose() => _videos.Dispose();

    private static int[] Counters(FrameStack frames) =>
        [.. Enumerable.Range(0, frames.Count).Select(i => SmallVideo.ReadCounter(frames.Frame(i), frames.Width, frames.Height))];

    [Theory]
    [InlineData("h264.mp4", "")]
    [InlineData("late.mp4", "-output_ts_offset 3.7")]
    [InlineData("b-frames.mkv", "-bf 3")]
    [InlineData("stream.ts", "-bf 2")]
    [InlineData("vp9.webm", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8")]
    [InlineData("mpeg4.avi", "-c:v mpeg4 -q:v 3 -bf 0")]
    [InlineData("mjpeg.avi", "-c:v mjpeg -q:v 3 -pix_fmt yuvj420p")]
    public void Every_frame_is_found_by_its_number(string name, string options)
    {
        string file = _videos.MakeCounter(name, 130, keyFrameEvery: 12, options);
        VideoInfo info = VideoFile.Probe(file);
        Assert.Equal((130, 64, 32), (info.Frames, info.Width, info.Height));
        Assert.Equal(25, info.FramesPerSecond, 3);

        FrameStack all = VideoFile.Decode(file);
        Assert.Equal((64, 32), (all.Width, all.Height));
        Assert.Equal(Enumerable.Range(0, 130), Counters(all));

        int[] wanted = [129, 60, 61, 62, 100, 60];
        Assert.Equal(wanted, Counters(VideoFile.Decode(file, wanted)));
        FrameStack sought = VideoFile.Decode(file, wanted, known: info);
        Assert.Equal(wanted, Counters(sought));
        Assert.Equal(all.Pick(wanted).Rgb, sought.Rgb);
        for (int first = 59; first < 62; first++)
            Assert.Equal([first], Counters(VideoFile.Decode(file, [first], known: info)));
    }

    [Fact]
    public void Frames_with_uneven_time_stamps_are_found_by_their_number()
    {
        // Every third frame left out: shown for 40 or 80 ms.
        string even = _videos.MakeCounter("even.mp4", 150, keyFrameEvery: 10);
        global::FFMpegCore.FFMpegArguments
            .FromFileInput(even)
            .OutputToFile(_videos["uneven.mp4"], overwrite: true, output => output
                .WithCustomArgument("-vf select='mod(n,3)' -fps_mode vfr -g 10"))
            .ProcessSynchronously();
        int[] shown = [.. Enumerable.Range(0, 150).Where(n => n % 3 != 0)];
        VideoInfo info = VideoFile.Probe(_videos["uneven.mp4"]);
        Assert.Equal(100, info.Frames);
        Assert.Equal(shown, Counters(VideoFile.Decode(_videos["uneven.mp4"])));
        Assert.Equal([shown[77], shown[99]], Counters(VideoFile.Decode(_videos["uneven.mp4"], [77, 99], known: info)));
    }

    [Fact]
    public void A_turned_video_is_decoded_as_it_is_shown()
    {
        File.WriteAllBytes(_videos["turned.mp4"], TurnedAQuarter(File.ReadAllBytes(_videos.MakeCounter("flat.mp4", 3))));
        VideoInfo info = VideoFile.Probe(_videos["turned.mp4"]);
        FrameStack frames = VideoFile.Decode(_videos["turned.mp4"]);
        Assert.Equal((32, 64), (info.Width, info.Height));
        Assert.Equal((32, 64), (frames.Width, frames.Height));
    }

    /// <summary>Writes a quarter turn into the display matrix of a track's header; what ffmpeg takes for it changed from version to version.</summary>
    private static byte[] TurnedAQuarter(byte[] mp4)
    {
        int header = mp4.AsSpan().IndexOf("tkhd"u8);
        Assert.True(header > 0 && mp4[header + 4] == 0, "expected a track header of version 0");
        // From the box's name: version and flags 4, times 8, track 4, reserved 4, duration 4, reserved 8, layer 2, group 2, volume 2, reserved 2.
        Span<byte> matrix = mp4.AsSpan(header + 4 + 40, 36);
        int[] quarter = [0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000];
        for (int i = 0; i < quarter.Length; i++)
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(matrix[(4 * i)..], quarter[i]);
        return mp4;
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(37, 21)]
    public void Odd_sizes_keep_every_pixel(int width, int height)
    {
        SmallVideo.CounterFrame[] drawn = [SmallVideo.Counter(0x5A, width, height), SmallVideo.Counter(0xA5, width, height)];
        // Not through a pipe: where the first bytes to arrive are fewer than the tag of an MP3 that ffmpeg looks for, it loses them.
        File.WriteAllBytes(_videos["odd.rgb"], [.. drawn.SelectMany(frame => frame.Bytes())]);
        global::FFMpegCore.FFMpegArguments
            .FromFileInput(_videos["odd.rgb"], verifyExists: true, input => input.WithCustomArgument($"-f rawvideo -pix_fmt rgb24 -s {width}x{height}"))
            .OutputToFile(_videos["odd.mkv"], overwrite: true, output => output.WithCustomArgument("-c:v ffv1 -pix_fmt bgr0"))
            .ProcessSynchronously();
        FrameStack frames = VideoFile.Decode(_videos["odd.mkv"]);
        Assert.Equal((2, width, height), (frames.Count, frames.Width, frames.Height));
        Assert.Equal(drawn[0].Bytes(), frames.Frame(0));
        Assert.Equal(drawn[1].Bytes(), frames.Frame(1));
    }

    [Fact]
    public void Frames_can_be_scaled_while_decoding()
    {
        string file = _videos.MakeCounter("large.mp4", 4, width: 256, height: 128);
        FrameStack frames = VideoFile.Decode(file, [3, 1], size: (64, 32));
        Assert.Equal((2, 64, 32), (frames.Count, frames.Width, frames.Height));
        Assert.Equal([3, 1], Counters(frames));
    }

    [Fact]
    public void Any_file_name_will_do()
    {
        string[] names =
        [
            "with space.mp4", "-dash.mp4", "concat:a|b.mp4", "per%03dcent.mp4", "quote\"quote.mp4", "back\\slash\\.mp4",
            "( ) [ ] ! # & + = ; , ' @ ~ { } $HOME *.mp4",
        ];
        string file = _videos.MakeCounter("plain.mp4", 3);
        foreach (string name in names)
        {
            File.Move(file, _videos[name]);
            file = _videos[name];
            Assert.Equal([0, 1, 2], Counters(VideoFile.Decode(file)));
        }
        File.Move(file, _videos["quote\".mp4"]);
        Assert.Equal(3, VideoFile.Probe(_videos["quote\".mp4"]).Frames);
    }

    [Fact]
    public void A_missing_file_and_a_folder_are_named()
    {
        Assert.Equal("/nowhere/x.mp4: There is no such file.", Assert.Throws<VideoException>(() => VideoFile.Decode("/nowhere/x.mp4")).Message);
        Assert.Equal("/nowhere/x.mp4: There is no such file.", Assert.Throws<VideoException>(() => VideoFile.Probe("/nowhere/x.mp4")).Message);
        string folder = Directory.CreateDirectory(_videos["folder.mp4"]).FullName;
        Assert.Equal($"{folder}: This is a folder; expected a video file.", Assert.Throws<VideoException>(() => VideoFile.Decode(folder)).Message);
        Assert.Equal($"{folder}: This is a folder; expected a video file.", Assert.Throws<VideoException>(() => VideoFile.Probe(folder)).Message);
    }

    [Fact]
    public void An_empty_file_and_a_pipe_that_nobody_writes_to_are_no_videos()
    {
        File.WriteAllText(_videos["empty.mp4"], "");
        using (Process pipe = Process.Start("mkfifo", _videos["pipe.mp4"]))
            pipe.WaitForExit();
        File.CreateSymbolicLink(_videos["device.mp4"], "/dev/zero");
        foreach (string name in new[] { "empty.mp4", "pipe.mp4", "device.mp4" })
        {
            Assert.Equal($"{_videos[name]}: This is empty, or no ordinary file; expected a video file.", Assert.Throws<VideoException>(() => VideoFile.Decode(_videos[name])).Message);
            Assert.Throws<VideoException>(() => VideoFile.Probe(_videos[name]));
        }
    }

    [Theory]
    [InlineData("text.mp4", "This is no video at all, only a line of text.", "Invalid data found")]
    public void A_file_that_is_no_video_gives_one_error_with_ffmpegs_words(string name, string content, string said)
    {
        File.WriteAllText(_videos[name], content);
        ExpectOneError(_videos[name], said, VideoFile.Decode);
        ExpectOneError(_videos[name], said, path => VideoFile.Probe(path));
    }

    [Fact]
    public void A_file_cut_off_before_its_index_gives_one_error_with_ffmpegs_words()
    {
        byte[] whole = File.ReadAllBytes(_videos.MakeCounter("whole.mp4", 60));
        File.WriteAllBytes(_videos["cut.mp4"], whole[..(whole.Length / 2)]);
        ExpectOneError(_videos["cut.mp4"], "moov atom not found", VideoFile.Decode);
        ExpectOneError(_videos["cut.mp4"], "moov atom not found", path => VideoFile.Probe(path));
    }

    [Fact]
    public void A_file_cut_off_after_its_index_gives_one_error_with_ffmpegs_words()
    {
        byte[] whole = File.ReadAllBytes(_videos.MakeCounter("whole.mp4", 60, keyFrameEvery: 5, "-movflags faststart"));
        File.WriteAllBytes(_videos["cut.mp4"], whole[..(whole.Length * 3 / 4)]);
        ExpectOneError(_videos["cut.mp4"], "partial file", VideoFile.Decode);
        ExpectOneError(_videos["cut.mp4"], "partial file", path => VideoFile.Decode(path, [0, 59]));
    }

    [Fact]
    public void Damaged_frames_give_one_error_with_ffmpegs_words()
    {
        byte[] bytes = File.ReadAllBytes(_videos.Make("whole.mp4", "testsrc=size=128x96:rate=10:duration=4", "-c:v libx264 -pix_fmt yuv420p -g 8"));
        // In the middle of the picture data, before the index at the end.
        new Random(1).NextBytes(bytes.AsSpan(bytes.Length / 3, bytes.Length / 4));
        File.WriteAllBytes(_videos["damaged.mp4"], bytes);
        ExpectOneError(_videos["damaged.mp4"], "h264", VideoFile.Decode);
    }

    [Fact]
    public void A_file_with_sound_only_gives_one_error_with_ffmpegs_words()
    {
        string file = _videos.Make("sound.m4a", "sine=duration=1", "-c:a aac");
        ExpectOneError(file, "matches no streams", VideoFile.Decode);
        ExpectOneError(file, "", path => VideoFile.Probe(path));
    }

    [Fact]
    public void A_playlist_that_points_elsewhere_is_refused()
    {
        _videos.Make("part.ts", "testsrc=size=32x32:rate=5:duration=1");
        File.WriteAllText(
            _videos["list.mp4"], "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:1,\nhttp://127.0.0.1:9/part.ts\n#EXT-X-ENDLIST\n");
        Assert.Throws<VideoException>(() => VideoFile.Decode(_videos["list.mp4"]));
    }

    [Fact]
    public void A_frame_past_the_end_is_an_error_that_says_so()
    {
        string file = _videos.MakeCounter("short.mp4", 10);
        var failure = Assert.Throws<VideoException>(() => VideoFile.Decode(file, [3, 12, 11]));
        Assert.Contains("Frame 11 was asked for", failure.Message, StringComparison.Ordinal);
        Assert.Contains(file, failure.Message, StringComparison.Ordinal);
    }

    private static void ExpectOneError(string path, string said, Func<string, object> read)
    {
        var failure = Assert.Throws<VideoException>(() => read(path));
        Assert.Contains(path, failure.Message, StringComparison.Ordinal);
        Assert.Contains(said, failure.Ffmpeg, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
    }

    private static void ExpectOneError(string path, string said, Func<string, (int, int)?, FrameStack> read) =>
        ExpectOneError(path, said, file => read(file, null));
}
