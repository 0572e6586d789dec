using FFMpegCore;
using FFMpegCore.Arguments;
using FFMpegCore.Enums;
using FFMpegCore.Exceptions;
using FFMpegCore.Pipes;

namespace ZeroI2V.Lab.Tests.FFMpegCore;

public sealed class ArgumentTests
{
    [Fact]
    public void A_file_is_quoted_and_overwriting_is_said_after_the_output() => Assert.Equal(
        "-i \"a b.mp4\" \"out put.mp4\" -y",
        FFMpegArguments.FromFileInput("a b.mp4", verifyExists: false).OutputToFile("out put.mp4").Arguments);

    [Fact]
    public void Without_overwriting_there_is_no_flag() => Assert.Equal(
        "-i \"in.mp4\" \"out.mp4\"",
        FFMpegArguments.FromFileInput("in.mp4", verifyExists: false).OutputToFile("out.mp4", overwrite: false).Arguments);

    [Fact]
    public void Options_stand_before_the_file_that_they_belong_to_in_the_given_order() => Assert.Equal(
        "-v 16 -ss 00:01:02.345 -threads 1 -i \"in.avi\" -c:v libx264 -crf 18 -preset veryfast -r 12.5 -pix_fmt yuv420p -an -t 00:00:01 "
            + "-movflags faststart -vframes 7 -f mp4 -x264-params keyint=5 \"out.mp4\" -y",
        FFMpegArguments
            .FromFileInput("in.avi", verifyExists: false, input => input
                .Seek(new TimeSpan(0, 0, 1, 2, 345))
                .UsingThreads(1))
            .WithGlobalOptions(global => global.WithVerbosityLevel(VerbosityLevel.Error))
            .OutputToFile("out.mp4", overwrite: true, output => output
                .WithVideoCodec("libx264")
                .WithConstantRateFactor(18)
                .WithSpeedPreset(Speed.VeryFast)
                .WithFramerate(12.5)
                .ForcePixelFormat("yuv420p")
                .DisableChannel(Channel.Audio)
                .WithDuration(TimeSpan.FromSeconds(1))
                .WithFastStart()
                .WithFrameOutputCount(7)
                .ForceFormat("mp4")
                .WithCustomArgument("-x264-params keyint=5"))
            .Arguments);

    [Fact]
    public void Several_inputs_and_outputs_keep_their_own_options() => Assert.Equal(
        "-threads 1 -i \"a.mp4\" -i \"b.mp4\" -map 0:v \"a.ppm\" -y -map 1:v \"b.ppm\"",
        FFMpegArguments
            .FromFileInput("a.mp4", verifyExists: false, input => input.UsingThreads(1))
            .AddFileInput("b.mp4", verifyExists: false)
            .MultiOutput(all => all
                .OutputToFile("a.ppm", overwrite: true, output => output.WithCustomArgument("-map 0:v"))
                .OutputToFile("b.ppm", overwrite: false, output => output.WithCustomArgument("-map 1:v")))
            .Arguments);

    [Fact]
    public void Days_become_hours_when_seeking() => Assert.Equal(
        "-ss 27:00:00.000 -i \"in.mp4\" \"out.mp4\" -y",
        FFMpegArguments.FromFileInput("in.mp4", verifyExists: false, input => input.Seek(TimeSpan.FromHours(27))).OutputToFile("out.mp4").Arguments);

    [Fact]
    public void Raw_frames_describe_themselves_by_the_first_one()
    {
        var source = new RawVideoPipeSource([SmallVideo.Counter(0)]) { FrameRate = 12.5 };
        string arguments = FFMpegArguments.FromPipeInput(source).OutputToPipe(new StreamPipeSink(Stream.Null)).Arguments;
        Assert.Matches("^-f rawvideo -r 12.5 -pix_fmt rgb24 -s 64x32 -i \"[^\"]+\" \"[^\"]+\" -y$", arguments);
        Assert.Equal((64, 32, "rgb24"), (source.Width, source.Height, source.StreamFormat));
    }

    [Fact]
    public void A_raw_source_without_frames_is_refused() => Assert.Throws<InvalidOperationException>(
        () => FFMpegArguments.FromPipeInput(new RawVideoPipeSource([])).OutputToFile("out.mp4").Arguments);

    [Theory]
    [InlineData(-1)]
    [InlineData(64)]
    public void A_rate_factor_outside_0_to_63_is_refused(int factor) => Assert.Throws<ArgumentException>(
        () => FFMpegArguments.FromFileInput("in", verifyExists: false).OutputToFile("out", overwrite: true, output => output.WithConstantRateFactor(factor)));

    [Fact]
    public void Disabling_both_channels_is_refused() => Assert.Throws<FFMpegException>(
        () => FFMpegArguments.FromFileInput("in", verifyExists: false).OutputToFile("out", overwrite: true, output => output.DisableChannel(Channel.Both)));

    [Fact]
    public void A_missing_input_is_found_out_before_ffmpeg_starts() => Assert.Throws<FileNotFoundException>(
        () => FFMpegArguments.FromFileInput("/nowhere/in.mp4").OutputToFile("/nowhere/out.mp4").ProcessSynchronously());
}
