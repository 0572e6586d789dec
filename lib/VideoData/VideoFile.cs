using System.Buffers.Text;
using System.Globalization;
using System.Text;
using FFMpegCore;
using FFMpegCore.Enums;
using FFMpegCore.Exceptions;

namespace ZeroI2V.Lab.VideoData;

/// <summary>Reads video files: what they are, and their frames by number.</summary>
public static class VideoFile
{
    /// <summary>Most bytes that one call decodes (1 GiB): a small file can unfold to any length.</summary>
    public const long MostBytes = 1L << 30;

    /// <summary>Below this frame number decoding from the start is as fast as looking for a place to start.</summary>
    private const int SeekFrom = 48;

    /// <summary>Only the file itself is read: playlists that point elsewhere are refused.</summary>
    private const string OnlyFiles = "-protocol_whitelist file";

    /// <summary>Conversion to RGB that is the same on every machine.</summary>
    internal const string ToRgb = "scale=flags=bicubic+full_chroma_int+accurate_rnd+bitexact,format=rgb24";

    /// <summary>Reads size, rate and number of frames of the first video stream, without decoding.</summary>
    /// <exception cref="VideoException">Missing, a folder, unreadable, or without video.</exception>
    public static VideoInfo Probe(string path)
    {
        RequireFile(path);
        using var name = new PlainName(path);
        try
        {
            IMediaAnalysis analysis = FFProbe.Analyse(name.Path, customArguments: OnlyFiles);
            // An attached picture (a cover in an audio file) has no frame rate.
            VideoStream? stream = analysis.VideoStreams.Find(video => video.FrameRate is > 0 and < 90000 && video.Width > 0 && video.Height > 0);
            if (stream is null)
                throw new VideoException(path, "There is no video stream in this file.", Shorten(string.Join('\n', analysis.ErrorData), name, path));

            List<FFProbePacketAnalysis> packets = FFProbe.GetPackets(
                name.Path, customArguments: string.Create(CultureInfo.InvariantCulture, $"{OnlyFiles} -select_streams {stream.Index}")).Packets;
            packets.RemoveAll(packet => packet.Flags.Contains('D', StringComparison.Ordinal));
            bool turned = stream.Rotation % 180 != 0;
            return new VideoInfo
            {
                Path = path,
                Width = turned ? stream.Height : stream.Width,
                Height = turned ? stream.Width : stream.Height,
                FramesPerSecond = double.IsFinite(stream.AvgFrameRate) ? stream.AvgFrameRate : 0,
                Codec = stream.CodecName,
                Frames = packets.Count,
                FrameSeconds = FrameSeconds(packets),
            };
        }
        catch (Exception failure) when (failure is FFMpegException or FFProbeException or System.Text.Json.JsonException)
        {
            string said = failure is FFMpegException ffmpeg ? ffmpeg.FFMpegErrorOutput : "";
            throw new VideoException(path, "This is not a video that can be read.", Shorten(said, name, path), failure);
        }
    }

    /// <summary>Decodes all frames in the order in which they are shown.</summary>
    /// <inheritdoc cref="Decode(string, IReadOnlyList{int}, VideoInfo?, ValueTuple{int, int}?)"/>
    public static FrameStack Decode(string path, (int Width, int Height)? size = null)
    {
        RequireFile(path);
        FrameStack frames = Run(path, from: null, select: null, count: null, size);
        return frames.Count > 0 ? frames : throw new VideoException(path, "Decoding gives no frame.");
    }

    /// <summary>Decodes the frames with these numbers, counted from 0 in the order in which they are shown.</summary>
    /// <param name="path">The video.</param>
    /// <param name="frameIndices">Frame numbers in any order; a number may come again. The result has them in this order.</param>
    /// <param name="known">What <see cref="Probe"/> said of the file, where it is at hand: frames far from the start are then
    /// reached by a seek. The frames are the same with and without.</param>
    /// <param name="size">Scales the frames while decoding (bicubic). For pixels like the official pipelines', leave it out and
    /// resize afterwards.</param>
    /// <returns>The frames, as many as asked for.</returns>
    /// <exception cref="VideoException">Missing, a folder, damaged (whatever ffmpeg complains of), without video, or shorter than
    /// a frame number asks for. The message names the file and what ffmpeg said.</exception>
    public static FrameStack Decode(
        string path, IReadOnlyList<int> frameIndices, VideoInfo? known = null, (int Width, int Height)? size = null)
    {
        ArgumentNullException.ThrowIfNull(frameIndices);
        if (frameIndices.Count == 0 || frameIndices.Any(index => index < 0))
            throw new ArgumentException("Expected at least one frame number, each 0 or more.", nameof(frameIndices));
        RequireFile(path);

        int[] wanted = [.. frameIndices.Distinct().Order()];
        FrameStack? frames = null;
        if (wanted[0] >= SeekFrom && known is not null && known.FrameSeconds.Count > wanted[^1])
        {
            // Chosen by their time stamps: were the seek to land too late, frames would be missing, and decoding starts over.
            frames = Run(path, from: known.FrameSeconds[wanted[0]], Select(wanted, known.FrameSeconds), wanted.Length, size);
        }
        if (frames is null || frames.Count < wanted.Length)
            frames = Run(path, from: null, Select(wanted), wanted.Length, size);
        if (frames.Count < wanted.Length)
        {
            throw new VideoException(
                path,
                $"Frame {wanted[frames.Count]} was asked for, but the video ends before it. Sample fewer frames or leave the clip out.");
        }
        return frames.Pick([.. frameIndices.Select(index => Array.BinarySearch(wanted, index))]);
    }

