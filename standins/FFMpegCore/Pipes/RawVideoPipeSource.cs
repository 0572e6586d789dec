using System.Globalization;
using FFMpegCore.Exceptions;

namespace FFMpegCore.Pipes;

/// <summary>Feeds ffmpeg with uncompressed frames; the first one decides size and pixel format.</summary>
public class RawVideoPipeSource : IPipeSource
{
    private readonly IEnumerator<IVideoFrame> _frames;
    private IVideoFrame? _first;

    public RawVideoPipeSource(IEnumerable<IVideoFrame> framesEnumerator)
    {
        ArgumentNullException.ThrowIfNull(framesEnumerator);
        _frames = framesEnumerator.GetEnumerator();
    }

    /// <summary>Pixel format of the stream, known once the arguments were asked for.</summary>
    public string StreamFormat { get; private set; } = null!;

    /// <summary>Pixels across, known once the arguments were asked for.</summary>
    public int Width { get; private set; }

    /// <summary>Pixels down, known once the arguments were asked for.</summary>
    public int Height { get; private set; }

    /// <summary>Frames a second.</summary>
    public double FrameRate { get; set; } = 25;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">There is no frame.</exception>
    public string GetStreamArguments()
    {
        if (_first is null)
        {
            if (!_frames.MoveNext())
                throw new InvalidOperationException("Enumerator is empty, unable to get frame");
            _first = _frames.Current;
            (StreamFormat, Width, Height) = (_first.Format, _first.Width, _first.Height);
        }
        return string.Create(CultureInfo.InvariantCulture, $"-f rawvideo -r {FrameRate} -pix_fmt {StreamFormat} -s {Width}x{Height}");
    }

    /// <inheritdoc/>
    /// <exception cref="FFMpegStreamFormatException">A frame differs from the first one in size or pixel format.</exception>
    public async Task WriteAsync(Stream outputStream, CancellationToken cancellationToken)
    {
        // The first frame was already taken from the enumerator to learn the format.
        if (_first is not null)
            await WriteFrameAsync(_first, outputStream, cancellationToken).ConfigureAwait(false);
        while (_frames.MoveNext())
            await WriteFrameAsync(_frames.Current, outputStream, cancellationToken).ConfigureAwait(false);
    }

    private Task WriteFrameAsync(IVideoFrame frame, Stream stream, CancellationToken cancellationToken)
    {
        if (frame.Width != Width || frame.Height != Height || frame.Format != StreamFormat)
        {
            throw new FFMpegStreamFormatException(
                FFMpegExceptionType.Operation,
                $"Every frame must be like the first one ({Width}x{Height} {StreamFormat}); found {frame.Width}x{frame.Height} {frame.Format}.");
        }
        return frame.SerializeAsync(stream, cancellationToken);
    }
}
