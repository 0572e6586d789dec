using System.Text.Json;
using System.Text.Json.Serialization;
using FFMpegCore.Exceptions;
using FFMpegCore.Programs;

namespace FFMpegCore;

/// <summary>Asks ffprobe about files.</summary>
public static class FFProbe
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNameCaseInsensitive = true,
        NumberHandling = JsonNumberHandling.AllowReadingFromString,
    };

    private static bool s_ffprobeWorks;

    /// <summary>Container and streams of a file.</summary>
    /// <exception cref="FFMpegException">There is no such file, or ffprobe cannot read it.</exception>
    /// <exception cref="FFProbeException">ffprobe is missing or its answer cannot be understood.</exception>
    public static IMediaAnalysis Analyse(string filePath, FFOptions? ffOptions = null, string? customArguments = null) =>
        AnalyseAsync(filePath, ffOptions, CancellationToken.None, customArguments).GetAwaiter().GetResult();

    /// <inheritdoc cref="Analyse"/>
    public static async Task<IMediaAnalysis> AnalyseAsync(
        string filePath, FFOptions? ffOptions = null, CancellationToken cancellationToken = default, string? customArguments = null)
    {
        (string json, string errors) = await RunAsync(
            filePath,
            $"-loglevel error -print_format json -show_format -sexagesimal -show_streams -show_chapters \"{filePath}\" {customArguments}",
            ffOptions,
            cancellationToken).ConfigureAwait(false);
        ProbeAnswer? answer = JsonSerializer.Deserialize<ProbeAnswer>(json, s_json);
        if (answer?.Format is null)
            throw new FormatNullException();
        return new MediaAnalysis(answer, errors.Length == 0 ? [] : errors.Split('\n'));
    }

    /// <summary>The packets of a file, in the order in which they are stored.</summary>
    /// <exception cref="FFMpegException">There is no such file, or ffprobe cannot read it.</exception>
    public static FFProbePackets GetPackets(string filePath, FFOptions? ffOptions = null, string? customArguments = null) =>
        GetPacketsAsync(filePath, ffOptions, CancellationToken.None, customArguments).GetAwaiter().GetResult();

    /// <inheritdoc cref="GetPackets"/>
    public static async Task<FFProbePackets> GetPacketsAsync(
        string filePath, FFOptions? ffOptions = null, CancellationToken cancellationToken = default, string? customArguments = null)
    {
        (string json, _) = await RunAsync(
            filePath,
            $"-loglevel error -print_format json -show_packets -v quiet -sexagesimal \"{filePath}\" {customArguments}",
            ffOptions,
            cancellationToken).ConfigureAwait(false);
        return JsonSerializer.Deserialize<FFProbePackets>(json, s_json)!;
    }

    private static async Task<(string Json, string Errors)> RunAsync(
        string filePath, string arguments, FFOptions? ffOptions, CancellationToken cancellationToken)
    {
        if (!File.Exists(filePath))
            throw new FFMpegException(FFMpegExceptionType.File, $"No file found at '{filePath}'");

        FFOptions options = ffOptions ?? GlobalFFOptions.Current;
        string program = GlobalFFOptions.GetFFProbeBinaryPath(options);
        if (!s_ffprobeWorks && !(s_ffprobeWorks = ChildProgram.Works(program, options)))
            throw new FFProbeException("ffprobe was not found on your system");

        using ChildProgram ffprobe = ChildProgram.Start(program, arguments, options);
        using (cancellationToken.Register(ffprobe.Kill))
            await ffprobe.Exit.ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return ffprobe.ExitCode == 0
            ? (ffprobe.Output, ffprobe.Errors)
            : throw new FFMpegException(
                FFMpegExceptionType.Process,
                $"ffprobe exited with non-zero exit-code ({ffprobe.ExitCode} - {ffprobe.Errors})",
                null,
                ffprobe.Errors);
    }
}
