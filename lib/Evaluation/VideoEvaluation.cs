using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.VideoData;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Evaluation;

/// <summary>Runs a recogniser over test clips and counts what it gets right.</summary>
public static class VideoEvaluation
{
    /// <summary>Evaluates a recogniser.</summary>
    /// <param name="model">Clips (B, 3, T, H, W) to logits (B, K); left in evaluation mode.</param>
    /// <param name="test">Test clips, each once or, with several views, several times.</param>
    /// <param name="list">The list that the clips come from.</param>
    /// <param name="cancellationToken">Ends it between batches.</param>
    /// <returns>Accuracies over all clips, by group and by class.</returns>
    /// <exception cref="ArgumentException">Model and list differ in the number of classes, or a clip was not seen.</exception>
    public static EvaluationResult Evaluate(nn.Module<Tensor, Tensor> model, IClipBatches test, ClipList list, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(list);
        var classes = new ClassTable(list.Classes, list.ClassGroups, list.ReversedClass);
        return EvaluationResult.From(Score(model, test, list, cancellationToken: cancellationToken), classes);
    }

    /// <summary>Scores every clip; a clip seen in several views gets the mean of their probabilities, or of their scores.</summary>
    /// <param name="model">Clips (B, 3, T, H, W) to logits (B, K); left in evaluation mode.</param>
    /// <param name="test">Test clips; indices point into the list.</param>
    /// <param name="list">The list that the clips come from.</param>
    /// <param name="average">What of the views is averaged.</param>
    /// <param name="cancellationToken">Ends it between batches.</param>
    /// <returns>Probabilities or scores, a row for each clip that was seen, in the list's order.</returns>
    /// <exception cref="ArgumentException">Model and list differ in the number of classes, or a clip was not seen.</exception>
    public static ClipScores Score(
        nn.Module<Tensor, Tensor> model, IClipBatches test, ClipList list, ViewAverage average = ViewAverage.Probabilities, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(test);
        ArgumentNullException.ThrowIfNull(list);
        int classes = list.Classes.Count;
        var sums = new double[list.Clips.Count][];
        var views = new int[list.Clips.Count];
        model.eval();
        using (no_grad())
        {
            Device? device = model.parameters().FirstOrDefault()?.device;
            using var late = new LateReading();
            foreach (ClipBatch batch in test.Epoch(0))
            {
                using (batch)
                using (NewDisposeScope())
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    Tensor clips = device is null ? batch.Clips : ComputeDevice.Bring(batch.Clips, device);
                    late.Read();
                    Tensor logits = model.call(clips);
                    if (logits.shape is not [var rows, var scores] || rows != batch.Indices.Count || scores != classes)
                        throw new ArgumentException($"The model must give {batch.Indices.Count} rows of {classes} scores; found [{string.Join(", ", logits.shape)}]. Make it with the list's number of classes.", nameof(model));
                    late.Keep(logits, values =>
                    {
                        for (int i = 0; i < batch.Indices.Count; i++)
                            Add(batch.Indices[i], ViewScores.Of(values.AsSpan(i * classes, classes), average));
                    });
                }
            }
            late.Read();
        }
        int[] seen = [.. Enumerable.Range(0, views.Length).Where(i => views[i] > 0)];
        if (seen.Length + test.Skipped.Count != test.Count)
            throw new ArgumentException($"The loader must give each of its {test.Count} clips but the {test.Skipped.Count} bad ones; found {seen.Length}. Make it without leaving out a last small batch.", nameof(test));
        foreach (int i in seen)
        {
            for (int c = 0; c < classes; c++)
                sums[i][c] /= views[i];
        }
        return new ClipScores([.. seen.Select(i => sums[i])], [.. seen.Select(i => list.Clips[i].Label)], classes);

        void Add(int clip, double[] view)
        {
            double[] sum = sums[clip] ??= new double[classes];
            for (int c = 0; c < classes; c++)
                sum[c] += view[c];
            views[clip]++;
        }
    }
}
