namespace FFMpegCore.Enums;

/// <summary>A kind of stream.</summary>
public enum Channel
{
    Audio = 0,
    Video = 1,
    Both = 2,
}
