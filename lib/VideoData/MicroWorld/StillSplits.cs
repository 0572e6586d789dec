namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>The two parts of a synthetic set of stills; both show training objects only.</summary>
/// <param name="Train">Stills to train on.</param>
/// <param name="Validation">Other scenes with the same objects.</param>
public sealed record StillSplits(StillSet Train, StillSet Validation);
