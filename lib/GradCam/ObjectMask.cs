using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.GradCam;

/// <summary>Where the objects of a synthetic clip are, patch by patch: how much of each patch the circles around them cover.</summary>
public sealed record ObjectMask
{
    private const int Samples = 8;

    private ObjectMask(float[] cover, int frames, int side) => (Cover, Frames, Side) = (cover, frames, side);

    /// <summary>Covered part of each patch, 0 to 1, [T, H/p, W/p].</summary>
    public IReadOnlyList<float> Cover { get; }

    /// <summary>T.</summary>
    public int Frames { get; }

    /// <summary>Patches along a side.</summary>
    public int Side { get; }

    /// <summary>Part of the clip that objects cover: the energy that a map without any knowledge has inside.</summary>
    public double Share => Cover.Average();

    /// <summary>The mask of some frames of a clip.</summary>
    /// <param name="truth">Where the objects are.</param>
    /// <param name="frameNumbers">The frames that the model saw.</param>
    /// <param name="pixels">Side of the video's frames, in pixels of the truth.</param>
    /// <param name="side">Patches along a side.</param>
    /// <param name="wraps">Whether what goes out on one side comes in on the other, as in the drifting classes.</param>
    /// <exception cref="CamException">The truth has fewer frames.</exception>
    public static ObjectMask Of(ClipTruth truth, IReadOnlyList<int> frameNumbers, int pixels, int side, bool wraps = false)
    {
        ArgumentNullException.ThrowIfNull(truth);
        ArgumentNullException.ThrowIfNull(frameNumbers);
        var cover = new float[frameNumbers.Count * side * side];
        double sample = (double)pixels / (side * Samples);
        for (int t = 0; t < frameNumbers.Count; t++)
        {
            int frame = frameNumbers[t];
            if (truth.Objects.Any(track => frame >= track.X.Count))
                throw new CamException($"'{truth.Path}' has a place for each of {truth.Objects.Min(track => track.X.Count)} frames; frame {frame} was asked for.");
            for (int y = 0; y < side * Samples; y++)
            {
                for (int x = 0; x < side * Samples; x++)
                {
                    if (truth.Objects.Any(track => Inside(track, frame, (x + 0.5) * sample, (y + 0.5) * sample, wraps ? pixels : double.PositiveInfinity)))
                        cover[(t * side + y / Samples) * side + x / Samples] += 1f / (Samples * Samples);
                }
            }
        }
        return new ObjectMask(cover, frameNumbers.Count, side);
    }

    private static bool Inside(ObjectTrack track, int frame, double x, double y, double around)
    {
        double radius = track.Radius[frame];
        if (radius <= 0)
            return false;
        double across = Math.Abs(x - track.X[frame]), down = y - track.Y[frame];
        across = Math.Min(across, Math.Abs(around - across));
        return across * across + down * down <= radius * radius;
    }
}
