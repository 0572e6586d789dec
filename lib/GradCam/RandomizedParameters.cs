using TorchSharp;
using TorchSharp.Modules;
using ZeroI2V.Lab.Backbone;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.GradCam;

/// <summary>
/// The sanity check of Adebayo et al. 2018: the parameters of a model are exchanged for random ones of the same spread, from the head
/// downwards. A map that stays as it was shows the picture and not what the model has learned.
/// </summary>
/// <param name="Layers">What had been exchanged: nothing, the head, then block after block from the last.</param>
/// <param name="Similarity">Rank correlation (Spearman) with the map of the model as it is, at each stage.</param>
public sealed record RandomizedParameters(IReadOnlyList<string> Layers, IReadOnlyList<double> Similarity)
{
    /// <summary>Exchanges the parameters step by step, on a copy.</summary>
    /// <param name="model">The recogniser; it stays as it is.</param>
    /// <param name="clip">Normalised pixels, (1, 3, T, H, W).</param>
    /// <param name="options">Which map: its first method, layer and score.</param>
    /// <param name="group">The heads.</param>
    /// <param name="seed">Seed of the random numbers.</param>
    public static RandomizedParameters Of(VideoRecognizer model, Tensor clip, CamOptions options, HeadGroup group, int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        using var scope = NewDisposeScope();
        using var copy = new VideoRecognizer(model.Options);
        copy.to(model.parameters().First().device);
        using (no_grad())
        {
            foreach (((_, Parameter target), (_, Parameter source)) in copy.named_parameters().Zip(model.named_parameters()))
                target.copy_(source);
        }
        CamOptions fixedScore = options with { Scores = [options.Scores[0].Class is null ? CamScore.Of(ClassActivation.Explain(CamSubject.Of(copy), clip, options)[0].Predicted) : options.Scores[0]] };
        float[] first = Map();
        var layers = new List<string> { "as it is" };
        var similarity = new List<double> { Rank(first, first) };
        var random = new Random(seed);
        foreach ((string name, nn.Module part) in Parts(copy))
        {
            Exchange(part, random);
            layers.Add(name);
            similarity.Add(Rank(first, Map()));
        }
        return new RandomizedParameters(layers, similarity);

        float[] Map() => ClassActivation.Explain(CamSubject.Of(copy), clip, fixedScore)[0].Maps[0].Map(group).Values;
    }

    private static IEnumerable<(string Name, nn.Module Part)> Parts(VideoRecognizer model)
    {
        yield return ("head", model.Head);
        for (int layer = model.Backbone.Blocks.Count - 1; layer >= 0; layer--)
            yield return ($"block {layer}", model.Backbone.Blocks[layer]);
    }

    private static void Exchange(nn.Module part, Random random)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        foreach (Parameter parameter in part.parameters())
        {
            // The same mean and spread, so that what follows gets numbers of the size that it knows.
            (double mean, double spread) = (parameter.mean().item<float>(), parameter.NumberOfElements > 1 ? parameter.std().item<float>() : 0);
            var numbers = new float[parameter.NumberOfElements];
            for (int i = 0; i < numbers.Length; i++)
                numbers[i] = (float)(mean + spread * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
            parameter.copy_(tensor(numbers).view(parameter.shape));
        }
    }

    /// <summary>Spearman's rank correlation; equal numbers share the mean of their ranks.</summary>
    internal static double Rank(float[] a, float[] b)
    {
        double[] x = Ranks(a), y = Ranks(b);
        double mean = (a.Length - 1) / 2.0, product = 0, first = 0, second = 0;
        for (int i = 0; i < x.Length; i++)
        {
            product += (x[i] - mean) * (y[i] - mean);
            first += (x[i] - mean) * (x[i] - mean);
            second += (y[i] - mean) * (y[i] - mean);
        }
        return first > 0 && second > 0 ? product / Math.Sqrt(first * second) : 0;
    }

    private static double[] Ranks(float[] values)
    {
        int[] order = [.. Enumerable.Range(0, values.Length).OrderBy(i => values[i])];
        var ranks = new double[values.Length];
        for (int start = 0, end; start < order.Length; start = end)
        {
            for (end = start + 1; end < order.Length && values[order[end]].Equals(values[order[start]]);)
                end++;
            for (int i = start; i < end; i++)
                ranks[order[i]] = (start + end - 1) / 2.0;
        }
        return ranks;
    }
}
