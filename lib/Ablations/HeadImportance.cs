using TorchSharp;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.Stdha;
using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.DataSets;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Ablations;

/// <summary>
/// How much the frozen image model needs each head for a kind of data: I = mean over clips of |Σ Oᵢ·∂L/∂Oᵢ|, the first-order
/// change of the loss were the head's output gone (Michel, Levy, Neubig, "Are Sixteen Heads Really Better than One?",
/// NeurIPS 2019, equation 2, for each clip). The image model has no classifier for videos, so L is the cross-entropy of the
/// simplest one: the nearer a class's mean feature over training clips, the likelier the class, as Gaussians as wide as all
/// features together. Nothing is trained.
/// </summary>
public sealed class HeadImportance
{
    private const int MostShots = 8;
    private const int BatchSize = 16, LargeModelsBatchSize = 2;
    private readonly double[][] _byLayer;

    internal HeadImportance(double[][] byLayer, int temporalHeads) => (_byLayer, TemporalHeads) = (byLayer, temporalHeads);

    /// <summary>By layer and head; only their order matters.</summary>
    public IReadOnlyList<IReadOnlyList<double>> ByLayer => _byLayer;

    /// <summary>Heads of a layer that take offsets by the recipe.</summary>
    public int TemporalHeads { get; }

    /// <summary>Importance of one head.</summary>
    /// <param name="layer">The layer, from 0.</param>
    /// <param name="head">The head, from 0.</param>
    public double Of(int layer, int head) => _byLayer[layer][head];

