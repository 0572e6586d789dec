using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TorchSharp;
using TorchSharp.Modules;
using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.Files;
using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.MicroWorld;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Training;

/// <summary>The image model that pre-training left.</summary>
/// <param name="Path">Its safetensors file.</param>
/// <param name="Sha256">The file's hash.</param>
/// <param name="Reused">True when it was there already, made with these options from these stills.</param>
/// <param name="Accuracy">Share of validation stills answered rightly, by question.</param>
/// <param name="Seconds">Seconds that its training took.</param>
public sealed record PretrainedImageModel(string Path, string Sha256, bool Reused, IReadOnlyDictionary<string, double> Accuracy, double Seconds)
{
    /// <summary>Opens an image model that pre-training made, whatever its options.</summary>
    /// <param name="path">Its file.</param>
    /// <returns>The model.</returns>
    /// <exception cref="InvalidDataException">The file is none that pre-training made.</exception>
    public static PretrainedImageModel Open(string path)
    {
        IReadOnlyDictionary<string, string> metadata = SafeTensors.ReadMetadata(path);
        if (!metadata.TryGetValue("accuracy", out string? accuracy) || !double.TryParse(metadata.GetValueOrDefault("seconds"), CultureInfo.InvariantCulture, out double seconds))
            throw new InvalidDataException($"'{path}' must be an image model that ./lab pretrain made; it does not say its accuracy and seconds. Make it again.");
        return new PretrainedImageModel(
            path,
            FileHash.Sha256(path),
            Reused: true,
            RunJson.Read<Dictionary<string, double>>(accuracy, $"accuracy in '{path}'"),
            seconds);
    }
}

/// <summary>
/// Trains a small vision transformer on stills, one linear head a question, all on the class feature: what video
/// training later reads out of the frozen model is exactly that feature, so it must know where things are, how large
/// and how turned, and not only what they are. The heads are thrown away.
/// </summary>
public sealed class ImagePretrainer
{
    private readonly ImagePretrainingOptions _options;

