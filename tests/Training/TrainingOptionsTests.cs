using ZeroI2V.Lab.Training;

namespace ZeroI2V.Lab.Tests.Training;

public sealed class TrainingOptionsTests
{
    [Fact]
    public void Options_survive_a_round_trip_through_json()
    {
        TrainingOptions options = TrainingOptions.MicroSsv2 with { Seed = 7, GradientClip = 1.5, LearningRate = 1.0 / 3 };
        Assert.Equal(options, TrainingOptions.FromJson(options.ToJson()));
    }

    [Fact]
    public void Names_that_are_left_out_take_their_defaults() =>
        Assert.Equal(new TrainingOptions { Epochs = 3 }, TrainingOptions.FromJson("""{"epochs": 3}"""));

    [Fact]
    public void An_unknown_name_is_an_error_that_quotes_it()
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => TrainingOptions.FromJson("""{"epocs": 3}"""));
        Assert.Contains("epocs", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"epochs": 0}""", "Epochs")]
    [InlineData("""{"batchSize": 0}""", "BatchSize")]
    [InlineData("""{"learningRate": 0}""", "LearningRate")]
    [InlineData("""{"beta2": 1}""", "Beta2")]
    [InlineData("""{"labelSmoothing": 1}""", "LabelSmoothing")]
    [InlineData("""{"warmUpEpochs": 2, "epochs": 2}""", "WarmUpEpochs")]
    [InlineData("""{"warmUpStartFactor": 0}""", "WarmUpStartFactor")]
    [InlineData("""{"gradientClip": 0}""", "GradientClip")]
    [InlineData("""{"weightDecay": -1}""", "WeightDecay")]
    public void A_value_out_of_range_is_an_error_that_names_it(string json, string name)
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => TrainingOptions.FromJson(json));
        Assert.StartsWith($"{name} must be ", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"epochs": "many"}""")]
    public void Text_that_is_no_options_object_is_an_argument_error(string json) =>
        Assert.Throws<ArgumentException>(() => TrainingOptions.FromJson(json));

    [Fact]
    public void Single_values_can_be_set_by_name()
    {
        ImagePretrainingOptions changed = RunJson.With(ImagePretrainingOptions.Small, ["training.epochs=3", "stills=Quick", "training.gradientClip=null"]);
        Assert.Equal(
            ImagePretrainingOptions.Small with { Stills = ZeroI2V.Lab.VideoData.MicroWorld.MicroSize.Quick, Training = ImagePretrainingOptions.Small.Training with { Epochs = 3, GradientClip = null } },
            changed);
    }

    [Theory]
    [InlineData("training.epocs=3")]
    [InlineData("epochs=3")]
    [InlineData("training.epochs")]
    [InlineData("training.epochs=many")]
    [InlineData("=3")]
    public void A_setting_that_is_not_known_or_fits_no_value_is_an_error(string setting) =>
        Assert.Throws<ArgumentException>(() => RunJson.With(ImagePretrainingOptions.Small, [setting]));
}
