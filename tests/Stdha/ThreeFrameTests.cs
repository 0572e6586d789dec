using TorchSharp.Modules;
using ZeroI2V.Lab.Stdha;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.Stdha;

/// <summary>
/// Every option of <see cref="HeadSplit"/> on a few frames, worked out by hand. With one token a frame the softmax over a single key is one, so
/// each channel returns the value it sees; with the identity as projections the values are the input itself.
/// </summary>
public sealed class ThreeFrameTests
{
    /// <summary>Four channels in two heads; channel c of frame t holds 10·t + c.</summary>
    public static TheoryData<string, HeadSplit, int[][]> OneToken() => new()
    {
        // Each row is a frame; each number says whose frame the channel shows.
        { "two heads", HeadSplit.Lowest(-1, 1), [[0, 0, 1, 1], [0, 0, 2, 2], [1, 1, 2, 2]] },
        { "half heads", HeadSplit.ChannelRanges(1, -1, 1), [[0, 1, 0, 0], [0, 2, 1, 1], [1, 2, 2, 2]] },
        { "one and a half heads", HeadSplit.ChannelRanges(3, -1), [[0, 0, 0, 0], [0, 0, 0, 1], [1, 1, 1, 2]] },
        { "channels in every head", HeadSplit.ChannelShift(1, -1, 1), [[0, 1, 0, 1], [0, 2, 0, 2], [1, 2, 1, 2]] },
        { "one channel of every head", HeadSplit.ChannelShift(1, 1), [[1, 0, 1, 0], [2, 1, 2, 1], [2, 2, 2, 2]] },
        { "±2", HeadSplit.Lowest(-2, 2), [[0, 0, 2, 2], [1, 1, 1, 1], [0, 0, 2, 2]] },
        { "±3: no such frame", HeadSplit.Lowest(-3, 3), [[0, 0, 0, 0], [1, 1, 1, 1], [2, 2, 2, 2]] },
        { "±4: no such frame", HeadSplit.Lowest(-4, 4), [[0, 0, 0, 0], [1, 1, 1, 1], [2, 2, 2, 2]] },
        { "clamped ±2", HeadSplit.Lowest(-2, 2) with { Border = BorderRule.Clamp }, [[0, 0, 2, 2], [0, 0, 2, 2], [0, 0, 2, 2]] },
        { "clamped ±4", HeadSplit.Lowest(-4, 4) with { Border = BorderRule.Clamp }, [[0, 0, 2, 2], [0, 0, 2, 2], [0, 0, 2, 2]] },
        { "around ±1", HeadSplit.Lowest(-1, 1) with { Border = BorderRule.Wrap }, [[2, 2, 1, 1], [0, 0, 2, 2], [1, 1, 0, 0]] },
        { "around ±4 is around ±1", HeadSplit.Lowest(-4, 4) with { Border = BorderRule.Wrap }, [[2, 2, 1, 1], [0, 0, 2, 2], [1, 1, 0, 0]] },
        { "half heads, clamped", HeadSplit.ChannelRanges(1, -2, 2) with { Border = BorderRule.Clamp }, [[0, 2, 0, 0], [0, 2, 1, 1], [0, 2, 2, 2]] },
        { "class token, and there is no other", HeadSplit.TokenShift(0, -1), [[0, 0, 0, 0], [0, 0, 1, 1], [1, 1, 2, 2]] },
        { "queries too", HeadSplit.Lowest(-1) with { Parts = ShiftedParts.QueriesKeysAndValues }, [[0, 0, 0, 0], [0, 0, 1, 1], [1, 1, 2, 2]] },
        { "none", HeadSplit.Spatial, [[0, 0, 0, 0], [1, 1, 1, 1], [2, 2, 2, 2]] },
    };

