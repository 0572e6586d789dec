namespace ZeroI2V.Lab.Training;

/// <summary>What one epoch came to: a line of <c>metrics.jsonl</c>.</summary>
public sealed record EpochMetrics
{
    /// <summary>The epoch, counted from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>Optimizer steps done since the run began.</summary>
    public required int Step { get; init; }

    /// <summary>Mean training loss of the epoch's clips, label smoothing included.</summary>
    public required double Loss { get; init; }

    /// <summary>Learning rate of the epoch's last step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Share of training clips whose highest score was the true class, in training mode (with dropout).</summary>
    public required double TrainTop1 { get; init; }

    /// <summary>Seconds of training in this epoch, without evaluation and without time that a stopped run lay still.</summary>
    public required double Seconds { get; init; }

    /// <summary>Numbers on the test clips, by name (fractions, not percent); null where the epoch was not evaluated.</summary>
    public IReadOnlyDictionary<string, double>? Test { get; init; }
}