    /// <summary>The filter that lets these frames through, counted from the start; runs of neighbours are one term.</summary>
    private static string Select(int[] wanted)
    {
        var terms = new List<string>();
        for (int i = 0; i < wanted.Length;)
        {
            int start = i++;
            while (i < wanted.Length && wanted[i] == wanted[i - 1] + 1)
                i++;
            terms.Add(string.Create(CultureInfo.InvariantCulture, $"between(n,{wanted[start]},{wanted[i - 1]})"));
        }
        return $"select='{string.Join('+', terms)}',";
    }

    /// <summary>The same by time stamps: each from half way after the frame before to half way before the frame after.</summary>
    private static string Select(int[] wanted, IReadOnlyList<double> seconds)
    {
        IEnumerable<string> terms = wanted.Select(index =>
        {
            double start = (seconds[index - 1] + seconds[index]) / 2;
            double end = index + 1 < seconds.Count ? (seconds[index] + seconds[index + 1]) / 2 : seconds[index] + 1;
            return string.Create(CultureInfo.InvariantCulture, $"between(t,{start:0.000000},{end:0.000000})");
        });
        return $"select='{string.Join('+', terms)}',";
    }

    /// <summary>One run of ffmpeg. Frames come as PPM images, each with its size, so that nothing has to be guessed from the
    /// container; they come through a file because ffmpeg's pipes can lose their last bytes in FFMpegCore.</summary>
    private static FrameStack Run(string path, double? from, string? select, int? count, (int Width, int Height)? size)
    {
        using var name = new PlainName(path);
        string output = Path.Combine(GlobalFFOptions.Current.TemporaryFilesFolder, $"lab-frames-{Guid.NewGuid():N}.ppm");
        var said = new StringBuilder();
        try
        {
            string scale = size is { } target
                ? string.Create(CultureInfo.InvariantCulture, $"scale={target.Width}:{target.Height}:flags=bicubic,")
                : "";
            bool success = FFMpegArguments
                .FromFileInput(name.Path, verifyExists: false, input =>
                {
                    input.WithCustomArgument(OnlyFiles).UsingThreads(1);
                    if (from is { } seconds)
                        input.WithCustomArgument(string.Create(CultureInfo.InvariantCulture, $"-copyts -noaccurate_seek -seek_timestamp 1 -ss {seconds:0.000000}"));
                })
                .OutputToFile(output, overwrite: true, options =>
                {
                    options.WithCustomArgument($"-map 0:V:0 -vf \"{select}{scale}{ToRgb}\" -fps_mode passthrough");
                    if (count is { } frames)
                        options.WithFrameOutputCount(frames);
                    options.WithVideoCodec("ppm")
                        .WithCustomArgument(string.Create(CultureInfo.InvariantCulture, $"-fs {MostBytes}"))
                        .ForceFormat("image2pipe");
                })
                .WithLogLevel(FFMpegLogLevel.Error)
                .NotifyOnError(line => said.AppendLine(line))
                .ProcessSynchronously(throwOnError: false);
            if (!success || said.Length > 0)
                throw new VideoException(path, "This video cannot be decoded without errors.", Shorten(said.ToString(), name, path));
            return ReadImages(path, output);
        }
        catch (Exception failure) when (failure is FFMpegException)
        {
            throw new VideoException(path, "ffmpeg cannot be run.", Shorten(failure.Message, name, path), failure);
        }
        finally
        {
            File.Delete(output);
        }
    }

