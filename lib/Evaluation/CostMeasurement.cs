using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Evaluation.Speed;

namespace ZeroI2V.Lab.Evaluation;

/// <summary>What a recogniser was measured to take on the chosen device in 32-bit floats, with random weights and pixels.</summary>
/// <param name="Latency">Of one clip, evaluation mode: the median.</param>
/// <param name="ClipsPerSecond">At the batch size that was asked for, evaluation mode: from the median.</param>
/// <param name="InferenceBytes">Peak memory of that batch above the model's; null where the system does not tell.</param>
/// <param name="TrainingStep">Forward and backward pass of one clip and the optimizer's step.</param>
/// <param name="TrainingBytes">Peak memory of that step above the model's.</param>
public sealed record CostMeasurement(TimeSpan Latency, double ClipsPerSecond, long? InferenceBytes, TimeSpan TrainingStep, long? TrainingBytes)
{
    /// <summary>Measures.</summary>
    /// <param name="options">The recogniser; where it can be folded, inference is measured folded, which is how it is used.</param>
    /// <param name="batch">Clips of a batch for the throughput.</param>
    /// <param name="rounds">Runs of which the median is taken.</param>
    /// <param name="cancellationToken">Stops it between runs.</param>
    public static CostMeasurement Of(RecognizerOptions options, int batch = 4, int rounds = 5, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        TimeSpan latency = LatencyOf(options, rounds, cancellationToken);
        (TimeSpan whole, long? bytes) = Measure(InUse(options), batch, training: false, rounds, cancellationToken);
        (TimeSpan step, long? trainingBytes) = Measure(options, 1, training: true, rounds, cancellationToken);
        return new CostMeasurement(latency, batch / whole.TotalSeconds, bytes, step, trainingBytes);
    }

    /// <summary>Measures one clip's time only.</summary>
    /// <param name="options">As of <see cref="Of"/>.</param>
    /// <param name="rounds">Runs of which the median is taken.</param>
    /// <param name="cancellationToken">Stops it between runs.</param>
    public static TimeSpan LatencyOf(RecognizerOptions options, int rounds = 5, CancellationToken cancellationToken = default)
    {
        using var subject = new LabSubject(InUse(options), 1, training: false, Precision.Float32, ComputeDevice.Chosen);
        return Median(subject, rounds, cancellationToken);
    }

    private static (TimeSpan Time, long? Bytes) Measure(RecognizerOptions options, int batch, bool training, int rounds, CancellationToken cancellationToken)
    {
        using LabSubject subject = LabSubject.Measured(options, batch, training, Precision.Float32, ComputeDevice.Chosen, checkpointing: false, out long? bytes);
        return (Median(subject, rounds, cancellationToken), bytes);
    }

    private static RecognizerOptions InUse(RecognizerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.FoldingObstacles().Count == 0 ? options.Folded() : options;
    }

    private static TimeSpan Median(LabSubject subject, int rounds, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rounds, 1);
        var timing = new InterleavedTiming();
        timing.Add("", subject.Run);
        timing.Measure(warmUp: 1, rounds, cancellationToken: cancellationToken);
        return TimeSpan.FromSeconds(timing.Clock("").Median);
    }
}
