namespace ZeroI2V.Lab.Reparameterization;

/// <summary>The proof that a folded model is the unfolded one: on random and on real frames, and by its keys.</summary>
/// <param name="Checkpoint">The file that was folded.</param>
/// <param name="Sha256">Its hash.</param>
/// <param name="Random">On a clip of random pixels.</param>
/// <param name="Real">On frames of a video.</param>
/// <param name="RealFrames">Which video.</param>
/// <param name="RealIsSynthetic">Whether that video is made.</param>
/// <param name="Keys">The folded image model's keys beside the plain one's.</param>
public sealed record EqualityReport(string Checkpoint, string Sha256, FoldingReport Random, FoldingReport Real, string RealFrames, bool RealIsSynthetic, KeyComparison Keys)
{
    /// <summary>Whether nothing but rounding tells the models apart and the keys are the plain model's.</summary>
    public bool Equal => Random.Equal && Real.Equal && Keys.Same;
}
