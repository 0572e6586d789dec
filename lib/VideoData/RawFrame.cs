using FFMpegCore.Pipes;

namespace ZeroI2V.Lab.VideoData;

/// <summary>An RGB picture as ffmpeg is given one.</summary>
/// <param name="rgb">[H, W, 3].</param>
/// <param name="width">Pixels across.</param>
/// <param name="height">Pixels down.</param>
internal sealed class RawFrame(ReadOnlyMemory<byte> rgb, int width, int height) : IVideoFrame
{
    public int Width => width;

    public int Height => height;

    public string Format => "rgb24";

    public void Serialize(Stream pipe) => pipe.Write(rgb.Span);

    public Task SerializeAsync(Stream pipe, CancellationToken token) => pipe.WriteAsync(rgb, token).AsTask();
}
