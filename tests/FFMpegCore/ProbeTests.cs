using FFMpegCore;
using FFMpegCore.Exceptions;

namespace ZeroI2V.Lab.Tests.FFMpegCore;

public sealed class ProbeTests : IDisposable
{
    private readonly SmallVideo _videos = new();

    public void Dispose() => _videos.Dispose();

    [Fact]
    public async Task Streams_and_container_are_read()
    {
        string file = _videos.Make(
            "both.mp4",
            "testsrc=size=96x64:rate=30000/1001:duration=1[out0];sine=frequency=440:sample_rate=16000:duration=1[out1]",
            "-c:v libx264 -pix_fmt yuv420p -c:a aac -metadata title=Both");
        IMediaAnalysis analysis = FFProbe.Analyse(file);
        Assert.Equal(2, analysis.Format.StreamCount);
        Assert.Contains("mp4", analysis.Format.FormatName, StringComparison.Ordinal);
        Assert.Equal("Both", analysis.Format.Tags!["TITLE"]);
        Assert.InRange(analysis.Duration.TotalSeconds, 0.9, 1.2);
        VideoStream video = analysis.PrimaryVideoStream!;
        Assert.Equal((96, 64, "h264", "yuv420p"), (video.Width, video.Height, video.CodecName, video.PixelFormat));
        Assert.Equal(30000 / 1001.0, video.AvgFrameRate, 6);
        AudioStream audio = analysis.PrimaryAudioStream!;
        Assert.Equal(("aac", 1, 16000), (audio.CodecName, audio.Channels, audio.SampleRateHz));

        IMediaAnalysis again = await FFProbe.AnalyseAsync(file, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(analysis.Duration, again.Duration);
    }

    [Fact]
    public void Packets_are_counted_and_key_frames_marked()
    {
        string file = _videos.MakeCounter("counter.mp4", 30, keyFrameEvery: 10);
        List<FFProbePacketAnalysis> packets = FFProbe.GetPackets(file, customArguments: "-select_streams v:0").Packets;
        Assert.Equal(30, packets.Count);
        Assert.Equal(3, packets.Count(packet => packet.Flags.StartsWith('K')));
        Assert.All(packets, packet => Assert.Equal("video", packet.CodecType));
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        var failure = Assert.Throws<FFMpegException>(() => FFProbe.Analyse("/nowhere/in.mp4"));
        Assert.Equal(FFMpegExceptionType.File, failure.Type);
        Assert.Contains("/nowhere/in.mp4", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_file_carries_what_ffprobe_said()
    {
        File.WriteAllText(_videos["text.mp4"], "not a video");
        var failure = Assert.Throws<FFMpegException>(() => FFProbe.Analyse(_videos["text.mp4"]));
        Assert.Contains("Invalid data found", failure.FFMpegErrorOutput, StringComparison.Ordinal);
    }
}
