using FFMpegCore;
using FFMpegCore.Enums;
using FFMpegCore.Exceptions;
using FFMpegCore.Pipes;

namespace ZeroI2V.Lab.Tests.FFMpegCore;

public sealed class ProcessingTests : IDisposable
{
    private readonly SmallVideo _videos = new();

    public void Dispose() => _videos.Dispose();

    [Fact]
    public void Frames_go_in_and_come_out_through_pipes()
    {
        string file = _videos.MakeCounter("counter.mp4", 40);
        using var decoded = new MemoryStream();
        bool success = FFMpegArguments
            .FromFileInput(file)
            .OutputToPipe(new StreamPipeSink(decoded), output => output.ForceFormat("rawvideo").ForcePixelFormat("rgb24"))
            .ProcessSynchronously();
        Assert.True(success);
        Assert.Equal(40 * 64 * 32 * 3, decoded.Length);
        byte[] bytes = decoded.ToArray();
        for (int frame = 0; frame < 40; frame++)
            Assert.Equal(frame, SmallVideo.ReadCounter(bytes.AsSpan(frame * 64 * 32 * 3), 64, 32));
    }

    [Fact]
    public async Task A_pipe_far_larger_than_any_buffer_flows_both_ways_at_once()
    {
        // 60 MB in and out, uncompressed: a side that waits for the other would stop for ever.
        var source = new RawVideoPipeSource(Enumerable.Range(0, 80).Select(number => SmallVideo.Counter(number, 512, 512)));
        long bytes = 0;
        var sink = new StreamPipeSink(async (stream, token) =>
        {
            var buffer = new byte[1 << 16];
            while (await stream.ReadAsync(buffer, CancellationToken.None) is > 0 and int read)
                bytes += read;
        });
        await FFMpegArguments
            .FromPipeInput(source)
            .OutputToPipe(sink, output => output.ForceFormat("rawvideo").ForcePixelFormat("rgb24"))
            .ProcessAsynchronously()
            .WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.Equal(80L * 512 * 512 * 3, bytes);
    }

    [Fact]
    public void A_failure_carries_what_ffmpeg_said()
    {
        File.WriteAllText(_videos["text.mp4"], "not a video");
        var failure = Assert.Throws<FFMpegException>(() => FFMpegArguments
            .FromFileInput(_videos["text.mp4"]).OutputToFile(_videos["out.mp4"]).ProcessSynchronously());
        Assert.Equal(FFMpegExceptionType.Process, failure.Type);
        Assert.Contains("Invalid data found", failure.FFMpegErrorOutput, StringComparison.Ordinal);
        Assert.Contains(failure.FFMpegErrorOutput, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failure_is_only_reported_where_the_caller_asks_not_to_throw()
    {
        File.WriteAllText(_videos["text.mp4"], "not a video");
        Assert.False(FFMpegArguments
            .FromFileInput(_videos["text.mp4"]).OutputToFile(_videos["out.mp4"]).ProcessSynchronously(throwOnError: false));
    }

    [Fact]
    public void An_output_that_must_not_be_overwritten_stays()
    {
        File.WriteAllText(_videos["kept.mp4"], "kept");
        string input = _videos.MakeCounter("in.mp4", 2);
        var failure = Assert.Throws<FFMpegException>(() => FFMpegArguments
            .FromFileInput(input).OutputToFile(_videos["kept.mp4"], overwrite: false).ProcessSynchronously());
        Assert.Equal(FFMpegExceptionType.File, failure.Type);
        Assert.Equal("kept", File.ReadAllText(_videos["kept.mp4"]));
    }

    [Fact]
    public void Frames_of_another_size_are_refused()
    {
        var source = new RawVideoPipeSource([SmallVideo.Counter(0), SmallVideo.Counter(1, 32, 32)]);
        Assert.Throws<FFMpegStreamFormatException>(() => FFMpegArguments
            .FromPipeInput(source).OutputToFile(_videos["out.mp4"]).ProcessSynchronously());
    }

    [Fact]
    public async Task Cancelling_ends_an_endless_run()
    {
        using var cancel = new CancellationTokenSource();
        Task<bool> run = FFMpegArguments
            .FromFileInput("testsrc", verifyExists: false, input => input.WithCustomArgument("-re").ForceFormat("lavfi"))
            .OutputToFile(_videos["endless.mp4"])
            .CancellableThrough(cancel.Token)
            .ProcessAsynchronously();
        cancel.CancelAfter(500);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => run.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_run_that_fills_a_pipe_is_ended_by_the_given_function()
    {
        Task<bool> run = FFMpegArguments
            .FromFileInput("testsrc", verifyExists: false, input => input.WithCustomArgument("-re").ForceFormat("lavfi"))
            .OutputToPipe(new StreamPipeSink(Stream.Null), output => output.ForceFormat("rawvideo"))
            .CancellableThrough(out Action stop)
            .ProcessAsynchronously(throwOnError: false);
        await Task.Delay(300, TestContext.Current.CancellationToken);
        Assert.False(run.IsCompleted);
        stop();
        Assert.False(await run.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_token_that_has_fired_starts_nothing() => Assert.ThrowsAny<OperationCanceledException>(() => FFMpegArguments
        .FromFileInput("testsrc", verifyExists: false, input => input.ForceFormat("lavfi"))
        .OutputToFile(_videos["never.mp4"])
        .CancellableThrough(new CancellationToken(canceled: true))
        .ProcessSynchronously());

    [Fact]
    public void Listeners_hear_lines_and_progress()
    {
        string input = _videos.MakeCounter("in.mp4", 30);
        var lines = new List<string>();
        var percentages = new List<double>();
        FFMpegArguments
            .FromFileInput(input)
            .OutputToFile(_videos["out.mp4"])
            .WithLogLevel(FFMpegLogLevel.Info)
            .NotifyOnError(lines.Add)
            .NotifyOnProgress(percentages.Add, TimeSpan.FromSeconds(30 / 25.0))
            .ProcessSynchronously();
        Assert.Contains(lines, line => line.Contains("Stream #0:0", StringComparison.Ordinal));
        Assert.Equal(100.0, percentages[^1]);
    }
}
