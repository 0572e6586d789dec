using System.Globalization;
using System.Security.Cryptography;
using FFMpegCore;
using FFMpegCore.Pipes;

namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>
/// Writes drawn frames as H.264 in MP4 and reads them back. Many short files go through one run of ffmpeg, because
/// starting the program takes longer than encoding a clip.
/// </summary>
internal sealed class MicroEncoder
{
    /// <summary>Frames a second of every file.</summary>
    public const int FrameRate = 12;

    private readonly int _size;
    private readonly int _keyFrameEvery;
    private readonly int _quantizer;

    /// <param name="size">Width and height of a frame in pixels.</param>
    /// <param name="keyFrameEvery">Frames from one self-contained frame to the next; a file's length is a multiple of it.</param>
    /// <param name="quantizer">x264's constant quantizer: 0 lossless … 51 worst.</param>
    public MicroEncoder(int size, int keyFrameEvery, int quantizer)
    {
        _size = size;
        _keyFrameEvery = keyFrameEvery;
        _quantizer = quantizer;
    }

    /// <summary>
    /// The encoder's options. One thread and a constant quantizer make the result repeatable and each file independent of
    /// its neighbours; equal quality of all frames keeps the first frame from being told by its sharpness.
    /// </summary>
    public string Options => string.Create(CultureInfo.InvariantCulture,
        $"-x264-params qp={_quantizer}:ipratio=1:bframes=0:keyint={_keyFrameEvery}:min-keyint={_keyFrameEvery}:scenecut=0:threads=1 -sws_flags bitexact+accurate_rnd -flags +bitexact -fflags +bitexact");

    private int FrameBytes => _size * _size * 3;

    /// <summary>Encodes consecutive files of equal length into a folder; returns their paths in order.</summary>
    /// <param name="rgb">Frames of all files, [files × frames, H, W, 3].</param>
    /// <param name="framesPerFile">Frames of each file.</param>
    /// <param name="folder">An empty folder.</param>
    /// <param name="cancellationToken">Ends the run of ffmpeg.</param>
    public IReadOnlyList<string> Encode(
        byte[] rgb, int framesPerFile, string folder, CancellationToken cancellationToken)
    {
        int frames = rgb.Length / FrameBytes, files = frames / framesPerFile;
        var source = new RawVideoPipeSource(
            Enumerable.Range(0, frames).Select(i => new RawFrame(rgb, i * FrameBytes, _size))) { FrameRate = FrameRate };
        double seconds = (double)framesPerFile / FrameRate;
        string split = string.Create(CultureInfo.InvariantCulture,
            $"-segment_format mp4 -segment_time {seconds:R} -reset_timestamps 1 -segment_format_options movflags=+faststart");
        FFMpegArguments
            .FromPipeInput(source)
            .OutputToFile(Path.Combine(folder, "%05d.mp4"), overwrite: true, addArguments: o => o
                .DisableChannel(FFMpegCore.Enums.Channel.Audio)
                .WithVideoCodec("libx264")
                .WithSpeedPreset(FFMpegCore.Enums.Speed.Medium)
                .ForcePixelFormat("yuv420p")
                .UsingThreads(1)
                .WithCustomArgument(Options)
                .ForceFormat("segment")
                .WithCustomArgument(split))
            .CancellableThrough(cancellationToken)
            .ProcessSynchronously();
        cancellationToken.ThrowIfCancellationRequested();
        string[] made = Directory.GetFiles(folder, "*.mp4");
        Array.Sort(made, StringComparer.Ordinal);
        return made.Length == files
            ? made
            : throw new InvalidDataException(
                $"ffmpeg was asked for {files} files of {framesPerFile} frames and wrote {made.Length} into '{folder}'. "
                + "Is libx264 part of this ffmpeg?");
    }

