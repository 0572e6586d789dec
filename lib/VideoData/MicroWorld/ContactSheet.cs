namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>Contact sheets of the synthetic data: what one looks at before training on it.</summary>
public static class ContactSheet
{
    /// <summary>One row for each class.</summary>
    public static void Clips(MicroSplits splits, string path, CancellationToken cancellationToken = default) => throw new NotSupportedException(path);
    /// <summary>A grid of stills.</summary>
    public static void Stills(StillSplits splits, string path, CancellationToken cancellationToken = default) => throw new NotSupportedException(path);
}
