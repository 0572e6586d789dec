using ZeroI2V.Lab.Training;

namespace ZeroI2V.Lab.Tests.Training;

public sealed class LearningRateScheduleTests
{
    // 10 steps an epoch: 20 of warm-up, 80 of cosine.
    private static readonly LearningRateSchedule Schedule = new(
        new TrainingOptions { Epochs = 10, WarmUpEpochs = 2, LearningRate = 1, WarmUpStartFactor = 0.1 }, stepsPerEpoch: 10);

    [Theory]
    [InlineData(0, 0.1)]
    [InlineData(10, 0.55)]
    [InlineData(19, 0.955)]
    [InlineData(20, 1.0)]
    [InlineData(40, 0.853553390593274)] // (1 + cos 45°) / 2
    [InlineData(60, 0.5)]
    [InlineData(100, 0.0)]
    [InlineData(101, 0.0)]
    public void It_rises_from_a_tenth_and_falls_along_a_cosine_to_zero(int step, double expected) =>
        Assert.Equal(expected, Schedule.At(step), 12);

    [Fact]
    public void Half_epochs_of_warm_up_are_counted_in_steps()
    {
        var schedule = new LearningRateSchedule(new TrainingOptions { Epochs = 40, WarmUpEpochs = 2.5 }, stepsPerEpoch: 75);
        Assert.Equal(188, schedule.WarmUpSteps); // 187.5 rounds up
        Assert.Equal(3000, schedule.TotalSteps);
    }

    [Fact]
    public void Without_warm_up_it_begins_at_the_full_rate()
    {
        var schedule = new LearningRateSchedule(new TrainingOptions { Epochs = 1, WarmUpEpochs = 0, LearningRate = 0.5 }, stepsPerEpoch: 4);
        Assert.Equal(0.5, schedule.At(0));
    }

    [Fact]
    public void It_never_rises_after_the_warm_up()
    {
        for (int step = Schedule.WarmUpSteps; step < Schedule.TotalSteps; step++)
            Assert.True(Schedule.At(step + 1) < Schedule.At(step));
    }

    [Fact]
    public void An_epoch_without_steps_is_an_error() =>
        Assert.Throws<ArgumentException>(() => new LearningRateSchedule(new TrainingOptions(), stepsPerEpoch: 0));

    [Fact]
    public void A_negative_step_is_an_error() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.At(-1));
}
