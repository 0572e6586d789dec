namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>How much of a synthetic data set is made.</summary>
public enum MicroSize
{
    /// <summary>A few clips of each class, made in seconds: for tests.</summary>
    Quick,

    /// <summary>Thousands of clips, made in a few minutes on two cores: the default.</summary>
    Small,
}
