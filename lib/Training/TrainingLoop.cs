using Microsoft.DotNet.Interactive;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Training;

/// <summary>What one batch came to.</summary>
/// <param name="Loss">Mean loss of the batch, a scalar with a gradient.</param>
/// <param name="Correct">Examples whose true class scored highest, an int64 scalar.</param>
/// <param name="Examples">Examples in the batch.</param>
/// <param name="Rest">What is left of the backward pass after the loss's own; null for nothing.</param>
internal readonly record struct BatchLoss(Tensor Loss, Tensor Correct, int Examples, Action? Rest = null);

/// <summary>
/// The loop that video training and image pre-training share: AdamW steps along the schedule, progress, metrics, checkpoints.
/// A run that was stopped or killed goes on from its folder with the same numbers, bit for bit on a CPU, as one that was not:
/// batches depend on (seed, epoch) and dropout on (seed, step) alone.
/// </summary>
/// <typeparam name="TBatch">One step's examples.</typeparam>
internal sealed class TrainingLoop<TBatch>
    where TBatch : IDisposable
{
    /// <summary>Steps over which the rate shown is averaged.</summary>
    private const int RateWindow = 20;

    /// <summary>Steps between readings on a GPU.</summary>
    private const int GpuReadEvery = 10;

    public required TrainingOptions Options { get; init; }

    public required IReadOnlyList<TrainedParameters> Groups { get; init; }

    public required int StepsPerEpoch { get; init; }

    /// <summary>The batches of an epoch (counted from 0), from a batch on, where they are needed: each is asked for when the step before is queued.</summary>
    public required Func<int, int, IEnumerable<TBatch>> Batches { get; init; }

    public required Func<TBatch, BatchLoss> Loss { get; init; }

    /// <summary>Puts the model into training mode.</summary>
    public required Action Train { get; init; }

    /// <summary>Numbers on test examples; leaves the model in any mode.</summary>
    public Func<IReadOnlyDictionary<string, double>>? Evaluate { get; init; }

    public RunFolder? Folder { get; init; }

    /// <summary>
    /// Steps after which losses and counts are read, and progress is told. Reading waits for a GPU, which then has nothing to do
    /// until it is given the next step; on a CPU it costs nothing. The numbers are the same.
    /// </summary>
    public int ReadEvery { get; init; } = 1;

    /// <summary>How often to read from a device.</summary>
    public static int ReadingsOf(Device device) => device.type == TorchSharp.DeviceType.CUDA ? GpuReadEvery : 1;

    public TrainingOutcome Run(IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        // In a notebook an interrupt ends training at its next step, whether or not the cell passed its token on.
        CancellationToken cell = KernelInvocationContext.Current?.CancellationToken ?? CancellationToken.None;
        var schedule = new LearningRateSchedule(Options, StepsPerEpoch);
        using AdamW optimizer = CreateOptimizer();
        var metrics = new List<EpochMetrics>();
        TrainingPlace place = TrainingPlace.Start;
        int? resumedAt = null;
        if (Folder is { HasCheckpoint: true })
        {
            place = TrainingCheckpoint.Read(Folder.CheckpointFile, Groups, optimizer);
            resumedAt = place.Step;
            metrics.AddRange(Finished(Folder, place, schedule));
        }

        var clock = new StepClock(RateWindow);
        using var unread = new UnreadSteps();
        while (place.Step < schedule.TotalSteps)
        {
            int epoch = place.Step / StepsPerEpoch;
            Train();
            clock.Restart();
            foreach (TBatch batch in Batches(epoch, place.Step % StepsPerEpoch))
            {
                int examples;
                using (batch)
                {
                    // This batch is on its way to a GPU before that is waited for.
                    if (unread.Count >= ReadEvery)
                    {
                        place = unread.Read(place, Options.LearningRate);
                        progress?.Report(Progress(epoch, null));
                    }
                    if (cancellation.IsCancellationRequested || cell.IsCancellationRequested)
                    {
                        place = unread.Read(place, Options.LearningRate);
                        Save(optimizer, metrics, place);
                        // Who did not ask for it must not take what is there for the end of the run.
                        if (!cancellation.IsCancellationRequested)
                            throw new OperationCanceledException(cell);
                        return Outcome(finished: false);
                    }
                    examples = Step(optimizer, batch, place.Step, schedule.At(place.Step), unread);
                }
                place = place with { Step = place.Step + 1 };
                bool ends = place.Step % StepsPerEpoch == 0;
                if (ends)
                    place = unread.Read(place, Options.LearningRate);
                place = place with { Seconds = place.Seconds + clock.Step(examples) };
                if (ends)
                    break;
            }
            if (place.Step != (epoch + 1) * StepsPerEpoch)
                throw new InvalidOperationException($"Epoch {epoch + 1} must have {StepsPerEpoch} batches; the loader ended after {place.Step - epoch * StepsPerEpoch}. Check BatchesPerEpoch of the loader.");
            FinishEpoch(epoch);
        }
        return Outcome(finished: true);

        void FinishEpoch(int epoch)
        {
            bool last = place.Step == schedule.TotalSteps;
            bool evaluates = Evaluate is not null && (last || (Options.EvaluateEvery > 0 && (epoch + 1) % Options.EvaluateEvery == 0));
            metrics.Add(new EpochMetrics
            {
                Epoch = epoch + 1,
                Step = place.Step,
                Loss = place.LossSum / place.Examples,
                LearningRate = schedule.At(place.Step - 1),
                TrainTop1 = (double)place.Correct / place.Examples,
                Seconds = place.Seconds,
                Test = evaluates ? Evaluate!() : null,
            });
            TrainingProgress report = Progress(epoch, metrics[^1]);
            place = new TrainingPlace(place.Step, 0, 0, 0, 0);
            if (last || (Options.CheckpointEvery > 0 && (epoch + 1) % Options.CheckpointEvery == 0))
                Save(optimizer, metrics, place);
            else
                Folder?.WriteMetrics(metrics);
            progress?.Report(report);
        }

        TrainingProgress Progress(int epoch, EpochMetrics? finished) => new()
        {
            Epoch = epoch + 1,
            Epochs = Options.Epochs,
            Step = place.Step,
            Steps = schedule.TotalSteps,
            Loss = place.LossSum / place.Examples,
            LearningRate = schedule.At(place.Step - 1),
            ClipsPerSecond = clock.ExamplesPerSecond,
            Left = clock.SecondsPerStep * (schedule.TotalSteps - place.Step),
            FinishedEpoch = finished,
        };

        TrainingOutcome Outcome(bool finished) => new()
        {
            Finished = finished,
            Step = place.Step,
            ResumedAtStep = resumedAt,
            Epochs = metrics,
        };
    }

    /// <summary>One step; what it came to is read later.</summary>
    /// <returns>Examples of the batch.</returns>
    private int Step(AdamW optimizer, TBatch batch, int step, double rate, UnreadSteps unread)
    {
        using var scope = NewDisposeScope();
        manual_seed(StepSeed.Of(Options.Seed, step));
        optimizer.zero_grad();
        BatchLoss result = Loss(batch);
        result.Loss.backward();
        result.Rest?.Invoke();
        if (Options.GradientClip is double largest)
            GradientClipping.Clip(Groups.SelectMany(g => g.Parameters).Select(p => p.Parameter), largest);
        foreach (optim.ILearningRateController group in optimizer.ParamGroups)
            group.LearningRate = rate;
        optimizer.step();
        unread.Add(step, result);
        return result.Examples;
    }

    private AdamW CreateOptimizer() => optim.AdamW(
        Groups.Select(g => new AdamW.ParamGroup(
            [.. g.Parameters.Select(p => p.Parameter)],
            lr: Options.LearningRate,
            beta1: Options.Beta1,
            beta2: Options.Beta2,
            eps: Options.Epsilon,
            weight_decay: g.Decays ? Options.WeightDecay : 0)),
        lr: Options.LearningRate,
        beta1: Options.Beta1,
        beta2: Options.Beta2,
        eps: Options.Epsilon,
        weight_decay: Options.WeightDecay);

    /// <summary>Metrics first: a run killed between the two files has lines beyond its checkpoint, which a resume cuts off.</summary>
    private void Save(AdamW optimizer, List<EpochMetrics> metrics, TrainingPlace place)
    {
        if (Folder is null)
            return;
        Folder.WriteMetrics(metrics);
        TrainingCheckpoint.Write(Folder.CheckpointFile, Groups, optimizer, place);
    }

    private IEnumerable<EpochMetrics> Finished(RunFolder folder, TrainingPlace place, LearningRateSchedule schedule)
    {
        if (place.Step < 0 || place.Step > schedule.TotalSteps)
            throw new InvalidDataException($"'{folder.CheckpointFile}' must be at a step in [0, {schedule.TotalSteps}]; found {place.Step}. Delete the run's folder to begin again.");
        int epochs = place.Step / StepsPerEpoch;
        IReadOnlyList<EpochMetrics> found = folder.ReadMetrics();
        if (found.Count < epochs)
            throw new InvalidDataException($"'{folder.MetricsFile}' must have a line for each of the {epochs} epochs that the checkpoint has behind it; found {found.Count}. Delete the run's folder to begin again.");
        return found.Take(epochs);
    }
}
