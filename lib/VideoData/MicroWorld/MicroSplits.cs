namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>The two lists of a synthetic video data set.</summary>
/// <param name="Train">Clips to train on.</param>
/// <param name="Test">Clips to test on, with objects that training never shows.</param>
public sealed record MicroSplits(ClipList Train, ClipList Test);
