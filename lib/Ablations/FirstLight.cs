using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.Ablations;

/// <summary>How far the first comparison has come.</summary>
/// <param name="Stage">What is being done.</param>
/// <param name="Detail">Rate, loss, time left; empty at the start of a stage.</param>
/// <param name="Finished">True when the stage is over; <paramref name="Detail"/> then says what came out.</param>
public sealed record FirstLightProgress(string Stage, string Detail, bool Finished = false);

/// <summary>
/// The first comparison: one frozen image model, adapted to video three times on the synthetic MicroSSv2, and told apart
/// only by how it may see time. What is there already (data, image model, finished runs) is reused.
/// </summary>
public static class FirstLight
{
    /// <summary>Everything that a run's numbers depend on: a run with the same is the same run.</summary>
    private sealed record Recipe(
        string Row, RecognizerOptions Recognizer, TrainingOptions Training, FrameSampling Sampling, string ImageModelSha256, string DataSha256);

    private sealed record Outcome(long TrainedParameters, double Seconds, EvaluationResult Evaluation);

    /// <summary>Makes or loads all that is asked for.</summary>
    /// <param name="options">What.</param>
    /// <param name="progress">Told how far it has come, from any thread.</param>
    /// <param name="cancellationToken">Stops it; a later call goes on from there.</param>
    /// <returns>Every row for every seed.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static FirstLightReport Run(FirstLightOptions options, IProgress<FirstLightProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Seeds.Count == 0)
            throw new ArgumentException("The comparison needs at least one seed; it got none.", nameof(options));

        MicroSplits clips = MakeData(options, progress, out StillSplits stills, cancellationToken);
        PretrainedImageModel image = Pretrain(options, stills, progress, cancellationToken);
        string data = Hash(clips);
        var decoded = new Lazy<(DecodedClips Train, DecodedClips Test)>(() => Decode(options, clips, progress, cancellationToken));

        var runs = new List<FirstLightRun>();
        foreach (int seed in options.Seeds)
        {
            foreach (FirstLightRow row in FirstLightRow.All)
                runs.Add(RunRow(options, row, seed, image, data, clips, decoded, progress, cancellationToken));
        }

