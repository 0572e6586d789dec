namespace FFMpegCore;

/// <summary>A video stream.</summary>
public class VideoStream : MediaStream
{
    /// <summary>Mean frames a second.</summary>
    public double AvgFrameRate { get; set; }

    /// <summary>Frames a second of the time base that fits all frames.</summary>
    public double FrameRate { get; set; }

    /// <summary>Pixels across as coded, before any rotation.</summary>
    public int Width { get; set; }

    /// <summary>Pixels down as coded, before any rotation.</summary>
    public int Height { get; set; }

    /// <summary>Shape of a pixel; (0, 0) where unknown.</summary>
    public (int Width, int Height) SampleAspectRatio { get; set; }

    /// <summary>Profile of the codec.</summary>
    public string Profile { get; set; } = null!;

    /// <summary>Pixel format.</summary>
    public string PixelFormat { get; set; } = null!;

    /// <summary>Degrees by which a player turns the picture.</summary>
    public int Rotation { get; set; }
}
