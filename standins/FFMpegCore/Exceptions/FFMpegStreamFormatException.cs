namespace FFMpegCore.Exceptions;

/// <summary>A frame of a raw video source differs in size or pixel format from the first one.</summary>
public class FFMpegStreamFormatException : FFMpegException
{
    public FFMpegStreamFormatException(FFMpegExceptionType type, string message, Exception? innerException = null)
        : base(type, message, innerException)
    {
    }
}
