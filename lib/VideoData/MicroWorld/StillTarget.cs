namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>One question that a still answers, such as "which shape".</summary>
/// <param name="Name">Short name.</param>
/// <param name="Classes">The possible answers; a still's label indexes them, or is <see cref="Ignored"/>.</param>
public sealed record StillTarget(string Name, IReadOnlyList<string> Classes)
{
    /// <summary>The label of a still to which the question does not apply.</summary>
    public const int Ignored = -1;
}