    /// <summary>Makes a pre-trainer.</summary>
    /// <param name="options">What to make and how.</param>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public ImagePretrainer(ImagePretrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Validate();
    }

    /// <summary>The model's file in a folder of models.</summary>
    /// <param name="models">The folder.</param>
    /// <returns>Its path.</returns>
    public string FileIn(string models) => Path.Combine(models, $"micro-vit-{_options.Stills.ToString().ToLowerInvariant()}.safetensors");

    /// <summary>
    /// Returns the image model, and makes it where it is missing or was made with other options or from other stills.
    /// Training that was stopped or killed goes on where it was.
    /// </summary>
    /// <param name="models">The folder of models.</param>
    /// <param name="stills">The stills.</param>
    /// <param name="progress">Told after every step; not told where the model is reused.</param>
    /// <param name="cancellationToken">Ends training before its next step.</param>
    /// <returns>The model.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled; a later call goes on.</exception>
    public PretrainedImageModel Ensure(string models, StillSplits stills, IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stills);
        Directory.CreateDirectory(models);
        string path = FileIn(models), data = Hash(stills);
        if (Kept(path, data) is PretrainedImageModel kept)
            return kept;

        var work = new RunFolder(Path.ChangeExtension(path, ".training"));
        if (Directory.Exists(work.Path) && !IsSameWork(work, data))
            Directory.Delete(work.Path, recursive: true);
        work.Begin(new Recipe(_options, data));

        var train = new StillBatches(Pixels(stills.Train, cancellationToken), stills.Train.Labels, _options.Training.BatchSize, _options.Training.Seed, ClipNormalization.Clip);
        var validation = new StillBatches(Pixels(stills.Validation, cancellationToken), stills.Validation.Labels, 250, null, ClipNormalization.Clip);
        manual_seed(StepSeed.Of(_options.Training.Seed, -1));
        using var model = new VisionTransformer(_options.Backbone);
        TrainingOutcome outcome = Train(model, stills.Train.Targets, train, validation, work, progress, cancellationToken);
        if (!outcome.Finished)
            throw new OperationCanceledException($"Image pre-training was stopped at step {outcome.Step}; the next call goes on from there.", cancellationToken);

        IReadOnlyDictionary<string, double> accuracy = outcome.Epochs[^1].Test!;
        model.Save(path, new Dictionary<string, string>
        {
            ["what"] = "Image model of ZeroI2V Lab, pre-trained on synthetic stills",
            ["options"] = JsonSerializer.Serialize(_options, RunJson.Line),
            ["data"] = stills.Train.Name,
            ["data_sha256"] = data,
            ["synthetic"] = "true",
            ["seed"] = _options.Training.Seed.ToString(CultureInfo.InvariantCulture),
            ["accuracy"] = JsonSerializer.Serialize(accuracy, RunJson.Line),
            ["seconds"] = outcome.Seconds.ToString("R", CultureInfo.InvariantCulture),
            ["commit"] = Commit,
            ["made"] = DateTime.UtcNow.ToString("u", CultureInfo.InvariantCulture),
            ["command"] = "./lab pretrain",
        });
        Directory.Delete(work.Path, recursive: true);
        return PretrainedImageModel.Open(path) with { Reused = false };
    }

    /// <summary>Trains a model with one linear head a question; all heads are one layer, whose outputs they share out.</summary>
    /// <returns>How it ended; the last epoch's test numbers are the accuracies by question, and their mean.</returns>
    internal TrainingOutcome Train(
        VisionTransformer model,
        IReadOnlyList<StillTarget> targets,
        StillBatches train,
        StillBatches validation,
        RunFolder? folder,
        IProgress<TrainingProgress>? progress,
        CancellationToken cancellationToken)
    {
        using Linear heads = nn.Linear(_options.Backbone.Width, targets.Sum(target => target.Classes.Count));
        Device device = ComputeDevice.Chosen;
        model.to(device);
        heads.to(device);
        ParameterGroups groups = TrainableParameters.Unfreeze(model);
        var loop = new TrainingLoop<StillBatch>
        {
            Options = _options.Training,
            Groups =
            [
                new TrainedParameters([.. groups.WithDecay, .. heads.named_parameters().Select(p => ("heads." + p.name, p.parameter))], Decays: true),
                new TrainedParameters(groups.WithoutDecay, Decays: false),
            ],
            StepsPerEpoch = train.BatchesPerEpoch,
            Batches = (epoch, first) => train.Epoch(epoch, first).Select(batch => batch.To(device)),
            Loss = batch => Loss(model, heads, targets, batch),
            Train = () => model.train(),
            Evaluate = () => Accuracy(model, heads, targets, validation),
            Folder = folder,
            ReadEvery = TrainingLoop<StillBatch>.ReadingsOf(device),
        };
        return loop.Run(progress, cancellationToken);
    }

    /// <summary>The mean over the questions that the batch answers, each the mean over the stills that answer it.</summary>
    private static BatchLoss Loss(VisionTransformer model, Linear heads, IReadOnlyList<StillTarget> targets, StillBatch batch)
    {
        Tensor[] scores = Scores(model, heads, targets, batch);
        Tensor labels = batch.Labels;
        Tensor? sum = null;
        int asked = 0;
        for (int t = 0; t < scores.Length; t++)
        {
            if (batch.Answered[t] == 0)
                continue;
            Tensor loss = nn.functional.cross_entropy(scores[t], labels.select(1, t), ignore_index: StillTarget.Ignored);
            sum = sum is null ? loss : sum + loss;
            asked++;
        }
        if (sum is null)
            throw new InvalidOperationException("No still of the batch answers any question; make the data set again.");
        // Of many questions none is "the" class: the first one's answers are counted.
        Tensor correct = scores[0].detach().argmax(1).eq(labels.select(1, 0)).sum();
        return new BatchLoss(sum / asked, correct, (int)batch.Images.shape[0]);
    }

    /// <summary>Scores of each question's classes, (B, classes).</summary>
    private static Tensor[] Scores(VisionTransformer model, Linear heads, IReadOnlyList<StillTarget> targets, StillBatch batch) =>
        heads.call(model.call(batch.Images)).split([.. targets.Select(target => (long)target.Classes.Count)], dim: 1);

    private static Dictionary<string, double> Accuracy(VisionTransformer model, Linear heads, IReadOnlyList<StillTarget> targets, StillBatches stills)
    {
        Device device = heads.weight.device;
        using Tensor right = zeros(targets.Count, dtype: ScalarType.Int64, device: device);
        var asked = new long[targets.Count];
        model.eval();
        using (no_grad())
        {
            foreach (StillBatch batch in stills.Epoch(0))
            {
                using (StillBatch here = batch.To(device))
                using (NewDisposeScope())
                {
                    Tensor[] scores = Scores(model, heads, targets, here);
                    // An ignored label is no class, so no answer equals it.
                    right.add_(stack([.. scores.Select((score, t) => score.argmax(1).eq(here.Labels.select(1, t)).sum())]));
                    for (int t = 0; t < targets.Count; t++)
                        asked[t] += here.Answered[t];
                }
            }
        }
        using Tensor counted = right.cpu();
        long[] correct = [.. counted.data<long>()];
        var accuracy = new Dictionary<string, double>();
        for (int t = 0; t < targets.Count; t++)
        {
            if (asked[t] > 0)
                accuracy[targets[t].Name] = (double)correct[t] / asked[t];
        }
        accuracy["mean"] = accuracy.Values.Average();
        return accuracy;
    }

    private PretrainedImageModel? Kept(string path, string data)
    {
        if (!File.Exists(path))
            return null;
        IReadOnlyDictionary<string, string> metadata = SafeTensors.ReadMetadata(path);
        bool same = metadata.GetValueOrDefault("options") == JsonSerializer.Serialize(_options, RunJson.Line) && metadata.GetValueOrDefault("data_sha256") == data;
        return same ? PretrainedImageModel.Open(path) : null;
    }

    private bool IsSameWork(RunFolder work, string data) =>
        File.Exists(work.OptionsFile) && File.ReadAllText(work.OptionsFile).TrimEnd() == JsonSerializer.Serialize(new Recipe(_options, data), RunJson.Options);

    /// <summary>Stills are made smaller as clips are, so that the model sees in clips what it has learned from stills.</summary>
    private FrameStack Pixels(StillSet stills, CancellationToken cancellationToken)
    {
        FrameStack whole = stills.Decode(cancellationToken: cancellationToken);
        (int width, int height) = BilinearResize.ShortSide(whole.Width, whole.Height, _options.Backbone.Resolution);
        return BilinearResize.Resize(whole, width, height);
    }

    /// <summary>A hash of every album's frames and of every label, validation included.</summary>
    private static string Hash(StillSplits stills)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (StillSet set in new[] { stills.Train, stills.Validation })
        {
            foreach (MicroFile album in set.Albums)
                hash.AppendData(Encoding.UTF8.GetBytes(album.FramesSha256 + "\n"));
            foreach (IReadOnlyList<int> labels in set.Labels)
                hash.AppendData(Encoding.UTF8.GetBytes(string.Join(',', labels) + "\n"));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The commit that the lab was built from, as the build wrote it into the assembly.</summary>
    private static string Commit =>
        typeof(ImagePretrainer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+') is [_, var commit] ? commit : "unknown";

    private sealed record Recipe(ImagePretrainingOptions Options, string DataSha256);
}
