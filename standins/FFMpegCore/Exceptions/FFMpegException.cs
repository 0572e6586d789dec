namespace FFMpegCore.Exceptions;

/// <summary>ffmpeg or ffprobe failed, or was asked for something impossible.</summary>
public class FFMpegException : Exception
{
    public FFMpegException(FFMpegExceptionType type, string message)
        : base(message) => (Type, FFMpegErrorOutput) = (type, "");

    public FFMpegException(FFMpegExceptionType type, string message, string ffMpegErrorOutput = "")
        : base(message) => (Type, FFMpegErrorOutput) = (type, ffMpegErrorOutput);

    public FFMpegException(FFMpegExceptionType type, string message, Exception? innerException = null, string ffMpegErrorOutput = "")
        : base(message, innerException) => (Type, FFMpegErrorOutput) = (type, ffMpegErrorOutput);

    /// <summary>The kind of failure.</summary>
    public FFMpegExceptionType Type { get; }

    /// <summary>Everything that the program wrote to its standard error, lines joined by a line feed.</summary>
    public string FFMpegErrorOutput { get; }
}