        return new FirstLightReport(options, image, data, clips.Train.Clips.Count, clips.Test.Clips.Count, runs);
    }

    private static MicroSplits MakeData(FirstLightOptions options, IProgress<FirstLightProgress>? progress, out StillSplits stills, CancellationToken cancellationToken)
    {
        const string Stage = "Synthetic data";
        var made = new Relay<MicroProgress>(p => progress?.Report(new(Stage,
            FormattableString.Invariant($"{p.DataSet}: {100.0 * p.Done / p.Total:0} % of {p.Total} frames, {p.FramesPerSecond:0} frames/s, {p.Left:m\\:ss} left"))));
        stills = MicroImages.Ensure(options.Data, options.Size, made, cancellationToken);
        MicroSplits clips = MicroSsv2.Ensure(options.Data, options.Size, made, cancellationToken);
        progress?.Report(new(Stage,
            $"{clips.Train.Clips.Count} training and {clips.Test.Clips.Count} test clips of {clips.Train.Classes.Count} classes, H.264, {(made.Told ? "made" : "reused")} in {options.Data}/", Finished: true));
        return clips;
    }

    private static PretrainedImageModel Pretrain(FirstLightOptions options, StillSplits stills, IProgress<FirstLightProgress>? progress, CancellationToken cancellationToken)
    {
        const string Stage = "Image model";
        var trained = new Relay<TrainingProgress>(p => progress?.Report(new(Stage,
            FormattableString.Invariant($"epoch {p.Epoch} of {p.Epochs}, loss {p.Loss:0.000}, {p.ClipsPerSecond:0} stills/s, {p.Left:m\\:ss} left"))));
        PretrainedImageModel image = new ImagePretrainer(options.ImageModel).Ensure(options.Models, stills, trained, cancellationToken);
        string accuracy = string.Join(", ", image.Accuracy.Select(a => FormattableString.Invariant($"{a.Key} {100 * a.Value:0} %")));
        progress?.Report(new(Stage, FormattableString.Invariant(
            $"{(image.Reused ? "reused" : $"trained in {image.Seconds:0} s")}, {image.Path}; on validation stills: {accuracy}"), Finished: true));
        return image;
    }

    private static (DecodedClips Train, DecodedClips Test) Decode(FirstLightOptions options, MicroSplits clips, IProgress<FirstLightProgress>? progress, CancellationToken cancellationToken)
    {
        const string Stage = "Decoding";
        var told = new Relay<DecodingProgress>(p => progress?.Report(new(Stage,
            FormattableString.Invariant($"{p.Done} of {p.Total} videos, {p.ClipsPerSecond:0} videos/s, {p.Left:m\\:ss} left"))));
        int side = options.ImageModel.Backbone.Resolution;
        var clock = Stopwatch.StartNew();
        var train = DecodedClips.Load(clips.Train, side, progress: told, cancellationToken: cancellationToken);
        var test = DecodedClips.Load(clips.Test, side, progress: told, cancellationToken: cancellationToken);
        progress?.Report(new(Stage, FormattableString.Invariant(
            $"{clips.Train.Clips.Count + clips.Test.Clips.Count} H.264 videos in {clock.Elapsed.TotalSeconds:0} s, resized to {side} × {side}"), Finished: true));
        return (train, test);
    }

    private static FirstLightRun RunRow(
        FirstLightOptions options, FirstLightRow row, int seed, PretrainedImageModel image, string data, MicroSplits clips,
        Lazy<(DecodedClips Train, DecodedClips Test)> decoded, IProgress<FirstLightProgress>? progress, CancellationToken cancellationToken)
    {
        string stage = $"{row.Name}, seed {seed}";
        RecognizerOptions recognizer = options.Recognizer(row, clips.Train.Classes.Count);
        TrainingOptions training = options.Training with { Seed = seed };
        var recipe = new Recipe(row.Key, recognizer, training, options.Sampling, image.Sha256, data);
        var folder = new RunFolder(Path.Combine(options.Runs, "first-light", $"{row.Key}-seed{seed}-{Hash(recipe)}"));
        folder.Begin(recipe);

        bool reused = folder.HasResult;
        if (!reused)
        {
            using VideoRecognizer model = Trainer.Prepare(recognizer, image.Path, seed);
            var trainer = new Trainer(model, training);
            var train = new ClipLoader(decoded.Value.Train, new() { Training = true, BatchSize = training.BatchSize, Sampling = options.Sampling, Seed = seed });
            var test = new ClipLoader(decoded.Value.Test, new() { Training = false, BatchSize = training.BatchSize, Sampling = options.Sampling });
            EvaluationResult? last = null;
            var told = new Relay<TrainingProgress>(p => progress?.Report(new(stage, FormattableString.Invariant(
                $"epoch {p.Epoch} of {p.Epochs}, loss {p.Loss:0.000}, {p.ClipsPerSecond:0} clips/s, {p.Left:m\\:ss} left"))));
            TrainingOutcome outcome = trainer.Run(
                train, folder, () => (last = VideoEvaluation.Evaluate(model, test, clips.Test, cancellationToken)).Summary(), told, cancellationToken);
            if (!outcome.Finished)
                throw new OperationCanceledException($"'{stage}' was stopped after step {outcome.Step}; run the same command to go on from there.", cancellationToken);
            // A run killed between its last epoch and its result has no evaluation at hand.
            last ??= VideoEvaluation.Evaluate(model, test, clips.Test, cancellationToken);
            model.Save(Path.Combine(folder.Path, "model.safetensors"), new Dictionary<string, string>
            {
                ["what"] = $"{row.Name}, trained on MicroSSv2 (synthetic)",
                ["seed"] = seed.ToString(CultureInfo.InvariantCulture),
                ["image_model_sha256"] = image.Sha256,
                ["data_sha256"] = data,
            });
            folder.WriteResult(new Outcome(trainer.TrainedParameters, outcome.Seconds, last));
        }

        Outcome result = folder.ReadResult<Outcome>();
        progress?.Report(new(stage, FormattableString.Invariant(
            $"{(reused ? "reused" : $"trained in {result.Seconds:0} s")}, top-1 {100 * result.Evaluation.Overall.Top1:0.0} %, pair accuracy {100 * result.Evaluation.Overall.PairAccuracy:0.0} %"), Finished: true));
        return new FirstLightRun(row, seed, folder.Path, reused, result.TrainedParameters, result.Seconds, result.Evaluation, folder.ReadMetrics());
    }

    private static string Hash(MicroSplits clips) => Hash(string.Join("\n", clips.Train.Clips.Concat(clips.Test.Clips).Select(clip => $"{clip.Label} {clip.Sha256}")));

    private static string Hash(Recipe recipe) => Hash(JsonSerializer.Serialize(recipe, RunJson.Options))[..10];

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>Passes reports on as they come; <see cref="Progress{T}"/> would pass them through another thread, late and out of order.</summary>
    private sealed class Relay<T>(Action<T> pass) : IProgress<T>
    {
        public bool Told { get; private set; }

        public void Report(T value)
        {
            Told = true;
            pass(value);
        }
    }
}
