using ZeroI2V.Lab.Reporting;

namespace ZeroI2V.Lab.Tests.Reporting;

public sealed class PercentAxisTests
{
    [Theory]
    [InlineData(0.333, 41.6)]
    [InlineData(0.4, 41.6)]
    [InlineData(0.41, 62.4)]
    [InlineData(0.97, 104)]
    [InlineData(1.02, 104)]
    [InlineData(0.02, 20.8)]
    [InlineData(double.NaN, 104)]
    public void An_axis_ends_at_the_next_step_above_its_values(double share, double top) =>
        Assert.Equal(top, PercentAxis.Top([share, double.NaN]), 9);
}
