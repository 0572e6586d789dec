using System.Diagnostics;
using System.Runtime.ExceptionServices;
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
        // Finished runs need the lists and not the frames.
        int side = options.ImageModel.Backbone.Resolution;
        var listed = new VideoRunData(DecodedClips.OnDemand(clips.Train, side), DecodedClips.OnDemand(clips.Test, side));
        var decoded = new Lazy<VideoRunData>(() => Decode(clips, side, progress, cancellationToken));

        IReadOnlyList<FirstLightRun> runs = Train(options, image, listed, decoded, progress, cancellationToken);
        return new FirstLightReport(options, image, listed.Sha256, clips.Train.Clips.Count, clips.Test.Clips.Count, runs);
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

    private static VideoRunData Decode(MicroSplits clips, int side, IProgress<FirstLightProgress>? progress, CancellationToken cancellationToken)
    {
        const string Stage = "Decoding";
        var told = new Relay<DecodingProgress>(p => progress?.Report(new(Stage,
            FormattableString.Invariant($"{p.Done} of {p.Total} videos, {p.ClipsPerSecond:0} videos/s, {p.Left:m\\:ss} left"))));
        var clock = Stopwatch.StartNew();
        VideoRunData data = VideoRunData.Load(clips.Train, clips.Test, side, told, cancellationToken);
        progress?.Report(new(Stage, FormattableString.Invariant(
            $"{clips.Train.Clips.Count + clips.Test.Clips.Count} H.264 videos in {clock.Elapsed.TotalSeconds:0} s, resized to {side} × {side}"), Finished: true));
        return data;
    }

    private static IReadOnlyList<FirstLightRun> Train(
        FirstLightOptions options, PretrainedImageModel image, VideoRunData listed, Lazy<VideoRunData> decoded, IProgress<FirstLightProgress>? progress, CancellationToken cancellationToken)
    {
        RowRun[] queue = [.. options.Seeds.SelectMany(seed => FirstLightRow.All.Select(row => RowRun.Of(options, row, MicroRecipe.Run(listed, image, row.Heads, row.TemporalEmbedding, seed), seed)))];
        var told = new Relay<QueueProgress>(p =>
        {
            if (p is { Run: { } run, Training: { } training })
                progress?.Report(new(run.Title, FormattableString.Invariant($"epoch {training.Epoch} of {training.Epochs}, loss {training.Loss:0.000}, {training.ClipsPerSecond:0} clips/s, {training.Left:m\\:ss} left")));
            else if (p.Ended is { Result: { } result } ended)
                progress?.Report(new(ended.Run.Title, FormattableString.Invariant(
                    $"{(ended.Reused ? "reused" : $"trained in {result.TrainingSeconds:0} s")}, top-1 {100 * result.Evaluation.Overall.Top1:0.0} %, pair accuracy {100 * result.Evaluation.Overall.PairAccuracy:0.0} %"), Finished: true));
        });
        IReadOnlyList<QueueResult> results = QueuedRuns.Execute(queue, _ => decoded.Value, image.Path, told, cancellationToken);
        if (results.FirstOrDefault(result => result.Failure is not null) is { Failure: { } failure })
            ExceptionDispatchInfo.Throw(failure);
        return [.. queue.Zip(results, (run, ended) => new FirstLightRun(
            run.Row, run.Seed, run.Folder, ended.Reused, ended.Result!.TrainedParameters, ended.Result.TrainingSeconds, ended.Result.Evaluation, new RunFolder(run.Folder).ReadMetrics()))];
    }

    private sealed record RowRun(FirstLightRow Row, int Seed, string Title, VideoRunOptions Options, string Folder) : QueuedRun(Title, Options, Folder)
    {
        public static RowRun Of(FirstLightOptions options, FirstLightRow row, VideoRunOptions recipe, int seed)
        {
            VideoRunOptions run = recipe with { Training = options.Training with { Seed = seed } };
            return new RowRun(row, seed, $"{row.Name}, seed {seed}", run, Path.GetFullPath(Path.Combine(options.Runs, "first-light", run.FolderName(row.Key))));
        }
    }

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
