namespace ZeroI2V.Lab.Training;

/// <summary>
/// The learning rate of each step: linear from <c>WarmUpStartFactor</c> × rate to the rate over the warm-up,
/// then half a cosine down to zero. A pure function of the step, so a resumed run needs no state for it.
/// </summary>
public sealed class LearningRateSchedule
{
    private readonly double _rate;
    private readonly double _startFactor;

    /// <summary>Makes the schedule of a run.</summary>
    /// <param name="options">The run's options.</param>
    /// <param name="stepsPerEpoch">Optimizer steps an epoch.</param>
    /// <exception cref="ArgumentException">The options are not valid, or there are no steps.</exception>
    public LearningRateSchedule(TrainingOptions options, int stepsPerEpoch)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (stepsPerEpoch < 1)
            throw new ArgumentException($"An epoch must have at least 1 step; found {stepsPerEpoch}. Lower the batch size or add clips.", nameof(stepsPerEpoch));
        _rate = options.LearningRate;
        _startFactor = options.WarmUpStartFactor;
        TotalSteps = checked(options.Epochs * stepsPerEpoch);
        WarmUpSteps = (int)Math.Round(options.WarmUpEpochs * stepsPerEpoch, MidpointRounding.AwayFromZero);
    }

    /// <summary>Steps of the whole run.</summary>
    public int TotalSteps { get; }

    /// <summary>Steps of the warm-up, rounded to the nearest whole one.</summary>
    public int WarmUpSteps { get; }

    /// <summary>The learning rate of a step.</summary>
    /// <param name="step">0 is the first step; <see cref="TotalSteps"/> and later give 0.</param>
    /// <returns>The learning rate.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The step is negative.</exception>
    public double At(int step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        if (step < WarmUpSteps)
            return _rate * (_startFactor + (1 - _startFactor) * step / WarmUpSteps);
        if (step >= TotalSteps)
            return 0;
        double progress = (double)(step - WarmUpSteps) / (TotalSteps - WarmUpSteps);
        return _rate * 0.5 * (1 + Math.Cos(Math.PI * progress));
    }
}
