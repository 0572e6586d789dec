namespace FFMpegCore.Exceptions;

/// <summary>What went wrong in a <see cref="FFMpegException"/>.</summary>
public enum FFMpegExceptionType
{
    Conversion = 0,
    File = 1,
    Operation = 2,
    Process = 3,
}
