namespace ZeroI2V.Lab.GradCam;

/// <summary>How well a map points at the objects of a clip.</summary>
/// <param name="Hits">Frames whose strongest patch lies on an object (the pointing game, Zhang et al. 2016).</param>
/// <param name="Frames">Frames that have both evidence and a visible object.</param>
/// <param name="Energy">Part of all evidence that lies on objects, 0 to 1.</param>
/// <param name="Chance">Part of the clip that objects cover: what a map without knowledge gets, in both.</param>
public readonly record struct Pointing(int Hits, int Frames, double Energy, double Chance)
{
    /// <summary>A patch counts as on an object from this covered part on.</summary>
    public const float OnObject = 0.25f;

    /// <summary>Part of the frames that are hit; NaN where there are none.</summary>
    public double Accuracy => Frames > 0 ? (double)Hits / Frames : double.NaN;

    /// <summary>Holds a map against where the objects are.</summary>
    /// <param name="map">The raw map; what is below zero does not count.</param>
    /// <param name="mask">The objects.</param>
    /// <exception cref="CamException">Map and mask have other sizes.</exception>
    public static Pointing Of(CamMap map, ObjectMask mask)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(mask);
        if (map.Frames != mask.Frames || map.Rows != mask.Side || map.Columns != mask.Side)
            throw new CamException($"The map has {map.Frames} frames of {map.Rows}×{map.Columns} patches; the mask {mask.Frames} of {mask.Side}×{mask.Side}.");
        int hits = 0, frames = 0;
        double inside = 0, all = 0;
        for (int t = 0; t < map.Frames; t++)
        {
            ReadOnlySpan<float> values = map.Frame(t);
            int best = 0;
            bool visible = false;
            for (int i = 0; i < values.Length; i++)
            {
                float cover = mask.Cover[t * map.Patches + i], value = Math.Max(values[i], 0);
                visible |= cover >= OnObject;
                inside += value * cover;
                all += value;
                if (values[i] > values[best])
                    best = i;
            }
            if (!visible || values[best] <= 0)
                continue;
            frames++;
            hits += mask.Cover[t * map.Patches + best] >= OnObject ? 1 : 0;
        }
        return new Pointing(hits, frames, all > 0 ? inside / all : double.NaN, mask.Share);
    }

    /// <summary>Many clips together: hits and frames are added, energy and chance are means.</summary>
    /// <param name="clips">The clips.</param>
    public static Pointing Together(IEnumerable<Pointing> clips)
    {
        Pointing[] all = [.. clips];
        return new Pointing(
            all.Sum(clip => clip.Hits), all.Sum(clip => clip.Frames),
            all.Where(clip => !double.IsNaN(clip.Energy)).Select(clip => clip.Energy).DefaultIfEmpty(double.NaN).Average(),
            all.Select(clip => clip.Chance).DefaultIfEmpty(double.NaN).Average());
    }
}
