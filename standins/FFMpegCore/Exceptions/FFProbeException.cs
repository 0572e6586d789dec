namespace FFMpegCore.Exceptions;

/// <summary>ffprobe is missing or its answer cannot be read.</summary>
public class FFProbeException : Exception
{
    public FFProbeException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
