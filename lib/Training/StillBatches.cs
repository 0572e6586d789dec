using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.MicroWorld;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Training;

/// <summary>Some stills with their labels.</summary>
/// <param name="Images">Normalised pixels, [B, 3, H, W] float32.</param>
/// <param name="Labels">[B, targets] int64; <see cref="StillTarget.Ignored"/> where a question does not apply.</param>
/// <param name="Answered">How many of the stills answer each question.</param>
internal sealed record StillBatch(Tensor Images, Tensor Labels, IReadOnlyList<int> Answered) : IDisposable
{
    /// <summary>The batch on a device; this one is disposed of, or given back where it is there already.</summary>
    public StillBatch To(Device device)
    {
        if (Images.device_type == device.type)
            return this;
        using (this)
            return this with { Images = ComputeDevice.Bring(Images, device), Labels = ComputeDevice.Bring(Labels, device) };
    }

    public void Dispose()
    {
        Images.Dispose();
        Labels.Dispose();
    }
}

/// <summary>Stills kept in memory as bytes; their order depends on (seed, epoch) alone.</summary>
internal sealed class StillBatches
{
    private readonly FrameStack _stills;
    private readonly IReadOnlyList<IReadOnlyList<int>> _labels;
    private readonly int _batchSize;
    private readonly int? _seed;
    private readonly float[] _normalized;

    /// <summary>Makes batches of stills.</summary>
    /// <param name="stills">Pixels.</param>
    /// <param name="labels">[still][target].</param>
    /// <param name="batchSize">Stills a batch; the rest of an epoch that fills none is left out when shuffled, and comes last when not.</param>
    /// <param name="seed">Seed of the order; null keeps the order.</param>
    /// <param name="normalization">From bytes to what the network sees.</param>
    public StillBatches(FrameStack stills, IReadOnlyList<IReadOnlyList<int>> labels, int batchSize, int? seed, ClipNormalization normalization)
    {
        if (stills.Count != labels.Count || stills.Count == 0)
            throw new ArgumentException($"There must be one list of labels a still ({stills.Count}, at least 1); found {labels.Count}. Make the data set again.", nameof(labels));
        if (seed is not null && stills.Count < batchSize)
            throw new ArgumentException($"There must be at least one batch of {batchSize} stills; found {stills.Count}. Lower the batch size.", nameof(batchSize));
        _stills = stills;
        _labels = labels;
        _batchSize = batchSize;
        _seed = seed;
        _normalized = new float[3 * 256];
        for (int channel = 0; channel < 3; channel++)
        {
            for (int value = 0; value < 256; value++)
                _normalized[channel * 256 + value] = normalization.Apply((byte)value, channel);
        }
    }

    public int BatchesPerEpoch => _seed is null ? (_stills.Count + _batchSize - 1) / _batchSize : _stills.Count / _batchSize;

    public IEnumerable<StillBatch> Epoch(int epoch, int firstBatch = 0)
    {
        int[] order = [.. Enumerable.Range(0, _stills.Count)];
        if (_seed is int seed)
            new Random((int)StepSeed.Of(seed, epoch)).Shuffle(order);
        for (int batch = firstBatch; batch < BatchesPerEpoch; batch++)
            yield return Load(order.AsSpan(batch * _batchSize, Math.Min(_batchSize, order.Length - batch * _batchSize)));
    }

    private StillBatch Load(ReadOnlySpan<int> stills)
    {
        int plane = _stills.Height * _stills.Width, targets = _labels[0].Count;
        var pixels = new float[stills.Length * 3 * plane];
        var labels = new long[stills.Length * targets];
        var answered = new int[targets];
        for (int i = 0; i < stills.Length; i++)
        {
            ReadOnlySpan<byte> rgb = _stills.Rgb.AsSpan(stills[i] * 3 * plane, 3 * plane);
            for (int channel = 0; channel < 3; channel++)
            {
                Span<float> to = pixels.AsSpan((i * 3 + channel) * plane, plane);
                ReadOnlySpan<float> table = _normalized.AsSpan(channel * 256, 256);
                for (int p = 0; p < plane; p++)
                    to[p] = table[rgb[p * 3 + channel]];
            }
            for (int t = 0; t < targets; t++)
            {
                labels[i * targets + t] = _labels[stills[i]][t];
                if (_labels[stills[i]][t] != StillTarget.Ignored)
                    answered[t]++;
            }
        }
        return new StillBatch(
            tensor(pixels, [stills.Length, 3, _stills.Height, _stills.Width], dtype: ScalarType.Float32),
            tensor(labels, [stills.Length, targets], dtype: ScalarType.Int64),
            answered);
    }
}
