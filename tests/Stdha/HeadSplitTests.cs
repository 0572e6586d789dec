using ZeroI2V.Lab.Stdha;

namespace ZeroI2V.Lab.Tests.Stdha;

public sealed class HeadSplitTests
{
    [Fact]
    public void The_lowest_heads_take_the_offsets_in_every_layer()
    {
        HeadSplit split = HeadSplit.Lowest(-1, 1);
        Assert.Equal([-1, 1, 0, 0], split.Offsets(0, 4));
        Assert.Equal([-1, 1, 0, 0], split.Offsets(11, 4));
    }

    [Fact]
    public void Each_layer_may_have_offsets_of_its_own()
    {
        HeadSplit split = HeadSplit.ByLayer([-1], [], [0, 2]);
        Assert.Equal([-1, 0, 0], split.Offsets(0, 3));
        Assert.Equal([0, 0, 0], split.Offsets(1, 3));
        Assert.Equal([0, 2, 0], split.Offsets(2, 3));
    }

    [Fact]
    public void More_offsets_than_heads_are_refused_with_both_numbers()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => HeadSplit.Lowest(-1, 1, -2).Validate(layers: 1, heads: 2, width: 8));
        Assert.Contains("3 offsets", error.Message, StringComparison.Ordinal);
        Assert.Contains("2 heads", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Offsets_for_another_number_of_layers_are_refused()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => HeadSplit.ByLayer([-1], [1]).Validate(layers: 3, heads: 2, width: 8));
        Assert.Contains("2 layers", error.Message, StringComparison.Ordinal);
        Assert.Contains("has 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Splits_with_the_same_offsets_are_equal()
    {
        Assert.Equal(HeadSplit.Lowest(-1, 1), HeadSplit.Lowest(-1, 1));
        Assert.NotEqual(HeadSplit.Lowest(-1, 1), HeadSplit.Lowest(1, -1));
        Assert.NotEqual(HeadSplit.Lowest(1), HeadSplit.Lowest(1) with { Border = BorderRule.Wrap });
    }

    [Fact]
    public void It_reads_as_signed_offsets()
    {
        Assert.Equal("−1 +1", HeadSplit.Lowest(-1, 1).ToString());
        Assert.Equal("spatial", HeadSplit.Spatial.ToString());
        Assert.Equal("+2 | spatial, Clamp at the border", (HeadSplit.ByLayer([2], []) with { Border = BorderRule.Clamp }).ToString());
    }
}
