namespace ZeroI2V.Lab.Stdha;

/// <summary>Which frame a head uses where t + Δt falls outside the clip.</summary>
public enum BorderRule
{
    /// <summary>Its own frame t, as the official code does.</summary>
    OwnFrame,

    /// <summary>The first or last frame of the clip.</summary>
    Clamp,

    /// <summary>The frame that comes after going round, t + Δt modulo T.</summary>
    Wrap,
}
