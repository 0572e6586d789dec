using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.VideoData;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Training;

/// <summary>
/// Adapts a frozen image model to video: adapters, temporal embedding, last norm and head train, with AdamW and
/// label-smoothed cross-entropy (section 4.1 of the paper, "Implementation details").
/// </summary>
public sealed class Trainer
{
    private readonly VideoRecognizer _model;
    private readonly TrainingOptions _options;
    private readonly ParameterGroups _groups;

    /// <summary>Freezes what does not train.</summary>
    /// <param name="model">The recogniser, its backbone loaded from an image model.</param>
    /// <param name="options">How to train.</param>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public Trainer(VideoRecognizer model, TrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        _model = model;
        _options = options.Validate();
        _groups = TrainableParameters.Freeze(model);
    }

    /// <summary>Steps after which the loss is read; null for what suits the device.</summary>
    internal int? ReadEvery { get; init; }

    /// <summary>What takes a batch's clips to logits (B, K); null for the recogniser. Its head, where batches hold features of the frozen image model.</summary>
    internal nn.Module<Tensor, Tensor>? Entry { get; init; }

    /// <summary>Number of trained values.</summary>
    public long TrainedParameters => _groups.Count;

    /// <summary>
    /// A recogniser with new weights drawn from the seed (adapters, head) and a backbone from an image model. Two calls with
    /// the same arguments give the same weights.
    /// </summary>
    /// <param name="recognizer">The recogniser's options.</param>
    /// <param name="imageModel">The image model's file.</param>
    /// <param name="seed">The run's seed.</param>
    /// <returns>The recogniser, on the CPU.</returns>
    public static VideoRecognizer Prepare(RecognizerOptions recognizer, string imageModel, int seed)
    {
        manual_seed(StepSeed.Of(seed, -1));
        var model = new VideoRecognizer(recognizer);
        try
        {
            model.LoadBackbone(imageModel);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Trains to the end, or until it is cancelled. With a folder, a run that was stopped or killed is taken up where its
    /// last checkpoint left it and gives the same numbers as one that was not; a finished run is only loaded.
    /// Cancellation ends the run before the next step, leaves a checkpoint and throws nothing. So does the interrupt of a notebook's
    /// cell, which throws where the cell did not pass its token on.
    /// </summary>
    /// <param name="train">Training clips, [B, 3, T, H, W].</param>
    /// <param name="folder">Where metrics and checkpoints go; null keeps none.</param>
    /// <param name="evaluate">Numbers on the test clips, after an epoch; null for none.</param>
    /// <param name="progress">Told after every step; on a GPU after every tenth, which is when the loss is read.</param>
    /// <param name="cancellationToken">Ends the run before its next step.</param>
    /// <returns>How the run ended; the model is in evaluation mode.</returns>
    /// <exception cref="ArgumentException">The clips' batch size is not the options'.</exception>
    /// <exception cref="InvalidDataException">The folder's checkpoint is damaged or of another model.</exception>
    /// <exception cref="InvalidOperationException">The loss is no longer a number.</exception>
    public TrainingOutcome Run(
        IClipBatches train,
        RunFolder? folder = null,
        Func<IReadOnlyDictionary<string, double>>? evaluate = null,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(train);
        if (train.BatchSize != _options.BatchSize)
            throw new ArgumentException($"The training clips must come in batches of {_options.BatchSize}, as the options say; found {train.BatchSize}. Make the loader with the options' batch size.", nameof(train));
        Device device = _groups.WithDecay[0].Parameter.device;
        using ActivationCheckpoints? checkpoints = _options.ActivationCheckpointing ? new ActivationCheckpoints(_model) : null;
        var loop = new TrainingLoop<ClipBatch>
        {
            Options = _options,
            Groups = [new TrainedParameters(_groups.WithDecay, Decays: true), new TrainedParameters(_groups.WithoutDecay, Decays: false)],
            StepsPerEpoch = train.BatchesPerEpoch,
            Batches = (epoch, first) => train.Epoch(epoch, first).Select(batch => Brought(batch, device)),
            Loss = batch => Loss(batch, checkpoints),
            Train = () => _model.train(),
            Evaluate = evaluate,
            Folder = folder,
            ReadEvery = ReadEvery ?? TrainingLoop<ClipBatch>.ReadingsOf(device),
        };
        try
        {
            return loop.Run(progress, cancellationToken);
        }
        finally
        {
            _model.eval();
        }
    }

    /// <summary>Puts the parameters of a run's last checkpoint into a recogniser: for evaluation, maps and folding.</summary>
    /// <param name="model">A recogniser of the run's options with the run's image model.</param>
    /// <param name="folder">The run.</param>
    /// <returns>Steps that the parameters were trained for.</returns>
    /// <exception cref="InvalidDataException">The checkpoint is damaged or of another model.</exception>
    public static int LoadTrained(VideoRecognizer model, RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ParameterGroups groups = TrainableParameters.Freeze(model);
        int step = TrainingCheckpoint.ReadParameters(folder.CheckpointFile, groups.WithDecay.Concat(groups.WithoutDecay));
        model.eval();
        return step;
    }

    /// <summary>
    /// Cross-entropy with smoothed labels. libtorch's own looks for labels that are to be ignored and waits for what it finds, so a GPU
    /// would stand still at every step; here all labels count. The numbers are the same.
    /// </summary>
    /// <param name="logits">(B, K).</param>
    /// <param name="labels">(B), int64.</param>
    /// <param name="smoothing">ε, the share of a label that all classes have together.</param>
    /// <returns>The mean loss.</returns>
    internal static Tensor SmoothedLoss(Tensor logits, Tensor labels, double smoothing)
    {
        if (smoothing == 0)
            return nn.functional.cross_entropy(logits, labels);
        Tensor logProbabilities = logits.log_softmax(1);
        Tensor hard = nn.functional.nll_loss(logProbabilities, labels), even = logProbabilities.sum(1).neg().mean();
        return hard.mul(1 - smoothing).add(even.mul(smoothing / logits.shape[1]));
    }

    private static ClipBatch Brought(ClipBatch batch, Device device)
    {
        if (batch.Clips.device_type == device.type)
            return batch;
        using (batch)
            return batch with { Clips = ComputeDevice.Bring(batch.Clips, device), Labels = ComputeDevice.Bring(batch.Labels, device) };
    }

    private BatchLoss Loss(ClipBatch batch, ActivationCheckpoints? checkpoints)
    {
        Tensor logits = (Entry ?? _model).call(batch.Clips);
        Tensor loss = SmoothedLoss(logits, batch.Labels, _options.LabelSmoothing);
        Tensor correct = logits.detach().argmax(1).eq(batch.Labels).sum();
        return new BatchLoss(loss, correct, (int)batch.Labels.shape[0], checkpoints is null ? null : checkpoints.Backward);
    }
}
