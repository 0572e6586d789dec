namespace ZeroI2V.Lab.GradCam;

/// <summary>Maps of attention rollout. A group's is no sum of its heads', so each group was followed by itself.</summary>
public sealed class RolloutMaps : LayerMaps
{
    private readonly IReadOnlyDictionary<HeadGroup, float[]> _byGroup;

    /// <summary>Takes the groups' rollouts.</summary>
    /// <param name="origin">What they are of.</param>
    /// <param name="byGroup">For each group [T asking, T looked at, H/p, W/p].</param>
    internal RolloutMaps(MapOrigin origin, IReadOnlyDictionary<HeadGroup, float[]> byGroup)
        : base(origin) => _byGroup = byGroup;

    /// <inheritdoc/>
    public override CamMap Map(HeadGroup group, EvidenceFrame frame = EvidenceFrame.LookedAt)
    {
        float[] all = Of(group);
        int frames = Origin.Frames, patches = Origin.Patches;
        var mean = new float[frames * patches];
        for (int asking = 0; asking < frames; asking++)
        {
            for (int seen = 0; seen < frames; seen++)
            {
                int at = frame == EvidenceFrame.LookedAt ? seen : asking;
                for (int i = 0; i < patches; i++)
                    mean[at * patches + i] += all[(asking * frames + seen) * patches + i] / frames;
            }
        }
        return new CamMap(mean, frames, Origin.Rows, Origin.Columns);
    }

    /// <summary>Where one frame's class token looks, in every frame.</summary>
    /// <param name="asking">The frame of the class token.</param>
    /// <param name="group">The heads.</param>
    /// <exception cref="CamException">The layer has no such heads.</exception>
    public CamMap From(int asking, HeadGroup group)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(asking);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(asking, Origin.Frames);
        int length = Origin.Frames * Origin.Patches;
        return new CamMap(Of(group).AsSpan(asking * length, length).ToArray(), Origin.Frames, Origin.Rows, Origin.Columns);
    }

    /// <inheritdoc/>
    public override float[,] FrameToFrame(HeadGroup group)
    {
        float[] all = Of(group);
        var sums = new float[Origin.Frames, Origin.Frames];
        for (int i = 0; i < all.Length; i++)
            sums[i / Origin.Patches / Origin.Frames, i / Origin.Patches % Origin.Frames] += all[i];
        return sums;
    }

    private float[] Of(HeadGroup group)
    {
        ArgumentNullException.ThrowIfNull(group);
        if (_byGroup.TryGetValue(group, out float[]? values))
            return values;
        _ = group.In(Origin.Offsets);
        throw new CamException($"Attention rollout was not followed through {group}; it was through {string.Join(", ", _byGroup.Keys.Select(known => known.Name))}.");
    }
}
