using System.Globalization;
using System.Text.Json;
using FFMpegCore.Programs;

namespace FFMpegCore;

internal sealed class MediaAnalysis : IMediaAnalysis
{
    public MediaAnalysis(ProbeAnswer answer, IReadOnlyList<string> errors)
    {
        ProbeFormat format = answer.Format!;
        Format = new MediaFormat
        {
            Duration = Time(format.Duration),
            StartTime = Time(format.StartTime),
            FormatName = format.Name,
            FormatLongName = format.LongName,
            StreamCount = format.Streams,
            ProbeScore = format.Score,
            BitRate = Whole(format.BitRate),
            Tags = Tags(format.Tags),
        };
        VideoStreams = [.. answer.Streams.Where(stream => stream.CodecType == "video").Select(Video)];
        AudioStreams = [.. answer.Streams.Where(stream => stream.CodecType == "audio").Select(Audio)];
        ErrorData = errors;
    }

    public TimeSpan Duration => new[]
    {
        Format.Duration, PrimaryVideoStream?.Duration ?? TimeSpan.Zero, PrimaryAudioStream?.Duration ?? TimeSpan.Zero,
    }.Max();

    public MediaFormat Format { get; }

    public VideoStream? PrimaryVideoStream => VideoStreams.MinBy(stream => stream.Index);

    public AudioStream? PrimaryAudioStream => AudioStreams.MinBy(stream => stream.Index);

    public List<VideoStream> VideoStreams { get; }

    public List<AudioStream> AudioStreams { get; }

    public IReadOnlyList<string> ErrorData { get; }

    private static VideoStream Video(ProbeStream stream) => Common(new VideoStream
    {
        AvgFrameRate = Ratio(stream.AverageFrameRate),
        FrameRate = Ratio(stream.FrameRate),
        Width = stream.Width ?? 0,
        Height = stream.Height ?? 0,
        SampleAspectRatio = stream.SampleAspectRatio?.Split(':') is [string across, string down]
            ? ((int)Whole(across), (int)Whole(down))
            : (0, 0),
        Profile = stream.Profile!,
        PixelFormat = stream.PixelFormat!,
        Rotation = Rotation(stream),
    }, stream);

    private static AudioStream Audio(ProbeStream stream) => Common(new AudioStream
    {
        Channels = stream.Channels ?? 0,
        SampleRateHz = (int)Whole(stream.SampleRate),
    }, stream);

    private static T Common<T>(T target, ProbeStream stream)
        where T : MediaStream
    {
        target.Index = stream.Index;
        target.CodecName = stream.CodecName!;
        target.CodecLongName = stream.CodecLongName!;
        target.CodecTag = stream.CodecTag!;
        target.CodecTagString = stream.CodecTagString!;
        target.BitRate = Whole(stream.BitRate);
        target.StartTime = Time(stream.StartTime);
        target.Duration = Time(stream.Duration);
        target.Tags = Tags(stream.Tags);
        return target;
    }

    private static int Rotation(ProbeStream stream)
    {
        foreach (Dictionary<string, JsonElement> side in stream.SideData ?? [])
        {
            if (side.TryGetValue("side_data_type", out JsonElement type) && type.ToString() == "Display Matrix"
                && side.TryGetValue("rotation", out JsonElement rotation))
                return (int)float.Parse(rotation.ToString(), CultureInfo.InvariantCulture);
        }
        return Tags(stream.Tags).TryGetValue("rotate", out string? tag) ? (int)float.Parse(tag, CultureInfo.InvariantCulture) : 0;
    }

    private static Dictionary<string, string> Tags(Dictionary<string, string>? tags) =>
        new(tags ?? [], StringComparer.OrdinalIgnoreCase);

    private static double Ratio(string? text) => text?.Split('/') is [string above, string below]
        ? double.Parse(above, CultureInfo.InvariantCulture) / double.Parse(below, CultureInfo.InvariantCulture)
        : 0.0 / 0.0;

    private static long Whole(string? text) => string.IsNullOrEmpty(text) ? 0 : long.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>h:mm:ss.ffffff, cut off to milliseconds; anything else is zero.</summary>
    private static TimeSpan Time(string? text)
    {
        string[] parts = text?.Split(':', '.') ?? [];
        if (parts.Length != 4 || !parts.All(part => part.Length > 0 && part.All(char.IsAsciiDigit)))
            return TimeSpan.Zero;
        int[] numbers = [.. parts.Take(3).Select(part => int.Parse(part, CultureInfo.InvariantCulture))];
        int milliseconds = int.Parse(parts[3].PadRight(3, '0')[..3], CultureInfo.InvariantCulture);
        return new TimeSpan(0, numbers[0], numbers[1], numbers[2], milliseconds);
    }
}
