using static TorchSharp.torch;

namespace ZeroI2V.Lab.Training;

/// <summary>
/// Losses and counts that stay where they were computed until they are read, several steps at once: asking a GPU for a number waits
/// for all that it was given. Sums are taken in the order of the steps, so how often they are read changes no number.
/// </summary>
internal sealed class UnreadSteps : IDisposable
{
    private readonly Queue<(int Step, Tensor Loss, Tensor Correct, int Examples)> _steps = new();

    public int Count => _steps.Count;

    /// <summary>Keeps what a step came to.</summary>
    public void Add(int step, BatchLoss result) =>
        _steps.Enqueue((step, result.Loss.detach().DetachFromDisposeScope(), result.Correct.DetachFromDisposeScope(), result.Examples));

    /// <summary>Adds all steps to the sums and forgets them.</summary>
    /// <param name="place">The sums so far.</param>
    /// <param name="learningRate">Of the options, for the error.</param>
    /// <exception cref="InvalidOperationException">A loss is no number.</exception>
    public TrainingPlace Read(TrainingPlace place, double learningRate)
    {
        while (_steps.TryDequeue(out (int Step, Tensor Loss, Tensor Correct, int Examples) next))
        {
            using (next.Loss)
            using (next.Correct)
            {
                double loss = next.Loss.item<float>();
                if (!double.IsFinite(loss))
                    throw new InvalidOperationException($"The loss must be a finite number; it is {loss} at step {next.Step}. Lower the learning rate ({learningRate}) or set a gradient clip.");
                place = place with { LossSum = place.LossSum + loss * next.Examples, Correct = place.Correct + next.Correct.item<long>(), Examples = place.Examples + next.Examples };
            }
        }
        return place;
    }

    public void Dispose()
    {
        while (_steps.TryDequeue(out (int Step, Tensor Loss, Tensor Correct, int Examples) next))
        {
            next.Loss.Dispose();
            next.Correct.Dispose();
        }
    }
}
