using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.VideoData;

/// <summary>Makes batches out of decoded videos. The next batch is made on a thread of its own while the last one is used; what
/// comes out depends on seed, epoch and clip alone, never on threads.</summary>
public sealed class ClipLoader : IClipBatches
{
    private readonly DecodedClips _clips;
    private readonly ClipLoaderOptions _options;
    private readonly int[] _subset;
    // [3, 256]: the float of each byte in each channel. A table gives exactly (value - mean) / std, and costs one load.
    private readonly float[] _floats = new float[3 * 256];

    /// <summary>A loader over decoded videos.</summary>
    /// <exception cref="ArgumentException">The options do not fit together or to the list.</exception>
    public ClipLoader(DecodedClips clips, ClipLoaderOptions options)
    {
        ArgumentNullException.ThrowIfNull(clips);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate(clips.List);
        (_clips, _options) = (clips, options);
        _subset = [.. options.Subset ?? [.. Enumerable.Range(0, clips.List.Clips.Count)]];
        for (int i = 0; i < _floats.Length; i++)
            _floats[i] = options.Normalization.Apply((byte)(i % 256), i / 256);
    }

    /// <inheritdoc/>
    public int Count => _subset.Length;

    /// <inheritdoc/>
    public int BatchSize => _options.BatchSize;

    /// <inheritdoc/>
    public int BatchesPerEpoch => _options.DropLast ? Count / BatchSize : (Count + BatchSize - 1) / BatchSize;

    /// <inheritdoc/>
    /// <exception cref="VideoException">A video cannot be decoded or is too short.</exception>
    /// <exception cref="ArgumentException">Clips of a batch differ in size.</exception>
    public IEnumerable<ClipBatch> Epoch(int epoch, int firstBatch = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(firstBatch);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstBatch, BatchesPerEpoch);
        return Batches(epoch, firstBatch);
    }

    private IEnumerable<ClipBatch> Batches(int epoch, int firstBatch)
    {
        int[] order = _options.Training
            ? [.. SeededDraws.For(_options.Seed, epoch).Order(Count).Select(i => _subset[i])]
            : _subset;
        using var stop = new CancellationTokenSource();
        // Room for one: that one waits while the thread works at the next.
        using var ready = new BlockingCollection<Rows>(boundedCapacity: 1);
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                for (int batch = firstBatch; batch < BatchesPerEpoch; batch++)
                    ready.Add(Prepare(order, epoch, batch, stop.Token), stop.Token);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // Nobody wants the rest.
            }
            catch (Exception unexpected)
            {
                failure = ExceptionDispatchInfo.Capture(unexpected);
            }
            finally
            {
                ready.CompleteAdding();
            }
        })
        { IsBackground = true, Name = "clip loader" };
        thread.Start();
        try
        {
            foreach (Rows rows in ready.GetConsumingEnumerable())
                yield return rows.ToBatch();
            failure?.Throw();
        }
        finally
        {
            stop.Cancel();
            thread.Join();
        }
    }

    private Rows Prepare(int[] order, int epoch, int batch, CancellationToken stop)
    {
        int[] clips = order[(batch * BatchSize)..Math.Min((batch + 1) * BatchSize, Count)];
        var samples = new (IReadOnlyList<FrameStack> Views, int Label)[clips.Length];
        // In memory a sample is a copy and the network needs the cores; from files each sample waits for a program.
        OwnThreads.ForEach(
            _clips.AllInMemory ? 1 : Environment.ProcessorCount, clips.Length, i => samples[i] = Sample(clips[i], epoch), stop);

        FrameStack first = samples[0].Views[0];
        (int frames, int height, int width) = (_options.Sampling.Frames, first.Height, first.Width);
        int viewFloats = 3 * frames * height * width;
        int rowCount = samples.Sum(sample => sample.Views.Sum(view => view.Count / frames));
        var rows = new Rows(
            GC.AllocateUninitializedArray<float>(checked(rowCount * viewFloats)), [rowCount, 3, frames, height, width], new long[rowCount], new int[rowCount]);
        int row = 0;
        for (int i = 0; i < samples.Length; i++)
        {
            foreach (FrameStack view in samples[i].Views)
            {
                if ((view.Height, view.Width) != (height, width))
                {
                    throw new ArgumentException(
                        $"Clips of a batch must have one size; found {width}x{height} and {view.Width}x{view.Height} ({_clips.List.Clips[clips[i]].Path}). Set Transform.Crop to a rule that makes squares.");
                }
                for (int start = 0; start < view.Count; start += frames, row++)
                {
                    Fill(rows.Floats.AsSpan(row * viewFloats, viewFloats), view, start);
                    rows.Labels[row] = samples[i].Label;
                    rows.Indices[row] = clips[i];
                }
            }
        }
        return rows;
    }

    private (IReadOnlyList<FrameStack> Views, int Label) Sample(int clip, int epoch)
    {
        ClipRecord record = _clips.List.Clips[clip];
        if (!_options.Training)
            return (_options.Transform.Test(_clips.Frames(clip, _options.Sampling.Test(record.Frames))), record.Label);
        SeededDraws draws = SeededDraws.For(_options.Seed, epoch, clip);
        FrameStack frames = _clips.Frames(clip, _options.Sampling.Train(record.Frames, draws));
        (FrameStack seen, int label) = _options.Transform.Train(frames, record.Label, draws);
        return ([seen], label);
    }

    /// <summary>[T, H, W, 3] bytes to [3, T, H, W] floats.</summary>
    private void Fill(Span<float> target, FrameStack frames, int start)
    {
        int pixels = frames.Height * frames.Width, plane = pixels * _options.Sampling.Frames;
        ReadOnlySpan<float> red = _floats.AsSpan(0, 256), green = _floats.AsSpan(256, 256), blue = _floats.AsSpan(512, 256);
        for (int t = 0; t < _options.Sampling.Frames; t++)
        {
            ReadOnlySpan<byte> frame = frames.Frame(start + t);
            Span<float> r = target.Slice(t * pixels, pixels), g = target.Slice(plane + t * pixels, pixels), b = target.Slice(2 * plane + t * pixels, pixels);
            for (int i = 0; i < r.Length; i++)
            {
                r[i] = red[frame[3 * i]];
                g[i] = green[frame[3 * i + 1]];
                b[i] = blue[frame[3 * i + 2]];
            }
        }
    }

    /// <summary>A batch before it becomes tensors: those are made on the consumer's thread, whose dispose scope then knows them.</summary>
    private sealed record Rows(float[] Floats, long[] Shape, long[] Labels, int[] Indices)
    {
        public ClipBatch ToBatch() => new(tensor(Floats, Shape), tensor(Labels, [Labels.Length]), Indices);
    }
}
