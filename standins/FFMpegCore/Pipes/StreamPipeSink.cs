namespace FFMpegCore.Pipes;

/// <summary>Takes ffmpeg's output into a stream or a function.</summary>
public class StreamPipeSink : IPipeSink
{
    public StreamPipeSink(Func<Stream, CancellationToken, Task> writer) => Writer = writer;

    public StreamPipeSink(Stream destination) =>
        Writer = (input, cancellationToken) => input.CopyToAsync(destination, BlockSize, cancellationToken);

    /// <summary>Reads the pipe until its end.</summary>
    public Func<Stream, CancellationToken, Task> Writer { get; }

    /// <summary>Bytes copied at a time.</summary>
    public int BlockSize { get; set; } = 4096;

    /// <summary>The format that the sink wants; informative.</summary>
    public string Format { get; set; } = "";

    /// <inheritdoc/>
    public Task ReadAsync(Stream inputStream, CancellationToken cancellationToken) => Writer(inputStream, cancellationToken);

    /// <inheritdoc/>
    public string GetFormat() => Format;
}
