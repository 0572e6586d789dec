using ZeroI2V.Lab.VideoData.DataSets;

namespace ZeroI2V.Lab.Evaluation;

/// <summary>What a run on video files sees of them.</summary>
public sealed record RunViews
{
    /// <summary>Training.</summary>
    public required ClipView Training { get; init; }

    /// <summary>Evaluation while training: one view.</summary>
    public required ClipView Validation { get; init; }

    /// <summary>The test at the end; probabilities are averaged over its views.</summary>
    public required ClipView Test { get; init; }

    /// <summary>Bad videos that each list may have before the run stops.</summary>
    public int MostBadVideos { get; init; } = 100;

    /// <summary>Checks every view.</summary>
    /// <exception cref="ArgumentException">A value is out of its range, or values do not fit together.</exception>
    public void Validate()
    {
        foreach (ClipView view in new[] { Training, Validation, Test })
        {
            view.Validate();
            if (view.Sampling.Frames != Training.Sampling.Frames)
                throw new ArgumentException($"All views must have the same number of frames; found {Training.Sampling.Frames} and {view.Sampling.Frames}.");
        }
        if (MostBadVideos < 0)
            throw new ArgumentException($"MostBadVideos is {MostBadVideos}; expected 0 or more.");
    }
}
