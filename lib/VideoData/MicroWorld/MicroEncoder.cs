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
            Enumerable.Range(0, frames).Select(i => new RawFrame(rgb.AsMemory(i * FrameBytes, FrameBytes), _size, _size))) { FrameRate = FrameRate };
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
        string raw = Path.Combine(Path.GetDirectoryName(files[0])!, "decoded.rgb");
        FFMpegArguments
            .FromFileInput(list, verifyExists: true, addArguments: o => o
                .UsingThreads(1)
                .ForceFormat("concat")
                .WithCustomArgument("-safe 0"))
            .OutputToFile(raw, overwrite: true, addArguments: o => Raw(o, scale: ""))
            .CancellableThrough(cancellationToken)
            .ProcessSynchronously();
        cancellationToken.ThrowIfCancellationRequested();
        File.Delete(list);
        var hashes = new List<string>();
        using (FileStream stream = File.OpenRead(raw))
        {
            var frames = new byte[framesPerFile * FrameBytes];
            for (int read; (read = stream.ReadAtLeast(frames, frames.Length, throwOnEndOfStream: false)) > 0;)
                hashes.Add(read == frames.Length ? Convert.ToHexStringLower(SHA256.HashData(frames)) : "too short");
        }
        File.Delete(raw);
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
        string raw = Path.Combine(GlobalFFOptions.Current.TemporaryFilesFolder, $"lab-album-{Guid.NewGuid():N}.rgb");
        try
        {
            FFMpegArguments
                .FromFileInput(Path.GetFullPath(path), verifyExists: true, addArguments: o => o.UsingThreads(1))
                .OutputToFile(raw, overwrite: true, addArguments: o => Raw(
                    o, string.Create(CultureInfo.InvariantCulture, $"scale={size}:{size}:flags=area+accurate_rnd+bitexact,")))
                .CancellableThrough(cancellationToken)
                .ProcessSynchronously();
            cancellationToken.ThrowIfCancellationRequested();
            using FileStream stream = File.OpenRead(raw);
            if (stream.Length != rgb.Length)
            {
                int frame = size * size * 3;
                throw new InvalidDataException(
                    $"'{path}' should hold {rgb.Length / frame} frames; decoding gave {stream.Length / frame}. "
                    + "Make the data again: lab data make.");
            }
            stream.ReadExactly(rgb.Span);
        }
        finally
        {
            File.Delete(raw);
        }
    }

    /// <summary>Raw RGB into a file, not a pipe: FFMpegCore's output pipes can lose their last bytes.</summary>
    private static void Raw(FFMpegArgumentOptions options, string scale) => options
        .WithCustomArgument($"-map 0:V:0 -vf \"{scale}{VideoFile.ToRgb}\" -fps_mode passthrough")
        .ForceFormat("rawvideo");
}
