namespace FFMpegCore;

/// <summary>What ffprobe says of a file.</summary>
public interface IMediaAnalysis
{
    /// <summary>The longest of container, first video and first audio stream.</summary>
    TimeSpan Duration { get; }

    /// <summary>The container.</summary>
    MediaFormat Format { get; }

    /// <summary>The video stream with the lowest index.</summary>
    VideoStream? PrimaryVideoStream { get; }

    /// <summary>The audio stream with the lowest index.</summary>
    AudioStream? PrimaryAudioStream { get; }

    /// <summary>All video streams; an attached picture counts as one.</summary>
    List<VideoStream> VideoStreams { get; }

    /// <summary>All audio streams.</summary>
    List<AudioStream> AudioStreams { get; }

    /// <summary>What ffprobe complained of, though it could read the file.</summary>
    IReadOnlyList<string> ErrorData { get; }
}
