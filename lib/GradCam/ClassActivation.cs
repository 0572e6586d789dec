using static TorchSharp.torch;

namespace ZeroI2V.Lab.GradCam;

/// <summary>The maps of one clip.</summary>
/// <param name="Logits">Its K logits.</param>
/// <param name="Maps">A set for each layer, score and method.</param>
public sealed record ClipMaps(IReadOnlyList<float> Logits, IReadOnlyList<LayerMaps> Maps)
{
    /// <summary>The class that the model finds likeliest.</summary>
    public int Predicted => Logits.Index().MaxBy(item => item.Item).Index;
}

/// <summary>
/// Makes maps: one forward pass, one backward pass for each score, and from these all methods, layers and groups of heads.
/// </summary>
public static class ClassActivation
{
    /// <summary>Makes the maps of clips.</summary>
    /// <param name="subject">The model. It is run in evaluation mode and left as it was, without gradients.</param>
    /// <param name="clips">Normalised pixels, (B, 3, T, H, W).</param>
    /// <param name="options">Which maps.</param>
    /// <returns>For each clip its maps, as plain numbers.</returns>
    /// <exception cref="CamException">Something is asked for that the model does not have.</exception>
    /// <exception cref="ArgumentException">The clips have another shape.</exception>
    public static IReadOnlyList<ClipMaps> Explain(CamSubject subject, Tensor clips, CamOptions options)
    {
        ArgumentNullException.ThrowIfNull(subject);
        ArgumentNullException.ThrowIfNull(clips);
        ArgumentNullException.ThrowIfNull(options);
        IReadOnlyList<int> layers = options.Validate(subject);
        if (clips.shape.Length != 5 || clips.shape[0] < 1)
            throw new ArgumentException($"The clips have shape ({string.Join(", ", clips.shape)}); expected (B, 3, T, H, W).", nameof(clips));

        using var scope = NewDisposeScope();
        using Evaluating evaluating = new(subject.Model);
        bool gradients = options.Methods.Any(method => method.NeedsGradient);
        using IDisposable mode = set_grad_enabled(gradients);
        using var recorder = new CamRecorder(subject.Backbone, options.Methods.SelectMany(method => Recorded(method, layers).Select(layer => (layer, method.Point(options.Place)))));
        clips = subject.Bring(clips);
        // Whatever of the model is frozen, the graph reaches back to the pixels.
        Tensor logits = subject.Logits(gradients ? clips.detach().requires_grad_() : clips);
        var results = new List<ClipMaps>();
        float[] scores = [.. logits.detach().to(ScalarType.Float32).cpu().contiguous().data<float>()];
        List<LayerMaps>[] maps = [.. Enumerable.Range(0, (int)clips.shape[0]).Select(_ => new List<LayerMaps>())];
        foreach (CamScore score in options.Scores)
        {
            using var gradientsOfThis = NewDisposeScope();
            CamScore[] named = [.. maps.Select((_, clip) => score.For(scores.AsSpan(clip * subject.Classes, subject.Classes)))];
            var pass = new CamPass(subject, recorder, options.Place, named, (int)clips.shape[2]);
            if (gradients)
                pass.Backward(logits, [.. options.Methods.Where(method => method.NeedsGradient).SelectMany(method => layers.Select(layer => (layer, method.Point(options.Place)))).Distinct()]);
            foreach (int layer in layers)
            {
                foreach (CamMethod method in options.Methods)
                {
                    foreach ((LayerMaps made, int clip) in pass.Make(method, layer).Select((made, clip) => (made, clip)))
                        maps[clip].Add(made);
                }
            }
        }
        for (int clip = 0; clip < maps.Length; clip++)
            results.Add(new ClipMaps(scores[(clip * subject.Classes)..((clip + 1) * subject.Classes)], maps[clip]));
        return results;
    }

    private static IEnumerable<int> Recorded(CamMethod method, IReadOnlyList<int> layers) => method.NeedsEveryLayer ? Enumerable.Range(0, layers.Max() + 1) : layers;
}
