namespace ZeroI2V.Lab.Training;

/// <summary>How a call to train ended.</summary>
public sealed record TrainingOutcome
{
    /// <summary>True when every epoch is done; false when the run was cancelled and can be resumed.</summary>
    public required bool Finished { get; init; }

    /// <summary>Steps done since the run began.</summary>
    public required int Step { get; init; }

    /// <summary>The step at which this call took the run up from its folder; null when it began afresh.</summary>
    public required int? ResumedAtStep { get; init; }

    /// <summary>Every finished epoch, those before a resume included.</summary>
    public required IReadOnlyList<EpochMetrics> Epochs { get; init; }

    /// <summary>Seconds of training over all epochs.</summary>
    public double Seconds => Epochs.Sum(e => e.Seconds);
}
