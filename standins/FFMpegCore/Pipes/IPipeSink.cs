namespace FFMpegCore.Pipes;

/// <summary>Something that takes ffmpeg's output from a pipe.</summary>
public interface IPipeSink
{
    /// <summary>Reads until the end.</summary>
    Task ReadAsync(Stream inputStream, CancellationToken cancellationToken);

    /// <summary>The format that the sink wants; informative.</summary>
    string GetFormat();
}
