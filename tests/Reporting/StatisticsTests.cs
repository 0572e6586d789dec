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
        PairedDifference difference = PairedDifference.Of(row, baseline, null)!.Value;
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
        PairedDifference small = PairedDifference.Of(new Dictionary<int, double> { [0] = 0.01, [1] = 0.02, [2] = 0.03 }, zero, null)!.Value;
        Assert.True(small.IsWithinNoise);
        Assert.EndsWith("within noise", small.ToString(), StringComparison.Ordinal);
        PairedDifference large = PairedDifference.Of(new Dictionary<int, double> { [0] = 0.02, [1] = 0.03, [2] = 0.04 }, zero, null)!.Value;
        Assert.False(large.IsWithinNoise);
        Assert.True(PairedDifference.Of(zero, zero, null)!.Value.IsWithinNoise);
    }

    [Fact]
    public void One_seed_says_nothing_about_noise()
    {
        var one = new Dictionary<int, double> { [0] = 0.5 };
        PairedDifference difference = PairedDifference.Of(new Dictionary<int, double> { [0] = 0.6, [1] = 0.9 }, one, null)!.Value;
        Assert.Null(difference.IsWithinNoise);
        Assert.Equal("+10.0 (one seed)", difference.ToString());
        Assert.Null(PairedDifference.Of(new Dictionary<int, double> { [7] = 1 }, one, null));
    }

    private static PairedDifference Clips(int clips, params int[] more) => PairedDifference.Of(
        Enumerable.Range(0, more.Length).ToDictionary(seed => seed, seed => (40.0 + more[seed]) / clips),
        Enumerable.Range(0, more.Length).ToDictionary(seed => seed, _ => 40.0 / clips),
        clips)!.Value;

    [Fact]
    public void Two_seeds_that_agree_to_the_clip_have_an_interval_and_show_nothing_by_that_alone()
    {
        // Half the width is 12.7062 / 2 = 6.35 clips of 88.
        Assert.Equal(12.7062 / 2 / 88, Clips(88, 6, 6).Difference.HalfWidth95, 6);
        Assert.True(Clips(88, 0, 0).IsWithinNoise);
        Assert.True(Clips(88, 6, 6).IsWithinNoise);
        Assert.False(Clips(88, 7, 7).IsWithinNoise);
        Assert.Equal("+6.8 [−0.4, +14.0] within noise", Clips(88, 6, 6).ToString());
        // As wide as were there one clip between the seeds; a wider spread stands as it is.
        Assert.Equal(Clips(88, 6, 7).Difference.HalfWidth95, Clips(88, 6, 6).Difference.HalfWidth95, 12);
        Assert.Equal(2 * Clips(88, 6, 7).Difference.HalfWidth95, Clips(88, 6, 8).Difference.HalfWidth95, 12);
        // An accuracy's own interval too.
        Assert.Equal(4.3027 / 3 / 100, Spread.Of([0.5, 0.5, 0.5], 100).HalfWidth95, 6);
    }

    [Fact]
    public void Fewer_than_six_clips_are_within_noise_however_well_seeds_agree()
    {
        // 2 / 2⁵ = 6 %, 2 / 2⁶ = 3 %.
        Assert.True(Clips(660, 5, 5, 5, 5, 5).IsWithinNoise);
        Assert.False(Clips(660, 6, 6, 6, 6, 6).IsWithinNoise);
        Assert.True(Clips(660, -5, -6, -6, -6, -6).IsWithinNoise);
        Assert.False(Clips(660, -6, -6, -6, -6, -6).IsWithinNoise);
    }
}
