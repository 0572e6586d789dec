using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.Tests.VideoData;

public sealed class DrawsTests
{
    [Fact]
    public void A_seed_gives_the_same_numbers_for_ever()
    {
        // The first outputs of SplitMix64 for seed 0 are published: E220A8397B1DCDAF, 6E789E6AA1B965F4.
        var draws = new SeededDraws(0);
        Assert.Equal((long)(0xE220A8397B1DCDAF >> 11), (long)(draws.Real(0, 1) * (1L << 53)));
        Assert.Equal(0x6E789E6AA1B965F4 >> 11, (long)(draws.Real(0, 1) * (1L << 53)));
    }

    [Fact]
    public void Whole_numbers_reach_both_ends_and_are_even()
    {
        var draws = new SeededDraws(1);
        var counts = new int[5];
        for (int i = 0; i < 50_000; i++)
            counts[draws.Whole(-2, 2) + 2]++;
        Assert.All(counts, count => Assert.InRange(count, 9_500, 10_500));
        Assert.Equal(int.MinValue, Enumerable.Repeat(0, 100).Select(_ => draws.Whole(int.MinValue, int.MinValue)).Max());
        Assert.Contains(Enumerable.Repeat(0, 100).Select(_ => draws.Whole(int.MinValue, int.MaxValue)), number => number < 0);
    }

    [Fact]
    public void An_order_holds_every_number_once_and_differs_between_epochs()
    {
        int[] first = SeededDraws.For(1, 0).Order(100), second = SeededDraws.For(1, 1).Order(100);
        Assert.Equal(Enumerable.Range(0, 100), first.Order());
        Assert.NotEqual(first, second);
        Assert.Equal(first, SeededDraws.For(1, 0).Order(100));
        Assert.NotEqual(SeededDraws.For(0, 1).Order(100), SeededDraws.For(1, 0).Order(100));
    }
}
