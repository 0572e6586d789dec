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
/// The first comparison: one frozen image model, adapted to video three times on the synthetic MicroSSv2 or on a public data
/// set, and told apart only by how it may see time. What is there already (data, image model, finished runs) is reused.
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

        if (options.DataSet.Length > 0)
            return RunOnDataSet(options, progress, cancellationToken);

        MicroSplits clips = MakeData(options, progress, out StillSplits stills, cancellationToken);
        PretrainedImageModel image = Pretrain(options, stills, progress, cancellationToken);
        // Finished runs need the lists and not the frames.
        int side = options.ImageModel.Backbone.Resolution;
        var listed = new VideoRunData(DecodedClips.OnDemand(clips.Train, side), DecodedClips.OnDemand(clips.Test, side));
        var decoded = new Lazy<VideoRunData>(() => Decode(clips, side, progress, cancellationToken));

        IReadOnlyList<FirstLightRun> runs = Train(
            options, (row, seed) => MicroRecipe.Run(listed, image, row.Heads, row.TemporalEmbedding, seed) with { Training = options.Training with { Seed = seed } },
            image.Path, decoded, progress, cancellationToken);
        return new FirstLightReport(options, image, listed.Sha256, clips.Train.Clips.Count, clips.Test.Clips.Count, runs);
    }

    /// <summary>The same rows on a public data set, by the paper's recipe for it.</summary>
    private static FirstLightReport RunOnDataSet(FirstLightOptions options, IProgress<FirstLightProgress>? progress, CancellationToken cancellationToken)
    {
        PublicDataSet set = PublicDataSet.Open(new DataSetChoice(options.DataSet, options.ImageModelFile) { Settings = options.Settings }, options.Data);
        VideoRunData data = set.Clips;
        progress?.Report(new("Data set", $"{set.Manifest.Name}: {data.Train.List.Clips.Count} training and {data.Test.List.Clips.Count} test clips of {data.Train.List.Classes.Count} classes", Finished: true));

        VideoRunOptions Row(FirstLightRow row, int seed)
        {
            VideoRunOptions recipe = set.Run(data, seed);
            return recipe with { Recognizer = recipe.Recognizer with { Heads = row.Heads, TemporalEmbedding = row.TemporalEmbedding } };
        }

        IReadOnlyList<FirstLightRun> runs = Train(options, Row, set.Image.Path, new Lazy<VideoRunData>(data), progress, cancellationToken);
        return new FirstLightReport(options, set.Image, data.Sha256, data.Train.List.Clips.Count, data.Test.List.Clips.Count, runs)
        {
            DataName = set.Manifest.Name,
            Synthetic = data.Train.List.Synthetic || data.Test.List.Synthetic,
            Backbone = Row(FirstLightRow.Stdha, options.Seeds[0]).Recognizer.Backbone,
        };
    }

    private static MicroSplits MakeData(FirstLightOptions options, IProgress<FirstLightProgress>? progress, out StillSplits stills, CancellationToken cancellationToken)
    {
        const string Stage = "Synthetic data";
        bool anyMade = false;
        var made = new ImmediateProgress<MicroProgress>(p =>
        {
            anyMade = true;
            progress?.Report(new(Stage, FormattableString.Invariant($"{p.DataSet}: {100.0 * p.Done / p.Total:0} % of {p.Total} frames, {p.FramesPerSecond:0} frames/s, {p.Left:m\\:ss} left")));
        });
        stills = MicroImages.Ensure(options.Data, options.Size, made, cancellationToken);
        MicroSplits clips = MicroSsv2.Ensure(options.Data, options.Size, made, cancellationToken);
        progress?.Report(new(Stage,
            $"{clips.Train.Clips.Count} training and {clips.Test.Clips.Count} test clips of {clips.Train.Classes.Count} classes, H.264, {(anyMade ? "made" : "reused")} in {options.Data}/", Finished: true));
        return clips;
    }

    private static PretrainedImageModel Pretrain(FirstLightOptions options, StillSplits stills, IProgress<FirstLightProgress>? progress, CancellationToken cancellationToken)
    {
        const string Stage = "Image model";
        var trained = new ImmediateProgress<TrainingProgress>(p => progress?.Report(new(Stage, p.InWords("stills"))));
        PretrainedImageModel image = new ImagePretrainer(options.ImageModel).Ensure(options.Models, stills, trained, cancellationToken);
        string accuracy = string.Join(", ", image.Accuracy.Select(a => FormattableString.Invariant($"{a.Key} {100 * a.Value:0} %")));
        progress?.Report(new(Stage, FormattableString.Invariant(
            $"{(image.Reused ? "reused" : $"trained in {image.Seconds:0} s")}, {image.Path}; on validation stills: {accuracy}"), Finished: true));
        return image;
    }

    private static VideoRunData Decode(MicroSplits clips, int side, IProgress<FirstLightProgress>? progress, CancellationToken cancellationToken)
    {
        const string Stage = "Decoding";
        var told = new ImmediateProgress<DecodingProgress>(p => progress?.Report(new(Stage,
            p.Note ?? FormattableString.Invariant($"{p.Done} of {p.Total} videos, {p.ClipsPerSecond:0} videos/s, {p.Left:m\\:ss} left"))));
        var clock = Stopwatch.StartNew();
        VideoRunData data = VideoRunData.Load(clips.Train, clips.Test, side, told, cancellationToken);
        progress?.Report(new(Stage, FormattableString.Invariant(
            $"{clips.Train.Clips.Count + clips.Test.Clips.Count} H.264 videos decoded or taken from their file in {clock.Elapsed.TotalSeconds:0} s, resized to {side} × {side}"), Finished: true));
        return data;
    }

    private static IReadOnlyList<FirstLightRun> Train(
        FirstLightOptions options, Func<FirstLightRow, int, VideoRunOptions> recipe, string imageModel, Lazy<VideoRunData> data, IProgress<FirstLightProgress>? progress, CancellationToken cancellationToken)
    {
        RowRun[] queue = [.. options.Seeds.SelectMany(seed => FirstLightRow.All.Select(row => RowRun.Of(options, row, recipe(row, seed), seed)))];
        var told = new ImmediateProgress<QueueProgress>(p =>
        {
            if (p is { Run: { } run, Training: { } training })
                progress?.Report(new(run.Title, training.InWords()));
            else if (p.Ended is { Result: { } result } ended)
            {
                string pair = result.Evaluation.Overall.PairAccuracy is double accuracy ? FormattableString.Invariant($", pair accuracy {100 * accuracy:0.0} %") : "";
                progress?.Report(new(ended.Run.Title, FormattableString.Invariant(
                    $"{(ended.Reused ? "reused" : $"trained in {result.TrainingSeconds:0} s")}, top-1 {100 * result.Evaluation.Overall.Top1:0.0} %{pair}"), Finished: true));
            }
        });
        IReadOnlyList<QueueResult> results = QueuedRuns.Execute(queue, _ => data.Value, imageModel, told, cancellationToken);
        if (results.FirstOrDefault(result => result.Failure is not null) is { Failure: { } failure })
            ExceptionDispatchInfo.Throw(failure);
        return [.. queue.Zip(results, (run, ended) => new FirstLightRun(
            run.Row, run.Seed, run.Folder, ended.Reused, ended.Result!.TrainedParameters, ended.Result.TrainingSeconds, ended.Result.Evaluation, new RunFolder(run.Folder).ReadMetrics()))];
    }

    private sealed record RowRun(FirstLightRow Row, int Seed, string Title, VideoRunOptions Options, string Folder) : QueuedRun(Title, Options, Folder)
    {
        public static RowRun Of(FirstLightOptions options, FirstLightRow row, VideoRunOptions run, int seed) =>
            new(row, seed, $"{row.Name}, seed {seed}", run, Path.GetFullPath(Path.Combine(options.Runs, "first-light", run.FolderName(row.Key))));
    }
}
