using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Stdha;
using ZeroI2V.Lab.VideoData;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.Training;

/// <summary>
/// Tiny clips as tensors: class 0 gets brighter from frame to frame, class 1 is the same backwards. Their order depends on
/// (seed, epoch), as a loader's does.
/// </summary>
internal sealed class ToyClips(int count, int batchSize, int seed = 0) : IClipBatches
{
    public const int Frames = 3;
    public const int Side = 8;

    public static RecognizerOptions Recognizer { get; } = new()
    {
        Backbone = new VitOptions { Width = 16, Layers = 2, Heads = 4, PatchSize = 4, Resolution = Side },
        Frames = Frames,
        Classes = 2,
        Heads = HeadSplit.Lowest(-1, 1),
        Adapters = new AdapterOptions { Dropout = 0.1 },
        HeadDropout = 0.2,
    };

    public int Count => count;

    public int BatchSize => batchSize;

    public int BatchesPerEpoch => count / batchSize;

    /// <summary>How many batches were handed out, over all epochs.</summary>
    public int Given { get; private set; }

    public ClipList List { get; } = new()
    {
        Name = "toy",
        Synthetic = true,
        Classes = ["brighter", "darker"],
        ClassGroups = ["light", "light"],
        ReversedClass = [1, 0],
        Clips = [.. Enumerable.Range(0, count).Select(i => new ClipRecord { Path = $"{i}.mp4", Label = i % 2, Frames = Frames })],
    };

    /// <summary>A recogniser with weights from a seed, and no image model behind it.</summary>
    public static VideoRecognizer Model(int seed = 5)
    {
        manual_seed(seed);
        return new VideoRecognizer(Recognizer);
    }

    public IEnumerable<ClipBatch> Epoch(int epoch, int firstBatch = 0)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        new Random(seed * 1000 + epoch).Shuffle(order);
        for (int batch = firstBatch; batch < BatchesPerEpoch; batch++)
        {
            int[] clips = order[(batch * batchSize)..((batch + 1) * batchSize)];
            Given++;
            yield return Batch(clips);
        }
    }

    private static ClipBatch Batch(int[] clips)
    {
        const int Plane = Side * Side;
        var pixels = new float[clips.Length * 3 * Frames * Plane];
        for (int i = 0; i < clips.Length; i++)
        {
            var random = new Random(clips[i]);
            for (int channel = 0; channel < 3; channel++)
            {
                for (int t = 0; t < Frames; t++)
                {
                    double light = (clips[i] % 2 == 0 ? t : Frames - 1 - t) - 1;
                    for (int p = 0; p < Plane; p++)
                        pixels[((i * 3 + channel) * Frames + t) * Plane + p] = (float)(light * (p % 3) + 0.2 * random.NextDouble());
                }
            }
        }
        return new ClipBatch(
            tensor(pixels, [clips.Length, 3, Frames, Side, Side], dtype: ScalarType.Float32),
            tensor([.. clips.Select(c => (long)(c % 2))], dtype: ScalarType.Int64),
            clips);
    }
}
