using ZeroI2V.Lab.Stdha;

namespace ZeroI2V.Lab.GradCam;

/// <summary>Maps that add up: one of each head, and a group's is the sum of its heads'. So all groups cost one backward pass.</summary>
public sealed class HeadMaps : LayerMaps
{
    private readonly float[][] _byHead;

    /// <summary>Takes the heads' maps.</summary>
    /// <param name="origin">What they are of.</param>
    /// <param name="byHead">For each head T·rows·columns raw numbers, at the frames of the queries.</param>
    internal HeadMaps(MapOrigin origin, float[][] byHead)
        : base(origin) => _byHead = byHead;

    /// <summary>One head's numbers at the frames of its queries, [T, H/p, W/p].</summary>
    /// <param name="head">The head, from 0.</param>
    internal ReadOnlySpan<float> Head(int head) => _byHead[head];

    /// <summary>For each frame the frame in which a head's evidence is drawn.</summary>
    internal int[] Sources(int head, EvidenceFrame frame) => FrameRelocation.Sources(Origin.Frames, Moves(frame) ? Origin.Offsets[head] : 0, Origin.Border);

    /// <inheritdoc/>
    public override CamMap Map(HeadGroup group, EvidenceFrame frame = EvidenceFrame.LookedAt)
    {
        ArgumentNullException.ThrowIfNull(group);
        int patches = Origin.Patches;
        var sum = new float[Origin.Frames * patches];
        foreach (int head in group.In(Origin.Offsets))
        {
            int[] sources = Sources(head, frame);
            for (int t = 0; t < sources.Length; t++)
            {
                Span<float> target = sum.AsSpan(sources[t] * patches, patches);
                ReadOnlySpan<float> evidence = _byHead[head].AsSpan(t * patches, patches);
                for (int i = 0; i < patches; i++)
                    target[i] += evidence[i];
            }
        }
        return new CamMap(sum, Origin.Frames, Origin.Rows, Origin.Columns);
    }

    /// <inheritdoc/>
    public override float[,] FrameToFrame(HeadGroup group)
    {
        ArgumentNullException.ThrowIfNull(group);
        var sums = new float[Origin.Frames, Origin.Frames];
        foreach (int head in group.In(Origin.Offsets))
        {
            int[] sources = Sources(head, EvidenceFrame.LookedAt);
            for (int t = 0; t < sources.Length; t++)
            {
                foreach (float value in _byHead[head].AsSpan(t * Origin.Patches, Origin.Patches))
                    sums[t, sources[t]] += Math.Max(value, 0);
            }
        }
        return sums;
    }

    private bool Moves(EvidenceFrame frame) => frame == EvidenceFrame.LookedAt && Origin.Method.IsLookedAt(Origin.Place);
}
