namespace FFMpegCore.Pipes;

/// <summary>Feeds ffmpeg from a stream whose bytes describe themselves.</summary>
public class StreamPipeSource : IPipeSource
{
    public StreamPipeSource(Stream source) => Source = source;

    /// <summary>Where the bytes come from.</summary>
    public Stream Source { get; }

    /// <summary>Bytes copied at a time.</summary>
    public int BlockSize { get; } = 4096;

    /// <summary>Options that describe the bytes: none.</summary>
    public string StreamFormat { get; } = "";

    /// <inheritdoc/>
    public string GetStreamArguments() => StreamFormat;

    /// <inheritdoc/>
    public Task WriteAsync(Stream outputStream, CancellationToken cancellationToken) =>
        Source.CopyToAsync(outputStream, BlockSize, cancellationToken);
}
