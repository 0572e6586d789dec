using System.Globalization;

namespace ZeroI2V.Lab.Training;

/// <summary>Where a run is, reported after every step.</summary>
public sealed record TrainingProgress
{
    /// <summary>The epoch in work, counted from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>Epochs of the whole run.</summary>
    public required int Epochs { get; init; }

    /// <summary>Steps done since the run began, those before a resume included.</summary>
    public required int Step { get; init; }

    /// <summary>Steps of the whole run.</summary>
    public required int Steps { get; init; }

    /// <summary>Mean training loss of the epoch so far.</summary>
    public required double Loss { get; init; }

    /// <summary>Learning rate of the step just done.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Training clips a second over the last steps.</summary>
    public required double ClipsPerSecond { get; init; }

    /// <summary>Training time still to come at this rate, evaluation not counted.</summary>
    public required TimeSpan Left { get; init; }

    /// <summary>The finished epoch's numbers, at its last step; null otherwise.</summary>
    public EpochMetrics? FinishedEpoch { get; init; }

    /// <summary>What is done before the first step, in words, all other numbers being 0; null from that step on.</summary>
    public string? Before { get; init; }

    /// <summary>Something is done before the first step.</summary>
    /// <param name="what">What, and how far it is.</param>
    /// <param name="left">Time that it still takes.</param>
    internal static TrainingProgress Preparing(string what, TimeSpan left) =>
        new() { Epoch = 0, Epochs = 0, Step = 0, Steps = 0, Loss = 0, LearningRate = 0, ClipsPerSecond = 0, Left = left, Before = what };

    /// <summary>As a line: <c>epoch 2 of 8, loss 1.234, 60 clips/s, 3:21 left</c>, or what is done before the first step.</summary>
    /// <param name="unit">What is counted a second.</param>
    public string InWords(string unit = "clips") =>
        Before ?? string.Create(CultureInfo.InvariantCulture, $"epoch {Epoch} of {Epochs}, loss {Loss:0.000}, {ClipsPerSecond:0} {unit}/s, {Left:m\\:ss} left");
}
