using System.Text.Json;
using TorchSharp;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.DataSets;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Evaluation;

/// <summary>What a finished run came to; <c>result.json</c> of its folder.</summary>
public sealed record VideoRunResult
{
    /// <summary>Accuracies on the test clips.</summary>
    public required EvaluationResult Evaluation { get; init; }

    /// <summary>Values that were trained.</summary>
    public required long TrainedParameters { get; init; }

    /// <summary>
    /// Seconds of training, over all parts of the run. Where only the head trained, with those that the training clips' features
    /// under the frozen image model took, whichever run computed them.
    /// </summary>
    public required double TrainingSeconds { get; init; }

    /// <summary>Training clips a second.</summary>
    public required double ClipsPerSecond { get; init; }

    /// <summary>Whether data are synthetic; such results never stand in a column with others.</summary>
    public required bool Synthetic { get; init; }

    /// <summary>Seconds in which training waited for clips, of the last part of the run; null where not measured.</summary>
    public double? SecondsWaitingForData { get; init; }

    /// <summary>Videos that turned out to be bad and were skipped.</summary>
    public IReadOnlyList<string> SkippedVideos { get; init; } = [];

    /// <summary>When the run ended.</summary>
    public required DateTimeOffset Finished { get; init; }

    /// <summary>By what and where it was computed; null for a run of an early version, as the next three.</summary>
    public Surroundings? Surroundings { get; init; }

    /// <summary>Seconds from taking the run to its result, evaluation and all parts of a resumed run included.</summary>
    public double? WallSeconds { get; init; }

    /// <summary>Parts in which it was done: 1 for a run that was never stopped.</summary>
    public int? Parts { get; init; }

    /// <summary>The most memory that the process held during the last part, bytes, decoded clips included.</summary>
    public long? PeakMemoryBytes { get; init; }
}

/// <summary>One run from its options to its result: prepare, train, evaluate.</summary>
public static class VideoRun
{
    /// <summary>
    /// Does a run, or takes it up where its folder left it; of a finished run only the result is read.
    /// </summary>
    /// <param name="options">The run.</param>
    /// <param name="data">The clips that the options name.</param>
    /// <param name="imageModel">The image model's file that the options name.</param>
    /// <param name="folder">The run's folder.</param>
    /// <param name="progress">Told after every step; not told of a finished run.</param>
    /// <param name="cancellationToken">Ends training before its next step and leaves the run to be taken up.</param>
    /// <returns>The result.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled; a later call goes on.</exception>
    /// <exception cref="InvalidOperationException">The folder holds another run, or another process works on this one.</exception>
    public static VideoRunResult Execute(
        VideoRunOptions options,
        VideoRunData data,
        string imageModel,
        RunFolder folder,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        Require(options, data);
        if (Finished(options, folder) is VideoRunResult before)
            return before;
        using RunClaim claim = folder.Take(cancellationToken);
        return Execute(options, data, imageModel, folder, claim, progress, cancellationToken);
    }

