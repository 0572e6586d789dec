using System.Globalization;
using FFMpegCore;
using FFMpegCore.Exceptions;

namespace ZeroI2V.Lab.VideoData;

/// <summary>Reads video files: what they are, and their frames by number.</summary>
public static class VideoFile
{
    /// <summary>Most bytes that one call decodes (1 GiB): a small file can unfold to any length.</summary>
    public const long MostBytes = 1L << 30;

    /// <summary>Most pixels of one frame: 16K.</summary>
    internal const long MostPixels = 16384L * 16384;

    /// <summary>Longest time that probing or decoding one file may take: a small file can ask for any amount of work.</summary>
    internal static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    /// <summary>A size for decoding where the pixels do not matter.</summary>
    internal static readonly (int Width, int Height) Thumbnail = (16, 16);

    /// <summary>Conversion to RGB that is the same on every machine.</summary>
    internal const string ToRgb = "scale=flags=bicubic+full_chroma_int+accurate_rnd+bitexact,format=rgb24";

    /// <summary>What happens to every frame: scaling where it is asked for, then RGB.</summary>
    internal static string Filters((int Width, int Height)? size) => size is { } wanted
        ? string.Create(CultureInfo.InvariantCulture, $"scale={wanted.Width}:{wanted.Height}:flags=bicubic,{ToRgb}")
        : ToRgb;

    /// <summary>How videos are decoded on this machine.</summary>
    public static string Decoder => LibavDecoder.IsAvailable ? "libav, in this process" : "the ffmpeg program";

    /// <summary>Below this frame number decoding from the start is as fast as looking for a place to start.</summary>
    private const int SeekFrom = 48;

    /// <summary>Reads size, rate and number of frames of the first video stream, without decoding.</summary>
    /// <exception cref="VideoException">Missing, a folder, unreadable, without video, or not read through in two minutes.</exception>
    public static VideoInfo Probe(string path) => Probe(path, Longest);

