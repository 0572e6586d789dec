using System.Collections.Concurrent;
using System.Diagnostics;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.VideoData;

/// <summary>Makes batches out of videos. Workers make the next batches while the last one is used; what comes out depends on seed,
/// epoch and clip alone, never on the number of workers.</summary>
public sealed class ClipLoader : IClipBatches
{
    private const int MostAttempts = 1000;

    private readonly DecodedClips _clips;
    private readonly ClipLoaderOptions _options;
    private readonly int[] _subset;
    private readonly IProgress<BadVideo>? _report;
    private readonly ConcurrentDictionary<int, BadVideo> _bad = new();
    // Floats of batches that were handed out, for the next ones: fresh memory costs more than what is written into it.
    private readonly ConcurrentBag<float[]> _spare = [];

    /// <summary>A loader over videos.</summary>
    /// <param name="clips">The videos, decoded already or on demand.</param>
    /// <param name="options">How batches are made.</param>
    /// <param name="report">Told of each bad video once, from any thread.</param>
    /// <exception cref="ArgumentException">The options do not fit together or to the list.</exception>
    public ClipLoader(DecodedClips clips, ClipLoaderOptions options, IProgress<BadVideo>? report = null)
    {
        ArgumentNullException.ThrowIfNull(clips);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate(clips.List);
        (_clips, _options, _report) = (clips, options, report);
        _subset = [.. options.Subset ?? [.. Enumerable.Range(0, clips.List.Clips.Count)]];
    }

    /// <inheritdoc/>
    public int Count => _subset.Length;

    /// <inheritdoc/>
    public int BatchSize => _options.BatchSize;

    /// <inheritdoc/>
    public int BatchesPerEpoch => _options.DropLast ? Count / BatchSize : (Count + BatchSize - 1) / BatchSize;

    /// <inheritdoc/>
    public IReadOnlyCollection<BadVideo> Skipped => [.. _bad.Values.OrderBy(video => video.Index)];

    /// <summary>Time that was spent waiting for batches, over all epochs.</summary>
    public TimeSpan Waited { get; private set; }

