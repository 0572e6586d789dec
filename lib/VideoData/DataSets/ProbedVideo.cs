using System.Text.Json.Serialization;

namespace ZeroI2V.Lab.VideoData.DataSets;

/// <summary>What was found out about a video file; a line of an import's journal.</summary>
internal sealed record ProbedVideo
{
    [JsonRequired]
    public required string Path { get; init; }

    /// <summary>Length of the file in bytes; with <see cref="Modified"/> tells whether it is still the same.</summary>
    [JsonRequired]
    public required long Bytes { get; init; }

    /// <summary>Time of the last change, in ticks (UTC).</summary>
    [JsonRequired]
    public required long Modified { get; init; }

    /// <summary>Whether every frame was decoded, not only the first and the last.</summary>
    public bool Thorough { get; init; }

    /// <summary>Frames that decoding gives; 0 where it cannot be decoded.</summary>
    public int Frames { get; init; }

    public int Width { get; init; }

    public int Height { get; init; }

    public double FramesPerSecond { get; init; }

    /// <summary>What is wrong; empty where nothing is.</summary>
    public string Problem { get; init; } = "";

    /// <summary>Examines a file: reads what it says of itself, and decodes its first and last frame, or all.</summary>
    /// <param name="root">The folder of the videos.</param>
    /// <param name="path">The file, relative.</param>
    /// <param name="thorough">Decodes every frame.</param>
    public static ProbedVideo Examine(string root, string path, bool thorough)
    {
        string full = System.IO.Path.Combine(root, path);
        var file = new FileInfo(full);
        var probed = new ProbedVideo { Path = path, Bytes = file.Length, Modified = file.LastWriteTimeUtc.Ticks, Thorough = thorough };
        try
        {
            VideoInfo info = VideoFile.Probe(full);
            probed = probed with { Width = info.Width, Height = info.Height, FramesPerSecond = Math.Round(info.FramesPerSecond, 6) };
            return probed with { Frames = thorough ? VideoFile.CountFrames(full) : Ends(full, info) };
        }
        catch (VideoException fault)
        {
            return probed with { Problem = fault.Ffmpeg.Length == 0 ? fault.Problem : $"{fault.Problem} ffmpeg said: {fault.Ffmpeg}" };
        }
    }

    /// <summary>The number of frames where first and last can be decoded; else what decoding all of them gives.</summary>
    private static int Ends(string full, VideoInfo info)
    {
        if (info.Frames > 0)
        {
            try
            {
                VideoFile.Decode(full, info.Frames == 1 ? [0] : [0, info.Frames - 1], info, VideoFile.Thumbnail);
                return info.Frames;
            }
            catch (VideoException)
            {
                // The container counts what the decoder does not give, or it is damaged: all frames will tell.
            }
        }
        return VideoFile.CountFrames(full);
    }

    /// <summary>Whether the file on disk is still the one that was examined.</summary>
    public bool StillHolds(string root, bool thorough)
    {
        var file = new FileInfo(System.IO.Path.Combine(root, Path));
        return file.Exists && file.Length == Bytes && file.LastWriteTimeUtc.Ticks == Modified && (Thorough || !thorough);
    }
}