    /// <summary>Measures on training clips, at most eight of each class.</summary>
    /// <param name="imageModel">The image model's file.</param>
    /// <param name="data">The clips; those in training are used.</param>
    /// <param name="run">The run that it is for: its recogniser without what is trained, its frames and its one view.</param>
    /// <returns>The importance of every head; the same on every call.</returns>
    public static HeadImportance Measure(string imageModel, VideoRunData data, VideoRunOptions run)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(run);
        ClipList all = data.Train.List;
        int shots = Math.Min(MostShots, all.Clips.GroupBy(clip => clip.Label).Min(group => group.Count()));
        DecodedClips clips = data.Train.Subset(FewShot.Draw(all, shots, 0));
        RecognizerOptions options = run.Recognizer with { Heads = HeadSplit.Spatial, Adapters = null, TemporalEmbedding = false, Classes = all.Classes.Count };
        using var scope = NewDisposeScope();
        using var model = new VideoRecognizer(options);
        model.LoadBackbone(imageModel);
        model.to(ComputeDevice.Chosen);
        model.eval();
        var loader = new ClipLoader(clips, new ClipLoaderOptions
        {
            Training = false,
            BatchSize = run.Views is null ? BatchSize : LargeModelsBatchSize,
            Sampling = run.Views?.Validation.Sampling ?? run.Sampling,
            Transform = run.Views?.Validation.Transform ?? ClipTransform.None,
            MostBadVideos = run.Views?.MostBadVideos ?? 0,
        });
        return Measure(model, () => loader.Epoch(0), all.Classes.Count, TemporalHeadsOf(run));
    }

    /// <summary>Heads of a layer that have an offset of their own in a run.</summary>
    internal static int TemporalHeadsOf(VideoRunOptions run) => run.Recognizer.Heads.LowestByLayer[0].Count;

    /// <summary>Measures on batches.</summary>
    /// <param name="model">The recogniser, in evaluation mode; its head is not used.</param>
    /// <param name="clips">The same clips on every call.</param>
    /// <param name="classes">K.</param>
    /// <param name="temporalHeads">Heads of a layer that take offsets by the recipe.</param>
    internal static HeadImportance Measure(VideoRecognizer model, Func<IEnumerable<ClipBatch>> clips, int classes, int temporalHeads = 2)
    {
        (Tensor means, double spread) = Means(model, clips, classes);
        using Tensor centres = means;
        VitOptions vit = model.Options.Backbone;
        var sums = new double[vit.Layers][];
        for (int layer = 0; layer < vit.Layers; layer++)
            sums[layer] = new double[vit.Heads];
        int count = 0;
        using var late = new LateReading();
        foreach (ClipBatch batch in clips())
        {
            using (batch)
            {
                Add(model, batch, centres, spread, sums, late);
                count += batch.Indices.Count;
            }
        }
        late.Read();
        return new HeadImportance([.. sums.Select(layer => layer.Select(sum => sum / count).ToArray())], temporalHeads);
    }

    private static (Tensor Means, double Spread) Means(VideoRecognizer model, Func<IEnumerable<ClipBatch>> clips, int classes)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        int width = model.Options.Backbone.Width;
        var sums = new double[classes, width];
        var counts = new int[classes];
        var all = new List<(int Label, float[] Feature)>();
        using var late = new LateReading();
        foreach (ClipBatch batch in clips())
        {
            using (batch)
            using (NewDisposeScope())
            {
                Tensor brought = ComputeDevice.Bring(batch.Clips, ComputeDevice.Chosen);
                long[] labels = [.. batch.Labels.data<long>()];
                late.Read();
                late.Keep(model.Features(brought).mean([2L]), features =>
                {
                    for (int i = 0; i < labels.Length; i++)
                    {
                        float[] feature = features[(i * width)..((i + 1) * width)];
                        all.Add(((int)labels[i], feature));
                        counts[labels[i]]++;
                        for (int c = 0; c < width; c++)
                            sums[labels[i], c] += feature[c];
                    }
                });
            }
        }
        late.Read();
        // About the mean of all classes, so that even well-parted classes leave a gradient.
        double[] centre = [.. Enumerable.Range(0, width).Select(c => all.Average(clip => (double)clip.Feature[c]))];
        double spread = all.Average(clip => Enumerable.Range(0, width).Sum(c => Math.Pow(clip.Feature[c] - centre[c], 2)));
        float[] means = [.. Enumerable.Range(0, classes * width).Select(i => (float)(sums[i / width, i % width] / Math.Max(1, counts[i / width])))];
        return (tensor(means, [classes, width]).to(ComputeDevice.Chosen).MoveToOuterDisposeScope(), spread > 0 ? spread : 1);
    }

    private static void Add(VideoRecognizer model, ClipBatch batch, Tensor means, double spread, double[][] sums, LateReading late)
    {
        using var scope = NewDisposeScope();
        int layers = sums.Length, heads = sums[0].Length, clips = batch.Indices.Count;
        var outputs = new Tensor[layers];
        BlockTap[] taps = [.. Enumerable.Range(0, layers).Select(layer => new BlockTap(model.Backbone, layer, (point, x) =>
        {
            if (point == BlockPoint.HeadOutputs)
                outputs[layer] = x.DetachFromDisposeScope();
        }))];
        try
        {
            Tensor brought = ComputeDevice.Bring(batch.Clips, ComputeDevice.Chosen), labels = ComputeDevice.Bring(batch.Labels, ComputeDevice.Chosen);
            late.Read();
            Tensor feature = model.Features(brought).mean([2L]); // (B, D)
            Tensor distances = feature.unsqueeze(1).sub(means.unsqueeze(0)).pow(2).sum(2); // (B, K)
            // Summed, so that one clip's gradient is its own whatever the batch.
            Tensor loss = nn.functional.cross_entropy(distances.mul(-0.5 / spread), labels, reduction: nn.Reduction.Sum);
            IList<Tensor> gradients = autograd.grad([loss], outputs);
            var byHead = new Tensor[layers];
            for (int layer = 0; layer < layers; layer++)
            {
                // (B·T, N, D) → (B, T, N, h, d) → (B, h)
                using Tensor products = outputs[layer].detach().mul(gradients[layer]);
                long[] s = products.shape;
                byHead[layer] = products.view(clips, s[0] / clips, s[1], heads, s[2] / heads).sum([1L, 2L, 4L]).abs().sum([0L]);
            }
            late.Keep(stack(byHead), values =>
            {
                for (int layer = 0; layer < layers; layer++)
                {
                    for (int head = 0; head < heads; head++)
                        sums[layer][head] += values[layer * heads + head];
                }
            });
        }
        finally
        {
            foreach (BlockTap tap in taps)
                tap.Dispose();
            foreach (Tensor? output in outputs)
                output?.Dispose();
        }
    }
}