    internal static VideoInfo Probe(string path, TimeSpan longest)
    {
        RequireFile(path);
        using var late = new CancellationTokenSource(longest);
        using var name = new PlainName(path);
        try
        {
            IMediaAnalysis analysis = FFProbe.AnalyseAsync(name.Path, cancellationToken: late.Token, customArguments: FrameDump.OnlyFiles).GetAwaiter().GetResult();
            // An attached picture (a cover in an audio file) has no frame rate.
            VideoStream? stream = analysis.VideoStreams.Find(video => (video.FrameRate is > 0 and < 90000 || video.AvgFrameRate > 0) && video.Width > 0 && video.Height > 0);
            if (stream is null)
                throw new VideoException(path, "There is no video stream in this file.", FrameDump.Shorten(string.Join('\n', analysis.ErrorData), name, path));

            string chosen = string.Create(CultureInfo.InvariantCulture, $"{FrameDump.OnlyFiles} -select_streams {stream.Index}");
            List<FFProbePacketAnalysis> packets = FFProbe.GetPacketsAsync(name.Path, cancellationToken: late.Token, customArguments: chosen).GetAwaiter().GetResult().Packets ?? [];
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
        catch (Exception) when (late.IsCancellationRequested)
        {
            // However a program that was ended in the middle shows.
            throw TookTooLong(path, longest);
        }
        catch (Exception failure) when (failure is FFMpegException or FFProbeException or System.Text.Json.JsonException)
        {
            string said = failure is FFMpegException ffmpeg ? ffmpeg.FFMpegErrorOutput : "";
            throw new VideoException(path, "This is not a video that can be read.", FrameDump.Shorten(said, name, path), failure);
        }
    }

    /// <summary>Decodes all frames in the order in which they are shown.</summary>
    /// <inheritdoc cref="Decode(string, IReadOnlyList{int}, VideoInfo?, ValueTuple{int, int}?)"/>
    public static FrameStack Decode(string path, (int Width, int Height)? size = null)
    {
        RequireFile(path);
        FrameStack frames = LibavDecoder.TryDecode(path, null, Filters(size)) ?? FrameDump.Run(new FrameDump.Wish(path) { Size = size })[0];
        return frames.Count > 0 ? frames : throw new VideoException(path, "Decoding gives no frame.");
    }

    /// <summary>Number of frames that decoding all of a video gives.</summary>
    /// <exception cref="VideoException">It cannot be decoded without errors, or gives no frame.</exception>
    public static int CountFrames(string path) => Decode(path, Thumbnail).Count;

    /// <summary>Decodes all frames of several videos in one run of ffmpeg, whose start costs more than a short video does.</summary>
    /// <returns>The frames, video by video; null if anything is wrong with any of them: decode them one by one to learn what.</returns>
    internal static FrameStack[]? TryDecodeTogether(IReadOnlyList<string> paths)
    {
        // In this process each video by itself costs no more.
        if (LibavDecoder.IsAvailable || !paths.All(File.Exists))
            return null;
        try
        {
            FrameStack[] videos = FrameDump.Run([.. paths.Select(path => new FrameDump.Wish(path))]);
            return Array.TrueForAll(videos, frames => frames.Count > 0) ? videos : null;
        }
        catch (VideoException)
        {
            // Which video it was cannot be told from a common run; the caller finds out.
            return null;
        }
    }

    /// <summary>Decodes the frames with these numbers, counted from 0 in the order in which they are shown.</summary>
    /// <param name="path">The video.</param>
    /// <param name="frameIndices">Frame numbers in any order; a number may come again. The result has them in this order.</param>
    /// <param name="known">What <see cref="Probe(string)"/> said of the file, where it is at hand: frames far from the start are then
    /// reached by a seek. The frames are the same with and without.</param>
    /// <param name="size">Scales the frames while decoding (bicubic). For pixels like the official pipelines', leave it out and
    /// resize afterwards.</param>
    /// <returns>The frames, as many as asked for.</returns>
    /// <exception cref="VideoException">Missing, a folder, damaged (whatever ffmpeg complains of), without video, or shorter than
    /// a frame number asks for. The message names the file and what ffmpeg said.</exception>
    public static FrameStack Decode(
        string path, IReadOnlyList<int> frameIndices, VideoInfo? known = null, (int Width, int Height)? size = null)
    {
        int[] wanted = Wanted(path, frameIndices);
        return InOrder(path, frameIndices, wanted, LibavDecoder.TryDecode(path, wanted, Filters(size)) ?? ByProgram(path, wanted, known, size));
    }

    /// <summary>Decodes frames of which only a part is wanted: the rest is then not converted to RGB, where that can be.</summary>
    /// <param name="path">The video.</param>
    /// <param name="frameIndices">Frame numbers in any order; a number may come again.</param>
    /// <param name="part">Told width and height of the frames, once: the part that is wanted, inside them.</param>
    /// <returns>At least that part, with the same pixels as decoding all of it.</returns>
    /// <exception cref="VideoException">As for whole frames.</exception>
    internal static FrameRegion Decode(string path, IReadOnlyList<int> frameIndices, Func<int, int, CropBox> part)
    {
        int[] wanted = Wanted(path, frameIndices);
        (CropBox Part, int Width, int Height)? asked = null;
        if (LibavDecoder.TryDecode(path, wanted, Ask) is { } frames)
        {
            FrameStack ordered = InOrder(path, frameIndices, wanted, frames);
            return new FrameRegion(ordered, asked!.Value.Part, asked.Value.Width, asked.Value.Height);
        }
        FrameStack whole = InOrder(path, frameIndices, wanted, ByProgram(path, wanted, null, null));
        Ask(whole.Width, whole.Height);
        return FrameRegion.Whole(whole);

        CropBox Ask(int width, int height)
        {
            asked ??= (part(width, height), width, height);
            return (asked.Value.Width, asked.Value.Height) == (width, height)
                ? asked.Value.Part
                : throw new VideoException(path, $"The frames of this video differ in size: {asked.Value.Width}x{asked.Value.Height} and {width}x{height} pixels.");
        }
    }

    private static int[] Wanted(string path, IReadOnlyList<int> frameIndices)
    {
        ArgumentNullException.ThrowIfNull(frameIndices);
        if (frameIndices.Count == 0 || frameIndices.Any(index => index < 0))
            throw new ArgumentException("Expected at least one frame number, each 0 or more.", nameof(frameIndices));
        RequireFile(path);
        return [.. frameIndices.Distinct().Order()];
    }

    private static FrameStack InOrder(string path, IReadOnlyList<int> frameIndices, int[] wanted, FrameStack frames)
    {
        if (frames.Count < wanted.Length)
        {
            throw new VideoException(
                path,
                $"Frame {wanted[frames.Count]} was asked for, but the video ends before it. Sample fewer frames or leave the clip out.");
        }
        return frameIndices.SequenceEqual(wanted) ? frames : frames.Pick([.. frameIndices.Select(index => Array.BinarySearch(wanted, index))]);
    }

    /// <summary>Frames, rising, through a run of ffmpeg; fewer where the video ends.</summary>
    internal static FrameStack ByProgram(string path, int[] wanted, VideoInfo? known, (int Width, int Height)? size)
    {
        if (wanted[0] >= SeekFrom && known is not null && known.FrameSeconds.Count > wanted[^1])
        {
            FrameStack frames = FrameDump.Run(new FrameDump.Wish(path)
            {
                From = known.FrameSeconds[wanted[0]],
                Select = Select(wanted, known.FrameSeconds),
                Count = wanted.Length,
                Size = size,
            })[0];
            // Chosen by their time stamps: were the seek to land too late, frames would be missing, and decoding starts over.
            if (frames.Count == wanted.Length)
                return frames;
        }
        return FrameDump.Run(new FrameDump.Wish(path) { Select = Select(wanted), Count = wanted.Length, Size = size })[0];
    }

    /// <summary>The expression that lets these frames through, counted from the start; runs of neighbours are one term.</summary>
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
        return string.Join('+', terms);
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
        return string.Join('+', terms);
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
        // A pipe or a device has no length either; to read one could take for ever.
        if (Length(path) == 0)
            throw new VideoException(path, "This is empty, or no ordinary file; expected a video file.");
    }

    private static long Length(string path)
    {
        try
        {
            var file = new FileInfo(path);
            return ((FileInfo?)file.ResolveLinkTarget(returnFinalTarget: true) ?? file).Length;
        }
        catch (IOException fault)
        {
            throw new VideoException(path, $"This cannot be read: {fault.Message}", innerException: fault);
        }
    }

    internal static VideoException TookTooLong(string path, TimeSpan longest) =>
        new(path, string.Create(CultureInfo.InvariantCulture, $"Decoding took more than {longest.TotalSeconds:0.###} seconds. Leave the clip out."));
}