    [Theory]
    [MemberData(nameof(OneToken))]
    public void Every_channel_shows_the_frame_that_it_sees(string what, HeadSplit split, int[][] seen)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using StdhaAttention attention = Identity(4, 2, split);
        Tensor x = tensor([.. Enumerable.Range(0, 3).SelectMany(t => Enumerable.Range(0, 4).Select(c => 10f * t + c))]).reshape(3, 1, 4);
        float[] expected = [.. seen.SelectMany(frame => frame.Select((t, c) => 10f * t + c))];
        Assert.True(what.Length > 0);
        Assert.Equal(expected, attention.call(x, 3).data<float>().ToArray());
        // Two clips do not mix.
        float[] twice = attention.call(cat([x, x.add(100)]), 3).data<float>().ToArray();
        Assert.Equal([.. expected, .. expected.Select(value => value + 100)], twice);
    }

    [Theory]
    [InlineData(1, -1)]
    [InlineData(1, 4)]
    [InlineData(2, -2)]
    [InlineData(2, 3)]
    public void A_clip_shorter_than_the_offset_sees_its_own_frames(int frames, int offset)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        Tensor x = arange(1, 1 + frames * 4, dtype: ScalarType.Float32).reshape(frames, 1, 4);
        foreach (HeadSplit split in new[] { HeadSplit.Lowest(offset, offset), HeadSplit.ChannelRanges(1, offset, offset, offset, offset), HeadSplit.ChannelShift(2, offset) })
        {
            using StdhaAttention attention = Identity(4, 2, split);
            Assert.Equal(x.data<float>().ToArray(), attention.call(x, frames).data<float>().ToArray());
        }
    }

    /// <summary>
    /// One head of one channel, two tokens, three frames, Δt −1. The class token's value goes back one frame; the patch's stays. With keys of zero the
    /// attention is even, so each token returns the mean of both values.
    /// </summary>
    [Fact]
    public void Token_shift_moves_the_class_token_only()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var attention = new StdhaAttention(1, 1, HeadSplit.TokenShift(1, -1), layer: 0, layers: 1);
        Set(attention, "in_proj_weight", [0, 0, 1]);
        Set(attention, "in_proj_bias", [0, 0, 0]);
        Set(attention, "out_proj.weight", [1]);
        Set(attention, "out_proj.bias", [0]);
        // Class tokens 1 2 3, patches 10 20 30.
        Tensor x = tensor(new float[] { 1, 10, 2, 20, 3, 30 }).reshape(3, 2, 1);
        float[] found = attention.call(x, 3).data<float>().ToArray();
        // Frame 0 has no frame before it and keeps its own class token.
        float[] expected = [(1 + 10) / 2f, (1 + 10) / 2f, (1 + 20) / 2f, (1 + 20) / 2f, (2 + 30) / 2f, (2 + 30) / 2f];
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], found[i], 1e-6);
    }

    /// <summary>
    /// One head of one channel, two tokens, three frames, Δt +1. Queries, keys and values are the tokens themselves, so who asks
    /// shows: frame 0's class token asks 1 where queries stay and 3 where they move, and sees 3 and 4 either way.
    /// </summary>
    [Theory]
    [InlineData(ShiftedParts.KeysAndValues, 1)]
    [InlineData(ShiftedParts.QueriesKeysAndValues, 3)]
    public void Queries_move_only_where_they_are_meant_to(ShiftedParts parts, double query)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using StdhaAttention attention = Identity(1, 1, HeadSplit.Lowest(1) with { Parts = parts });
        Tensor x = tensor(new float[] { 1, 2, 3, 4, 5, 6 }).reshape(3, 2, 1);
        double[] weights = [Math.Exp(query * 3), Math.Exp(query * 4)];
        double expected = (weights[0] * 3 + weights[1] * 4) / weights.Sum();
        Assert.Equal(expected, attention.call(x, 3).data<float>().First(), 1e-5);
    }

    [Fact]
    public void Offsets_of_channels_that_fill_whole_heads_are_offsets_of_heads()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        Tensor x = Backbone.TinyModels.Numbers(1, 1, 6, 3, 12);
        using var heads = Backbone.TinyModels.Filled(new StdhaAttention(12, 3, HeadSplit.Lowest(-1, 1), 0, 1));
        using var channels = Backbone.TinyModels.Filled(new StdhaAttention(12, 3, HeadSplit.ChannelRanges(4, -1, 1), 0, 1));
        using var halves = Backbone.TinyModels.Filled(new StdhaAttention(12, 3, HeadSplit.ChannelRanges(2, -1, -1, 1, 1), 0, 1));
        using var other = Backbone.TinyModels.Filled(new StdhaAttention(12, 3, HeadSplit.ChannelRanges(2, -1, 1), 0, 1));
        Tensor expected = heads.call(x, 3);
        Assert.True(Backbone.TinyModels.Difference(expected, channels.call(x, 3)) < 1e-6);
        Assert.True(Backbone.TinyModels.Difference(expected, halves.call(x, 3)) < 1e-6);
        Assert.True(Backbone.TinyModels.Difference(expected, other.call(x, 3)) > 1e-3);
    }

    [Fact]
    public void Channel_offsets_are_listed_for_every_channel()
    {
        Assert.Equal([-1, -1, 1, 1, 0, 0, 0, 0], HeadSplit.ChannelRanges(2, -1, 1).ChannelOffsets(0, heads: 2, width: 8));
        Assert.Equal([-1, 1, 0, 0, -1, 1, 0, 0], HeadSplit.ChannelShift(1, -1, 1).ChannelOffsets(3, heads: 2, width: 8));
        Assert.Equal([2, 2, 2, 2, 0, 0, 0, 0], HeadSplit.ByLayer([], [2]).ChannelOffsets(1, heads: 2, width: 8));
        Assert.Contains("channel ranges", Assert.Throws<NotSupportedException>(() => HeadSplit.ChannelRanges(2, -1).Offsets(0, 2)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1, OffsetSpan.AcrossHeads, 1, "Channels is -1")]
    [InlineData(0, OffsetSpan.InEveryHead, 1, "inside a head")]
    [InlineData(5, OffsetSpan.AcrossHeads, 2, "2 offsets of 5 channels")]
    [InlineData(3, OffsetSpan.InEveryHead, 2, "a head has 4 channels")]
    [InlineData(1, (OffsetSpan)9, 1, "OffsetSpan")]
    public void Ranges_that_do_not_fit_are_refused(int channels, OffsetSpan span, int count, string expected)
    {
        HeadSplit split = HeadSplit.Lowest(new int[count]) with { Channels = channels, Span = span };
        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => split.Validate(layers: 1, heads: 2, width: 8)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void They_read_as_what_they_are()
    {
        Assert.Equal("−1 +1 × 32 channels", HeadSplit.ChannelRanges(32, -1, 1).ToString());
        Assert.Equal("−1 +1 × 16 channels in every head", HeadSplit.ChannelShift(16, -1, 1).ToString());
        Assert.Equal("−1 × 64 channels of the class token", HeadSplit.TokenShift(64, -1).ToString());
        Assert.Equal("+1, queries too, Wrap at the border", (HeadSplit.Lowest(1) with { Parts = ShiftedParts.QueriesKeysAndValues, Border = BorderRule.Wrap }).ToString());
    }

    private static StdhaAttention Identity(int width, int heads, HeadSplit split)
    {
        var attention = new StdhaAttention(width, heads, split, layer: 0, layers: 1);
        float[] identity = [.. Enumerable.Range(0, width * width).Select(i => i % (width + 1) == 0 ? 1f : 0f)];
        Set(attention, "in_proj_weight", [.. identity, .. identity, .. identity]);
        Set(attention, "in_proj_bias", new float[3 * width]);
        Set(attention, "out_proj.weight", identity);
        Set(attention, "out_proj.bias", new float[width]);
        return attention;
    }

    private static void Set(nn.Module module, string name, float[] values)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        Parameter parameter = module.named_parameters().Single(item => item.name == name).parameter;
        parameter.copy_(tensor(values).reshape(parameter.shape));
    }
}