    /// <inheritdoc/>
    /// <exception cref="VideoException">A video cannot be decoded or is too short, or more are so than may be skipped.</exception>
    /// <exception cref="ArgumentException">Clips of a batch differ in size.</exception>
    public IEnumerable<ClipBatch> Epoch(int epoch, int firstBatch = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(firstBatch);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstBatch, BatchesPerEpoch);
        return Batches(epoch, firstBatch);
    }

    /// <summary>The clips of an epoch, one after another.</summary>
    internal int[] Order(int epoch) => _options.Training ? [.. SeededDraws.For(_options.Seed, epoch).Order(Count).Select(i => _subset[i])] : _subset;

    /// <summary>The frames that are seen of a clip in an epoch, where no bad video is in its place.</summary>
    internal int[] FrameNumbers(int clip, int epoch) => FrameNumbers(_clips.List.Clips[clip], SeededDraws.For(_options.Seed, epoch, clip));

    private int[] FrameNumbers(ClipRecord record, SeededDraws draws) =>
        _options.Training ? _options.Sampling.Train(record.Frames, draws) : _options.Sampling.Test(record.Frames, record.FramesPerSecond);

    private IEnumerable<ClipBatch> Batches(int epoch, int firstBatch)
    {
        int[] order = Order(epoch);
        // Of decoded videos a sample is a copy and the network needs the cores; others are decoded for it.
        int workers = _options.Workers ?? (_clips.AllDecoded ? 1 : Environment.ProcessorCount);
        int samples = Math.Min(BatchesPerEpoch * BatchSize, Count);
        using var window = new SampleWindow<Seen, Rows>(
            firstBatch * BatchSize, samples, BatchSize, _options.Prefetch, workers, i => Sample(order[i], epoch), (_, seen) => Assemble(seen));
        for (int batch = firstBatch; batch < BatchesPerEpoch; batch++)
        {
            long began = Stopwatch.GetTimestamp();
            Rows rows = window.Take();
            Waited += Stopwatch.GetElapsedTime(began);
            if (rows.Labels.Length == 0)
                continue;
            ClipBatch made = rows.ToBatch();
            if (_spare.Count <= _options.Prefetch)
                _spare.Add(rows.Floats);
            yield return made;
        }
    }

    private Rows Assemble(Seen[] samples)
    {
        FrameStack? first = samples.SelectMany(sample => sample.Views).FirstOrDefault();
        if (first is null)
            return new Rows([], [0, 3, 0, 0, 0], [], []);
        (int frames, int height, int width) = (_options.Sampling.Frames, first.Height, first.Width);
        int viewFloats = 3 * frames * height * width;
        int rowCount = samples.Sum(sample => sample.Views.Sum(view => view.Count / frames));
        if (!_spare.TryTake(out float[]? floats) || floats.Length != checked(rowCount * viewFloats))
            floats = GC.AllocateUninitializedArray<float>(checked(rowCount * viewFloats));
        var rows = new Rows(floats, [rowCount, 3, frames, height, width], new long[rowCount], new int[rowCount]);
        int row = 0;
        foreach (Seen sample in samples)
        {
            foreach (FrameStack view in sample.Views)
            {
                if ((view.Height, view.Width) != (height, width))
                {
                    throw new ArgumentException(
                        $"Clips of a batch must have one size; found {width}x{height} and {view.Width}x{view.Height} ({_clips.List.Clips[sample.Clip].Path}). Set Transform.Crop to a rule that makes squares.");
                }
                for (int start = 0; start < view.Count; start += frames, row++)
                {
                    Fill(rows.Floats.AsSpan(row * viewFloats, viewFloats), view, start);
                    rows.Labels[row] = sample.Label;
                    rows.Indices[row] = sample.Clip;
                }
            }
        }
        return rows;
    }

    /// <summary>What is seen of a clip. In place of a bad video training sees another one, drawn; testing leaves it out.</summary>
    private Seen Sample(int clip, int epoch)
    {
        SeededDraws draws = SeededDraws.For(_options.Seed, epoch, clip);
        int at = clip;
        for (int attempt = 1; attempt <= MostAttempts; attempt++)
        {
            if (!_bad.ContainsKey(at))
            {
                try
                {
                    return Look(at, draws);
                }
                catch (VideoException fault) when (_options.MostBadVideos > 0)
                {
                    Note(at, fault);
                }
            }
            if (!_options.Training)
                return new Seen([], _clips.List.Clips[clip].Label, clip);
            // Follows from the clip and from which videos are bad, not from when that was found out.
            draws = SeededDraws.For(_options.Seed, epoch, clip, attempt);
            at = _subset[draws.Whole(0, _subset.Length - 1)];
        }
        throw new VideoException(_clips.List.FullPath(_clips.List.Clips[clip]), $"No good video was found in its place in {MostAttempts} draws; {_bad.Count} of {Count} are bad.");
    }

    private Seen Look(int clip, SeededDraws draws)
    {
        ClipRecord record = _clips.List.Clips[clip];
        int[] numbers = FrameNumbers(record, draws);
        if (!_options.Training)
        {
            IReadOnlyList<ClipGeometry> views = [];
            FrameRegion seen = _clips.Frames(clip, numbers, (width, height) =>
            {
                views = _options.Transform.TestPlans(width, height);
                return views.Select(view => view.Needed(width, height)).Aggregate((all, next) => all.With(next));
            });
            return new Seen([.. views.Select(view => view.Apply(seen))], record.Label, clip);
        }
        if (!_options.Transform.CropsFirst)
        {
            (FrameStack augmented, int its) = _options.Transform.Train(_clips.Frames(clip, numbers), record.Label, draws);
            return new Seen([augmented], its, clip);
        }
        ClipGeometry plan = null!;
        FrameRegion part = _clips.Frames(clip, numbers, (width, height) => (plan = _options.Transform.Plan(width, height, draws)).Needed(width, height));
        (FrameStack frames, int label) = _options.Transform.Train(part, plan, record.Label, draws);
        return new Seen([frames], label, clip);
    }

    /// <summary>Counts and reports a bad video once; too many end the loading with a list.</summary>
    private void Note(int clip, VideoException fault)
    {
        var bad = new BadVideo(clip, fault.Path, fault.Message);
        if (!_bad.TryAdd(clip, bad))
            return;
        _report?.Report(bad);
        if (_bad.Count > _options.MostBadVideos || _bad.Count >= _subset.Length)
        {
            BadVideo[] all = [.. Skipped];
            throw new VideoException(
                fault.Path,
                $"{all.Length} videos of '{_clips.List.Name}' cannot be used; at most {_options.MostBadVideos} may be skipped. Check the list (lab data check): {string.Join(" | ", all.Take(20).Select(video => video.Problem))}{(all.Length > 20 ? " …" : "")}",
                innerException: fault);
        }
    }

    /// <summary>[T, H, W, 3] bytes to [3, T, H, W] floats.</summary>
    private void Fill(Span<float> target, FrameStack frames, int start)
    {
        int pixels = frames.Height * frames.Width, plane = pixels * _options.Sampling.Frames;
        for (int t = 0; t < _options.Sampling.Frames; t++)
        {
            _options.Normalization.Apply(
                frames.Frame(start + t), target.Slice(t * pixels, pixels), target.Slice(plane + t * pixels, pixels), target.Slice(2 * plane + t * pixels, pixels));
        }
    }

    /// <summary>The views of a clip.</summary>
    private readonly record struct Seen(IReadOnlyList<FrameStack> Views, int Label, int Clip);

    /// <summary>A batch before it becomes tensors: those are made on the consumer's thread, whose dispose scope then knows them.</summary>
    private sealed record Rows(float[] Floats, long[] Shape, long[] Labels, int[] Indices)
    {
        public ClipBatch ToBatch() => new(tensor(Floats, Shape), tensor(Labels, [Labels.Length]), Indices);
    }
}
