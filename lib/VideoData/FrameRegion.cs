namespace ZeroI2V.Lab.VideoData;

/// <summary>A part of larger frames: what a crop needs of them, where the rest was never converted.</summary>
/// <param name="Frames">The part's pixels.</param>
/// <param name="Box">Where they lie.</param>
/// <param name="Width">Width of the whole frames.</param>
/// <param name="Height">Height of the whole frames.</param>
internal sealed record FrameRegion(FrameStack Frames, CropBox Box, int Width, int Height)
{
    /// <summary>Whole frames.</summary>
    public static FrameRegion Whole(FrameStack frames) => new(frames, new CropBox(0, 0, frames.Width, frames.Height), frames.Width, frames.Height);
}
