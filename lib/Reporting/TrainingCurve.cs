using ZeroI2V.Lab.Training;

namespace ZeroI2V.Lab.Reporting;

/// <summary>How one run's training went, epoch by epoch.</summary>
/// <param name="Name">The run, as the legend says it.</param>
/// <param name="Epochs">The epochs, counted from 1.</param>
/// <param name="TrainLoss">Mean training loss of each epoch.</param>
/// <param name="TestAccuracy">Accuracy on the test clips after each epoch, a fraction; NaN where the epoch was not evaluated.</param>
public sealed record TrainingCurve(string Name, IReadOnlyList<int> Epochs, IReadOnlyList<double> TrainLoss, IReadOnlyList<double> TestAccuracy)
{
    /// <summary>The curve of a run's metrics.</summary>
    /// <param name="name">The run, as the legend says it.</param>
    /// <param name="metrics">Its epochs.</param>
    /// <param name="testNumber">Which of the numbers on the test clips is drawn.</param>
    /// <returns>The curve.</returns>
    public static TrainingCurve From(string name, IEnumerable<EpochMetrics> metrics, string testNumber = "top1")
    {
        EpochMetrics[] epochs = [.. metrics];
        return new TrainingCurve(
            name,
            [.. epochs.Select(epoch => epoch.Epoch)],
            [.. epochs.Select(epoch => epoch.Loss)],
            [.. epochs.Select(epoch => epoch.Test?.TryGetValue(testNumber, out double value) == true ? value : double.NaN)]);
    }

    /// <summary>Checks that there is a loss and an accuracy for every epoch.</summary>
    /// <returns>This record.</returns>
    /// <exception cref="ArgumentException">The lists differ in length or are empty.</exception>
    public TrainingCurve Validated()
    {
        if (Epochs.Count == 0 || TrainLoss.Count != Epochs.Count || TestAccuracy.Count != Epochs.Count)
            throw new ArgumentException($"The curve '{Name}' must have a loss and an accuracy for every epoch (NaN where not evaluated); found {Epochs.Count} epochs, {TrainLoss.Count} losses, {TestAccuracy.Count} accuracies.");
        return this;
    }
}
