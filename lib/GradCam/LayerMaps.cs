using ZeroI2V.Lab.Stdha;

namespace ZeroI2V.Lab.GradCam;

/// <summary>In which frame a temporal head's evidence is drawn.</summary>
public enum EvidenceFrame
{
    /// <summary>In the frame that the head looks at, t + Δt: where the evidence is.</summary>
    LookedAt,

    /// <summary>In the frame that asks, t.</summary>
    Query,
}

/// <summary>What a layer's maps are of.</summary>
/// <param name="Layer">The block, from 0.</param>
/// <param name="Method">How they were made.</param>
/// <param name="Place">The tensor that they were made from.</param>
/// <param name="Score">What they explain, its class named.</param>
/// <param name="Offsets">Δt of the layer's heads.</param>
/// <param name="Border">What a head uses outside the clip.</param>
/// <param name="Frames">T.</param>
/// <param name="Rows">H/p.</param>
/// <param name="Columns">W/p.</param>
public sealed record MapOrigin(
    int Layer, CamMethod Method, CamPlace Place, CamScore Score, IReadOnlyList<int> Offsets, BorderRule Border, int Frames, int Rows, int Columns)
{
    /// <summary>Patches of a frame.</summary>
    public int Patches => Rows * Columns;
}

/// <summary>The maps of one clip, layer, method and score, for every group of heads: plain numbers, no tensor.</summary>
public abstract class LayerMaps
{
    private protected LayerMaps(MapOrigin origin) => Origin = origin;

    /// <summary>What they are of.</summary>
    public MapOrigin Origin { get; }

    /// <summary>A group's map.</summary>
    /// <param name="group">The heads.</param>
    /// <param name="frame">Where a temporal head's evidence is drawn.</param>
    /// <exception cref="CamException">The layer has no such heads.</exception>
    public abstract CamMap Map(HeadGroup group, EvidenceFrame frame = EvidenceFrame.LookedAt);

    /// <summary>From which frame to which: row t says in which frames the query of frame t found what speaks for the score.</summary>
    /// <param name="group">The heads.</param>
    /// <returns>T rows of T numbers, sums of what is above zero.</returns>
    /// <exception cref="CamException">The layer has no such heads.</exception>
    public abstract float[,] FrameToFrame(HeadGroup group);
}
