namespace FFMpegCore.Pipes;

/// <summary>Something that feeds ffmpeg through a pipe.</summary>
public interface IPipeSource
{
    /// <summary>ffmpeg's options that describe the bytes, or nothing where the bytes describe themselves.</summary>
    string GetStreamArguments();

    /// <summary>Writes everything.</summary>
    Task WriteAsync(Stream outputStream, CancellationToken cancellationToken);
}
