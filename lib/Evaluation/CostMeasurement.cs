using TorchSharp;
using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Evaluation.Speed;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Evaluation;

/// <summary>What a recogniser was measured to take on the chosen device, with random weights and pixels.</summary>
/// <param name="Latency">Of one clip, evaluation mode: the median.</param>
/// <param name="ClipsPerSecond">At the batch size that was asked for, evaluation mode: from the median.</param>
/// <param name="InferenceBytes">Peak memory of that batch above the model's; null on a GPU, and where the system does not tell.</param>
/// <param name="TrainingStep">Forward and backward pass of one clip; null where it was not asked for.</param>
/// <param name="TrainingBytes">Peak memory of that step above the model's.</param>
public sealed record CostMeasurement(TimeSpan Latency, double ClipsPerSecond, long? InferenceBytes, TimeSpan? TrainingStep, long? TrainingBytes)
{
    /// <summary>Measures.</summary>
    /// <param name="options">The recogniser; where it can be folded, inference is measured folded, which is how it is used.</param>
    /// <param name="batch">Clips of a batch for the throughput.</param>
    /// <param name="rounds">Runs of which the median is taken, after one that does not count.</param>
    /// <param name="training">Whether to measure a training step.</param>
    /// <param name="cancellationToken">Stops it between runs.</param>
    public static CostMeasurement Of(RecognizerOptions options, int batch = 4, int rounds = 5, bool training = true, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(rounds, 1);
        (TimeSpan latency, double throughput, long? bytes) = Inference(options.FoldingObstacles().Count == 0 ? options.Folded() : options, batch, rounds, cancellationToken);
        if (!training)
            return new CostMeasurement(latency, throughput, bytes, null, null);

        using var scope = NewDisposeScope();
        using var model = new VideoRecognizer(options);
        model.to(ComputeDevice.Chosen);
        TrainableParameters.Freeze(model);
        model.train();
        Tensor clips = Clips(options, 1);
        long? peak = Peak(Step);
        return new CostMeasurement(latency, throughput, bytes, Median(Step, rounds, cancellationToken), peak);

        void Step()
        {
            using var step = NewDisposeScope();
            model.zero_grad();
            model.call(clips).sum().backward();
            ComputeDevice.Wait();
        }
    }

    private static (TimeSpan Latency, double ClipsPerSecond, long? Bytes) Inference(RecognizerOptions options, int batch, int rounds, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var model = new VideoRecognizer(options);
        model.to(ComputeDevice.Chosen);
        model.eval();
        Tensor one = Clips(options, 1), many = Clips(options, batch);
        long? bytes = Peak(() => Run(many));
        TimeSpan latency = Median(() => Run(one), rounds, cancellationToken);
        TimeSpan whole = Median(() => Run(many), rounds, cancellationToken);
        return (latency, batch / whole.TotalSeconds, bytes);

        void Run(Tensor clips)
        {
            model.call(clips).Dispose();
            ComputeDevice.Wait();
        }
    }

    /// <summary>The system counts what is in main memory only.</summary>
    private static long? Peak(Action action)
    {
        if (ComputeDevice.Chosen.type == DeviceType.CPU)
            return PeakMemory.Of(action);
        action();
        return null;
    }

    private static Tensor Clips(RecognizerOptions options, int clips)
    {
        using var generator = new Generator(1, CPU);
        return randn([clips, 3, options.Frames, options.Backbone.Resolution, options.Backbone.Resolution], generator: generator).to(ComputeDevice.Chosen);
    }

    private static TimeSpan Median(Action action, int rounds, CancellationToken cancellationToken)
    {
        var timing = new InterleavedTiming();
        timing.Add("", action);
        timing.Measure(warmUp: 1, rounds, cancellationToken: cancellationToken);
        return TimeSpan.FromSeconds(timing.Clock("").Median);
    }
}