    /// <summary>Reads PPM images of one size, one after the other.</summary>
    private static FrameStack ReadImages(string path, string output)
    {
        if (!File.Exists(output))
            return new FrameStack([], 0, 1, 1);
        using FileStream file = File.OpenRead(output);
        if (file.Length >= MostBytes)
        {
            throw new VideoException(
                path, $"Decoding gives more than {MostBytes >> 20} MiB. Ask for fewer frames at a time.");
        }
        if (file.Length == 0)
            return new FrameStack([], 0, 1, 1);

        Span<byte> header = stackalloc byte[64];
        int read = file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        (int width, int height, int headerBytes) = ParseHeader(header[..read]);
        long imageBytes = headerBytes + 3L * width * height;
        if (file.Length % imageBytes != 0)
            throw new VideoException(path, $"The frames of this video differ in size; the first one has {width}x{height} pixels.");

        int count = (int)(file.Length / imageBytes);
        var rgb = new byte[checked((int)(3L * width * height * count))];
        Span<byte> again = stackalloc byte[headerBytes];
        for (int i = 0; i < count; i++)
        {
            file.Position = i * imageBytes;
            file.ReadExactly(again);
            if (!again.SequenceEqual(header[..headerBytes]))
                throw new VideoException(path, $"The frames of this video differ in size; the first one has {width}x{height} pixels.");
            file.ReadExactly(rgb.AsSpan(3 * width * height * i, 3 * width * height));
        }
        return new FrameStack(rgb, count, height, width);
    }

    /// <summary><c>P6\nWIDTH HEIGHT\n255\n</c>.</summary>
    private static (int Width, int Height, int Bytes) ParseHeader(ReadOnlySpan<byte> header)
    {
        if (header.StartsWith("P6\n"u8)
            && Utf8Parser.TryParse(header[3..], out int width, out int used)
            && Utf8Parser.TryParse(header[(4 + used)..], out int height, out int usedToo)
            && header[(4 + used + usedToo)..].StartsWith("\n255\n"u8)
            && width > 0 && height > 0)
            return (width, height, 4 + used + usedToo + 5);
        throw new InvalidDataException($"Expected a PPM image from ffmpeg; found {Convert.ToHexString(header)}.");
    }

    private static List<double> FrameSeconds(List<FFProbePacketAnalysis> packets)
    {
        var seconds = new List<(double Time, bool Key)>(packets.Count);
        foreach (FFProbePacketAnalysis packet in packets)
        {
            if (!TimeSpan.TryParse(packet.PtsTime, CultureInfo.InvariantCulture, out TimeSpan time))
                return [];
            seconds.Add((time.TotalSeconds, packet.Flags.StartsWith('K')));
        }
        seconds.Sort();
        for (int i = 1; i < seconds.Count; i++)
        {
            if (seconds[i].Time <= seconds[i - 1].Time)
                return [];
        }
        // Frames before the first key frame cannot be decoded, and would not be counted.
        return seconds.Count > 0 && seconds[0].Key ? seconds.ConvertAll(frame => frame.Time) : [];
    }

    private static void RequireFile(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (Directory.Exists(path))
            throw new VideoException(path, "This is a folder; expected a video file.");
        if (!File.Exists(path))
            throw new VideoException(path, "There is no such file.");
    }

    /// <summary>ffmpeg's words without the memory addresses and names that change from run to run, at most a few lines.</summary>
    private static string Shorten(string said, PlainName name, string path)
    {
        const int lines = 6;
        string[] all = [.. said.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(line => System.Text.RegularExpressions.Regex.Replace(line, " @ 0x[0-9a-f]+", "").Replace(name.Path, path, StringComparison.Ordinal))
            .Distinct(StringComparer.Ordinal)];
        return string.Join(" | ", all.Length <= lines ? all : [.. all[..lines], $"and {all.Length - lines} more lines"]);
    }

    /// <summary>A path that can stand between double quotes. FFMpegCore puts nothing but quotes around a path, so a file with a
    /// quote or a backslash in its name is reached through a link.</summary>
    private sealed class PlainName : IDisposable
    {
        private readonly bool _isLink;

        public PlainName(string path)
        {
            // A full path never looks like an option or a protocol.
            Path = System.IO.Path.GetFullPath(path);
            if (Path.AsSpan().IndexOfAny("\"\\\n\r") < 0)
                return;
            string link = System.IO.Path.Combine(
                GlobalFFOptions.Current.TemporaryFilesFolder, $"lab-link-{Guid.NewGuid():N}{PlainExtension(Path)}");
            File.CreateSymbolicLink(link, Path);
            (Path, _isLink) = (link, true);
        }

        public string Path { get; }

        public void Dispose()
        {
            if (_isLink)
                File.Delete(Path);
        }

        private static string PlainExtension(string path)
        {
            string extension = System.IO.Path.GetExtension(path);
            return extension.Skip(1).All(char.IsAsciiLetterOrDigit) ? extension : "";
        }
    }
}
