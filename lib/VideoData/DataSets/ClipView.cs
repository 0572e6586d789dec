namespace ZeroI2V.Lab.VideoData.DataSets;

/// <summary>How a video becomes what a recogniser sees: which frames, and which part of them.</summary>
/// <param name="Sampling">Which frames.</param>
/// <param name="Transform">Which part of the frames.</param>
public sealed record ClipView(FrameSampling Sampling, ClipTransform Transform)
{
    /// <summary>Rows that testing makes of a video: clips × crops.</summary>
    public int TestViews => Sampling.Clips * (Sampling.TwiceClips ? 2 : 1) * Transform.TestViews;

    /// <summary>Checks both.</summary>
    /// <exception cref="ArgumentException">A value is out of its range, or values do not fit together.</exception>
    public void Validate()
    {
        Sampling.Validate();
        Transform.Validate();
    }
}
