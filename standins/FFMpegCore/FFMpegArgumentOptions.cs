using System.Globalization;
using FFMpegCore.Arguments;
using FFMpegCore.Enums;
using FFMpegCore.Exceptions;

namespace FFMpegCore;

/// <summary>Options of one input or output, in the order in which they are given.</summary>
public class FFMpegArgumentOptions : FFMpegArgumentsBase
{
    internal FFMpegArgumentOptions()
    {
    }

    /// <summary>Encoder or decoder of the video stream.</summary>
    public FFMpegArgumentOptions WithVideoCodec(string videoCodec) => Add($"-c:v {videoCodec}");

    /// <summary>Constant quality, 0 (best) to 63.</summary>
    /// <exception cref="ArgumentException">Outside that range.</exception>
    public FFMpegArgumentOptions WithConstantRateFactor(int crf) => crf is >= 0 and <= 63
        ? Add($"-crf {crf}")
        : throw new ArgumentException("Argument is outside range (0 - 63)", nameof(crf));

    /// <summary>Frames a second.</summary>
    public FFMpegArgumentOptions WithFramerate(double framerate) => Add($"-r {framerate}");

    /// <summary>Number of frames written.</summary>
    public FFMpegArgumentOptions WithFrameOutputCount(int frames) => Add($"-vframes {frames}");

    /// <summary>Encoder preset.</summary>
    public FFMpegArgumentOptions WithSpeedPreset(Speed speed) => Add($"-preset {speed.ToString().ToLowerInvariant()}");

    /// <summary>The index of an MP4 file is moved to its front.</summary>
    public FFMpegArgumentOptions WithFastStart() => Add($"-movflags faststart");

    /// <summary>Leaves audio or video out.</summary>
    /// <exception cref="FFMpegException">Both would be left out.</exception>
    public FFMpegArgumentOptions DisableChannel(Channel channel) => channel switch
    {
        Channel.Video => Add($"-vn"),
        Channel.Audio => Add($"-an"),
        Channel.Both => throw new FFMpegException(FFMpegExceptionType.Conversion, "Cannot disable both channels"),
        _ => Add($""),
    };

    /// <summary>Container or raw format.</summary>
    public FFMpegArgumentOptions ForceFormat(string format) => Add($"-f {format}");

    /// <summary>Pixel format.</summary>
    public FFMpegArgumentOptions ForcePixelFormat(string pixelFormat) => Add($"-pix_fmt {pixelFormat}");

    /// <summary>Threads of the decoder or encoder.</summary>
    public FFMpegArgumentOptions UsingThreads(int threads) => Add($"-threads {threads}");

    /// <summary>Start time, to a millisecond.</summary>
    public FFMpegArgumentOptions Seek(TimeSpan? seekTo) => seekTo is { } time
        ? Add($"-ss {(int)time.TotalHours:00}:{time.Minutes:00}:{time.Seconds:00}.{time.Milliseconds:000}")
        : Add($"");

    /// <summary>Length.</summary>
    public FFMpegArgumentOptions WithDuration(TimeSpan? duration) => duration is { } time ? Add($"-t {time}") : Add($"");

    /// <summary>Any option, as ffmpeg takes it; quoting is the caller's.</summary>
    public FFMpegArgumentOptions WithCustomArgument(string argument) => Add($"{argument}");

    private FFMpegArgumentOptions Add(FormattableString text)
    {
        Parts.Add(new Option(text.ToString(CultureInfo.InvariantCulture)));
        return this;
    }
}
