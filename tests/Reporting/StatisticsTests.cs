using ZeroI2V.Lab.Reporting;

namespace ZeroI2V.Lab.Tests.Reporting;

public sealed class StatisticsTests
{
    // Tabulated two-sided 5 % points of Student's t.
    [Theory]
    [InlineData(1, 12.7062)]
    [InlineData(2, 4.3027)]
    [InlineData(3, 3.1824)]
    [InlineData(4, 2.7764)]
    [InlineData(9, 2.2622)]
    [InlineData(10, 2.2281)]
    [InlineData(30, 2.0423)]
    [InlineData(120, 1.9799)]
    public void Quantiles_are_the_tabulated_ones(int degrees, double expected) => Assert.Equal(expected, StudentT.Quantile975(degrees), 4);

    [Fact]
    public void The_interval_of_three_values_is_worked_out_by_hand()
    {
        // Mean 2, deviation 1; 4.3027 / √3.
        Spread spread = Spread.Of([1, 2, 3]);
        Assert.Equal((2.0, 1.0), (spread.Mean, spread.StandardDeviation));
        Assert.Equal(2.4841, spread.HalfWidth95, 4);
        Assert.True(double.IsNaN(Spread.Of([1]).HalfWidth95));
    }

    [Fact]
    public void A_difference_is_paired_by_seed()
    {
        // Rows vary by 20 points over seeds, their difference by nothing.
        var baseline = new Dictionary<int, double> { [0] = 0.5, [1] = 0.6, [2] = 0.7 };
        var row = new Dictionary<int, double> { [2] = 0.75, [0] = 0.55, [1] = 0.65, [3] = 0.1 };
        PairedDifference difference = PairedDifference.Of(row, baseline)!.Value;
        Assert.Equal(3, difference.Difference.Count);
        Assert.Equal(0.05, difference.Difference.Mean, 12);
        Assert.False(difference.IsWithinNoise);
        Assert.Equal("+5.0 [+5.0, +5.0]", difference.ToString());
    }

    [Fact]
    public void A_difference_whose_interval_holds_zero_is_within_noise()
    {
        var zero = new Dictionary<int, double> { [0] = 0, [1] = 0, [2] = 0 };
        // Mean 0.02, half width 2.4841 × 0.01.
        PairedDifference small = PairedDifference.Of(new Dictionary<int, double> { [0] = 0.01, [1] = 0.02, [2] = 0.03 }, zero)!.Value;
        Assert.True(small.IsWithinNoise);
        Assert.EndsWith("within noise", small.ToString(), StringComparison.Ordinal);
        PairedDifference large = PairedDifference.Of(new Dictionary<int, double> { [0] = 0.02, [1] = 0.03, [2] = 0.04 }, zero)!.Value;
        Assert.False(large.IsWithinNoise);
        Assert.True(PairedDifference.Of(zero, zero)!.Value.IsWithinNoise);
    }

    [Fact]
    public void One_seed_says_nothing_about_noise()
    {
        var one = new Dictionary<int, double> { [0] = 0.5 };
        PairedDifference difference = PairedDifference.Of(new Dictionary<int, double> { [0] = 0.6, [1] = 0.9 }, one)!.Value;
        Assert.Null(difference.IsWithinNoise);
        Assert.Equal("+10.0 (one seed)", difference.ToString());
        Assert.Null(PairedDifference.Of(new Dictionary<int, double> { [7] = 1 }, one));
    }
}
