namespace ZeroI2V.Lab.Training;

/// <summary>Where a run is, reported after every step.</summary>
public sealed record TrainingProgress
{
    /// <summary>The epoch in work, counted from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>Epochs of the whole run.</summary>
    public required int Epochs { get; init; }

    /// <summary>Steps done since the run began, those before a resume included.</summary>
    public required int Step { get; init; }

    /// <summary>Steps of the whole run.</summary>
    public required int Steps { get; init; }

    /// <summary>Mean training loss of the epoch so far.</summary>
    public required double Loss { get; init; }

    /// <summary>Learning rate of the step just done.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Training clips a second over the last steps.</summary>
    public required double ClipsPerSecond { get; init; }

    /// <summary>Training time still to come at this rate, evaluation not counted.</summary>
    public required TimeSpan Left { get; init; }

    /// <summary>The finished epoch's numbers, at its last step; null otherwise.</summary>
    public EpochMetrics? FinishedEpoch { get; init; }
}
