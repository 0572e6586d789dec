namespace FFMpegCore.Pipes;

/// <summary>One uncompressed frame.</summary>
public interface IVideoFrame
{
    /// <summary>Pixels across.</summary>
    int Width { get; }

    /// <summary>Pixels down.</summary>
    int Height { get; }

    /// <summary>ffmpeg's name of the pixel format, such as <c>rgb24</c>.</summary>
    string Format { get; }

    /// <summary>Writes the bytes of the frame.</summary>
    void Serialize(Stream pipe);

    /// <summary>Writes the bytes of the frame.</summary>
    Task SerializeAsync(Stream pipe, CancellationToken token);
}