    private static void Require(VideoRunOptions options, VideoRunData data)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(data);
        options.Validate();
        if (options.DataSha256 != data.Sha256)
            throw new ArgumentException($"The options name data with hash {options.DataSha256}; found {data.Sha256}. Make the options from the data that are used.", nameof(data));
    }

    /// <summary>Reads the result of a run; takes nothing.</summary>
    /// <param name="options">The run.</param>
    /// <param name="folder">The run's folder.</param>
    /// <returns>The result; null where the run is not finished.</returns>
    /// <exception cref="InvalidOperationException">The folder holds another run.</exception>
    public static VideoRunResult? Finished(VideoRunOptions options, RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (!folder.HasResult)
            return null;
        folder.Check(options);
        return folder.ReadResult<VideoRunResult>();
    }

    /// <summary>Does a run that this process has taken.</summary>
    /// <param name="options">The run.</param>
    /// <param name="data">The clips that the options name.</param>
    /// <param name="imageModel">The image model's file that the options name.</param>
    /// <param name="folder">The run's folder.</param>
    /// <param name="claim">The claim on the folder.</param>
    /// <param name="progress">Told after every step.</param>
    /// <param name="stop">Ends training before its next step and leaves the run to be taken up.</param>
    /// <returns>The result.</returns>
    internal static VideoRunResult Execute(
        VideoRunOptions options, VideoRunData data, string imageModel, RunFolder folder, RunClaim claim, IProgress<TrainingProgress>? progress, CancellationToken stop)
    {
        Require(options, data);
        // Another process may have finished it just before it was taken.
        if (Finished(options, folder) is VideoRunResult before)
            return before;
        folder.Begin(options);
        PeakMemory.Restart();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, claim.Lost);
        CancellationToken cancellationToken = either.Token;
        using VideoRecognizer model = Trainer.Prepare(options.Recognizer, imageModel, options.Training.Seed);
        model.Cast(options.Training.Precision);
        model.to(ComputeDevice.Chosen);
        ClipLoader train = Loader(options, data.Train, options.Views?.Training, training: true);
        ClipLoader validation = Loader(options, data.Test, options.Views?.Validation, training: false);
        ClipLoader test = options.Views is null ? validation : Loader(options, data.Test, options.Views.Test, training: false);
        FrozenFeatures? seen = null, tested = null;
        if (FrozenFeatures.Suffice(options, data))
        {
            seen = FrozenFeatures.Of(model, data.Train, options, progress, cancellationToken);
            tested = FrozenFeatures.Of(model, data.Test, options, progress, cancellationToken);
        }
        nn.Module<Tensor, Tensor> entry = seen is null ? model : model.Head;
        var trainer = new Trainer(model, options.Training) { Entry = entry };
        TrainingOutcome outcome = trainer.Run(
            seen?.Batches(train) ?? train,
            folder,
            () => Evaluate(validation).Summary(),
            progress,
            cancellationToken);
        claim.Verify();
        if (!outcome.Finished)
            throw new OperationCanceledException($"The run in '{folder.Path}' was stopped at step {outcome.Step}; the next call goes on from there.", cancellationToken);

        var result = new VideoRunResult
        {
            Evaluation = Evaluate(test),
            TrainedParameters = trainer.TrainedParameters,
            TrainingSeconds = outcome.Seconds + (seen?.Seconds ?? 0),
            ClipsPerSecond = (double)outcome.Step * options.Training.BatchSize / outcome.Seconds,
            Synthetic = data.Train.List.Synthetic,
            SecondsWaitingForData = train.Waited.TotalSeconds,
            SkippedVideos = [.. train.Skipped.Concat(test.Skipped).Select(video => video.Path)],
            Finished = DateTimeOffset.UtcNow,
            Surroundings = Surroundings.Here(),
            WallSeconds = claim.Seconds,
            Parts = claim.Parts,
            PeakMemoryBytes = PeakMemory.SinceRestart,
        };
        claim.Verify();
        // Files hold 32-bit floats, whatever the frozen weights were rounded to.
        model.Cast(Precision.Float32);
        model.Save(Path.Combine(folder.Path, "model.safetensors"), new Dictionary<string, string>
        {
            ["what"] = $"A recogniser trained on {options.Data}",
            ["run"] = JsonSerializer.Serialize(options, RunJson.Line),
            ["provenance"] = JsonSerializer.Serialize(result.Surroundings, RunJson.Line),
        });
        folder.WriteResult(result);
        return result;

        EvaluationResult Evaluate(ClipLoader clips) => VideoEvaluation.Evaluate(entry, tested?.Batches(clips) ?? clips, data.Test.List, cancellationToken);
    }

    private static ClipLoader Loader(VideoRunOptions options, DecodedClips clips, ClipView? view, bool training) => new(clips, new ClipLoaderOptions
    {
        Training = training,
        // Several views of a clip are as many rows.
        BatchSize = training ? options.Training.BatchSize : Math.Max(1, options.Training.BatchSize / (view?.TestViews ?? 1)),
        Sampling = view?.Sampling ?? options.Sampling,
        Transform = view?.Transform ?? ClipTransform.None,
        Seed = options.Training.Seed,
        DropLast = training,
        MostBadVideos = options.Views?.MostBadVideos ?? 0,
    });
}
