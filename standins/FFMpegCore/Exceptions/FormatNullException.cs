namespace FFMpegCore.Exceptions;

/// <summary>ffprobe's answer has no description of the container.</summary>
public class FormatNullException : FFProbeException
{
    public FormatNullException()
        : base("ffprobe's answer has no format")
    {
    }
}