    /// <summary>SHA-256 of the decoded frames of each file, decoded in one run of ffmpeg.</summary>
    public IReadOnlyList<string> HashFrames(
        IReadOnlyList<string> files, int framesPerFile, CancellationToken cancellationToken)
    {
        string list = Path.Combine(Path.GetDirectoryName(files[0])!, "decode.txt");
        File.WriteAllLines(list, files.Select(f => $"file '{Path.GetFileName(f)}'"));
        var hashes = new List<string>();
        var frames = new byte[framesPerFile * FrameBytes];
        var sink = new StreamPipeSink(async (stream, token) =>
        {
            while (true)
            {
                int read = await stream.ReadAtLeastAsync(frames, frames.Length, false, token).ConfigureAwait(false);
                if (read == frames.Length)
                    hashes.Add(Convert.ToHexStringLower(SHA256.HashData(frames)));
                else if (read == 0)
                    return;
                else
                    hashes.Add($"{read} bytes");
            }
        })
        { Format = "rawvideo" };
        FFMpegArguments
            .FromFileInput(list, verifyExists: true, addArguments: o => o
                .UsingThreads(1)
                .ForceFormat("concat")
                .WithCustomArgument("-safe 0"))
            .OutputToPipe(sink, addArguments: o => o
                .WithCustomArgument("-vsync passthrough -sws_flags bitexact+accurate_rnd")
                .ForceFormat("rawvideo")
                .ForcePixelFormat("rgb24"))
            .CancellableThrough(cancellationToken)
            .ProcessSynchronously();
        cancellationToken.ThrowIfCancellationRequested();
        File.Delete(list);
        if (hashes.Count != files.Count || hashes.Any(h => h.Length != 64))
        {
            throw new InvalidDataException(
                $"{files.Count} files of {framesPerFile} frames were written to '{Path.GetDirectoryName(files[0])}', "
                + $"but {hashes.Count(h => h.Length == 64)} came back from the decoder. Is the disk full?");
        }
        return hashes;
    }

    /// <summary>Decodes a whole file, scaled by averaging areas, into a buffer that it must fill exactly.</summary>
    /// <param name="path">The file.</param>
    /// <param name="size">Width and height to scale to.</param>
    /// <param name="rgb">Takes the frames, [F, H, W, 3].</param>
    /// <param name="cancellationToken">Ends the run of ffmpeg.</param>
    /// <exception cref="InvalidDataException">The file has fewer or more frames.</exception>
    public static void Decode(string path, int size, Memory<byte> rgb, CancellationToken cancellationToken)
    {
        int filled = 0;
        bool more = false;
        var sink = new StreamPipeSink(async (stream, token) =>
        {
            filled = await stream.ReadAtLeastAsync(rgb, rgb.Length, false, token).ConfigureAwait(false);
            var rest = new byte[4096];
            while (await stream.ReadAsync(rest, token).ConfigureAwait(false) > 0)
                more = true;
        })
        { Format = "rawvideo" };
        FFMpegArguments
            .FromFileInput(path, verifyExists: true, addArguments: o => o.UsingThreads(1))
            .OutputToPipe(sink, addArguments: o => o
                .WithCustomArgument(string.Create(CultureInfo.InvariantCulture,
                    $"-vsync passthrough -vf scale={size}:{size}:flags=area+bitexact+accurate_rnd"))
                .ForceFormat("rawvideo")
                .ForcePixelFormat("rgb24"))
            .CancellableThrough(cancellationToken)
            .ProcessSynchronously();
        cancellationToken.ThrowIfCancellationRequested();
        if (filled != rgb.Length || more)
        {
            throw new InvalidDataException(
                $"'{path}' should hold {rgb.Length / (size * size * 3)} frames; it holds {(more ? "more" : "fewer")}. "
                + "Make the data again: lab data make.");
        }
    }

    /// <summary>A frame within a larger array.</summary>
    private sealed class RawFrame(byte[] rgb, int offset, int size) : IVideoFrame
    {
        public int Width => size;

        public int Height => size;

        public string Format => "rgb24";

        public void Serialize(Stream pipe) => pipe.Write(rgb, offset, size * size * 3);

        public Task SerializeAsync(Stream pipe, CancellationToken token) =>
            pipe.WriteAsync(rgb, offset, size * size * 3, token);
    }
}
