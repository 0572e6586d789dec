using System.Globalization;
using System.Text.RegularExpressions;
using FFMpegCore.Arguments;
using FFMpegCore.Enums;
using FFMpegCore.Exceptions;
using FFMpegCore.Programs;

namespace FFMpegCore;

/// <summary>Runs ffmpeg with a command line.</summary>
public partial class FFMpegArgumentProcessor
{
    private static bool s_ffmpegWorks;

    private readonly FFMpegArguments _arguments;
    private readonly List<Action<FFOptions>> _configurations = [];
    private readonly CancellationTokenSource _cancel = new();
    private CancellationToken _watched;
    private TimeSpan _patience;
    private FFMpegLogLevel? _logLevel;
    private Action<string>? _onError;
    private Action<string>? _onOutput;
    private Action<TimeSpan>? _onTime;
    private Action<double>? _onPercentage;
    private TimeSpan? _total;

    internal FFMpegArgumentProcessor(FFMpegArguments arguments) => _arguments = arguments;

    /// <summary>ffmpeg's command line.</summary>
    public string Arguments => _arguments.Text;

    /// <summary>Reports the share done, 0 to 100.</summary>
    public FFMpegArgumentProcessor NotifyOnProgress(Action<double> onPercentageProgress, TimeSpan totalTimeSpan)
    {
        (_onPercentage, _total) = (onPercentageProgress, totalTimeSpan);
        return this;
    }

    /// <summary>Reports the time reached in the video.</summary>
    public FFMpegArgumentProcessor NotifyOnProgress(Action<TimeSpan> onTimeProgress)
    {
        _onTime = onTimeProgress;
        return this;
    }

    /// <summary>Reports each line of standard output.</summary>
    public FFMpegArgumentProcessor NotifyOnOutput(Action<string> onOutput)
    {
        _onOutput = onOutput;
        return this;
    }

    /// <summary>Reports each line of standard error, on another thread.</summary>
    public FFMpegArgumentProcessor NotifyOnError(Action<string> onError)
    {
        _onError = onError;
        return this;
    }

    /// <summary>Gives a function that stops ffmpeg: it is asked to, and ended after <paramref name="timeout"/> milliseconds.</summary>
    public FFMpegArgumentProcessor CancellableThrough(out Action cancel, int timeout = 0)
    {
        _patience = TimeSpan.FromMilliseconds(timeout);
        cancel = _cancel.Cancel;
        return this;
    }

    /// <summary>Stops ffmpeg when the token fires: it is asked to, and ended after <paramref name="timeout"/> milliseconds.</summary>
    public FFMpegArgumentProcessor CancellableThrough(CancellationToken token, int timeout = 0)
    {
        token.ThrowIfCancellationRequested();
        _patience = TimeSpan.FromMilliseconds(timeout);
        _watched = token;
        return this;
    }

    /// <summary>Changes the options of this run.</summary>
    public FFMpegArgumentProcessor Configure(Action<FFOptions> configureOptions)
    {
        _configurations.Add(configureOptions);
        return this;
    }

    /// <summary>How much ffmpeg says in this run.</summary>
    public FFMpegArgumentProcessor WithLogLevel(FFMpegLogLevel logLevel)
    {
        _logLevel = logLevel;
        return this;
    }

    /// <summary>Runs ffmpeg and waits. See <see cref="ProcessAsynchronously"/>.</summary>
    public bool ProcessSynchronously(bool throwOnError = true, FFOptions? ffMpegOptions = null) =>
        ProcessAsynchronously(throwOnError, ffMpegOptions).GetAwaiter().GetResult();

    /// <summary>Runs ffmpeg.</summary>
    /// <returns>Whether it succeeded.</returns>
    /// <exception cref="FFMpegException">It failed or is missing; the program's words are in <see cref="FFMpegException.FFMpegErrorOutput"/>.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public async Task<bool> ProcessAsynchronously(bool throwOnError = true, FFOptions? ffMpegOptions = null)
    {
        FFOptions options = ffMpegOptions ?? GlobalFFOptions.Current.Clone();
        _configurations.ForEach(configure => configure(options));
        if (!s_ffmpegWorks && !(s_ffmpegWorks = ChildProgram.Works(GlobalFFOptions.GetFFMpegBinaryPath(options), options)))
            throw new FFMpegException(FFMpegExceptionType.Operation, "ffmpeg was not found on your system");

        int exitCode = -1;
        string errors = "";
        Exception? broken = null;
        try
        {
            (exitCode, errors, broken) = await RunAsync(options).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!throwOnError && _cancel.IsCancellationRequested)
        {
            return false;
        }

        if (throwOnError && exitCode != 0)
        {
            throw new FFMpegException(
                FFMpegExceptionType.Process, $"ffmpeg exited with non-zero exit-code ({exitCode} - {errors})", broken, errors);
        }
        _onPercentage?.Invoke(100.0);
        if (_total is { } total)
            _onTime?.Invoke(total);
        return exitCode == 0;
    }

    private async Task<(int ExitCode, string Errors, Exception? BrokenPipe)> RunAsync(FFOptions options)
    {
        using CancellationTokenRegistration watch = _watched.Register(_cancel.Cancel);
        if (_cancel.IsCancellationRequested)
            throw new OperationCanceledException("cancelled before starting processing");

        string commandLine = _arguments.Text;
        if ((_logLevel ?? options.LogLevel) is { } level)
            commandLine += $" -v {level.ToString().ToLowerInvariant()}";

        IEndPoint[] endPoints = [.. _arguments.Parts.OfType<IEndPoint>()];
        try
        {
            foreach (IEndPoint endPoint in endPoints)
                endPoint.Before();
            using ChildProgram ffmpeg = ChildProgram.Start(
                GlobalFFOptions.GetFFMpegBinaryPath(options), commandLine, options, _onOutput, Listen);
            Task stopped = Task.CompletedTask;
            using CancellationTokenRegistration stop = _cancel.Token.Register(() => stopped = ffmpeg.StopAsync(_patience));

            using var ended = new CancellationTokenSource();
            Task transfers = Task.WhenAll(endPoints.Select(endPoint => endPoint.DuringAsync(ended.Token)));
            await ffmpeg.Exit.ConfigureAwait(false);
            await ended.CancelAsync().ConfigureAwait(false);

            Exception? broken = null;
            try
            {
                await transfers.ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is IOException && (ffmpeg.ExitCode != 0 || _cancel.IsCancellationRequested))
            {
                // ffmpeg hung up before it had read everything; why it did so is in its own words.
                broken = failure;
            }
            await stopped.ConfigureAwait(false);
            return _cancel.IsCancellationRequested
                ? throw new OperationCanceledException("ffmpeg processing was cancelled")
                : (ffmpeg.ExitCode, ffmpeg.Errors, broken);
        }
        finally
        {
            foreach (IEndPoint endPoint in endPoints)
                endPoint.After();
        }
    }

    private void Listen(string line)
    {
        _onError?.Invoke(line);
        if (_onTime is null && _onPercentage is null)
            return;
        Match match = ProgressTime().Match(line);
        if (!match.Success || !TimeSpan.TryParse(match.Groups[1].Value, CultureInfo.InvariantCulture, out TimeSpan time))
            return;
        _onTime?.Invoke(time);
        if (_total is { } total)
            _onPercentage?.Invoke(Math.Round(time / total * 100, 2));
    }

    [GeneratedRegex(@"time=(\d\d:\d\d:\d\d\.\d\d?)")]
    private static partial Regex ProgressTime();
}
