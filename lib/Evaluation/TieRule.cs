namespace ZeroI2V.Lab.Evaluation;

/// <summary>What equal scores are worth.</summary>
public enum TieRule
{
    /// <summary>A tie with another class is a miss: one who cannot tell classes apart gains nothing.</summary>
    Miss,

    /// <summary>As the official code: of equal scores the higher class number comes first. (Above 16 classes its own order is not
    /// defined; this is the one that it aims at.)</summary>
    Official,
}
