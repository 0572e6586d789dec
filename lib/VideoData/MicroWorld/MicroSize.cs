namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>How much of a synthetic data set is made.</summary>
public enum MicroSize
{
    /// <summary>A few clips of each class, made in seconds: for tests.</summary>
    Quick,

    /// <summary>Thousands of clips, made in a few minutes on two cores: the default.</summary>
    Small,

    /// <summary>Tens of thousands of clips, for training on a GPU; making them takes the better part of an hour on two cores.</summary>
    Large,
}
