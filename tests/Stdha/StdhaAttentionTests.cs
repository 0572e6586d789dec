using TorchSharp.Modules;
using ZeroI2V.Lab.Stdha;
using ZeroI2V.Lab.Tests.Backbone;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.Stdha;

public sealed class StdhaAttentionTests
{
    /// <summary>
    /// Width 2, two heads of one channel, one token a frame: softmax over a single key is 1, so each head returns the
    /// value that it sees. With the identity as projections the values are the input itself.
    /// </summary>
    [Fact]
    public void Three_frames_by_hand_show_who_sees_whom()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var attention = new StdhaAttention(2, [-1, 1]);
        Set(attention, "in_proj_weight", [1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1]);
        Set(attention, "in_proj_bias", [0, 0, 0, 0, 0, 0]);
        Set(attention, "out_proj.weight", [1, 0, 0, 1]);
        Set(attention, "out_proj.bias", [0, 0]);

        // Two clips of three frames; head 0 holds 1 2 3 and 7 8 9, head 1 ten times that.
        Tensor x = tensor(new float[] { 1, 10, 2, 20, 3, 30, 7, 70, 8, 80, 9, 90 }).reshape(6, 1, 2);
        float[] seen = attention.call(x, 3).data<float>().ToArray();

        // Head 0 sees the frame before (the first sees itself), head 1 the frame after (the last sees itself).
        Assert.Equal([1, 20, 1, 30, 2, 30, 7, 80, 7, 90, 8, 90], seen);
    }

    [Theory]
    [InlineData(new[] { 0, 0, 0 }, BorderRule.OwnFrame)]
    [InlineData(new[] { -1, 1, 0 }, BorderRule.OwnFrame)]
    [InlineData(new[] { -1, -1, 1 }, BorderRule.OwnFrame)]
    [InlineData(new[] { 2, 0, -3 }, BorderRule.OwnFrame)]
    [InlineData(new[] { 0, 5, -4 }, BorderRule.OwnFrame)]
    [InlineData(new[] { 4, -9, 1 }, BorderRule.OwnFrame)]
    [InlineData(new[] { -1, 2, 7 }, BorderRule.Clamp)]
    [InlineData(new[] { -1, 2, 7 }, BorderRule.Wrap)]
    public void Any_offsets_give_what_plain_loops_give(int[] offsets, BorderRule border)
    {
        // Widths in whole vectors are the lab's own kernel's, others libtorch's.
        foreach (int width in (int[])[6, 48])
            TryOffsets(offsets, border, width);
    }

    private static void TryOffsets(int[] offsets, BorderRule border, int width)
    {
        const int Batch = 2, Frames = 4, Tokens = 3;
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var attention = TinyModels.Filled(new StdhaAttention(width, offsets, border));
        Tensor x = TinyModels.Numbers(3, 1, Batch * Frames, Tokens, width);

        float[] found = attention.call(x, Frames).data<float>().ToArray();
        double[] expected = Loops(attention, x.data<float>().ToArray(), offsets, border, Batch, Frames, Tokens, width);

        Assert.Equal(expected.Length, found.Length);
        for (int i = 0; i < found.Length; i++)
            Assert.Equal(expected[i], found[i], 2e-6);
    }

    [Theory]
    [InlineData(new[] { -1, 1, 0, 0 }, BorderRule.OwnFrame, 4)]
    [InlineData(new[] { -2, -2, 3, 3 }, BorderRule.Wrap, 4)]
    [InlineData(new[] { 1, 1, 1, 1 }, BorderRule.Clamp, 4)]
    [InlineData(new[] { -1, 1, -1, 1 }, BorderRule.OwnFrame, 1)]
    public void Frames_moved_in_place_give_what_copied_ones_give_and_leave_the_input_alone(int[] offsets, BorderRule border, int frames)
    {
        using var scope = NewDisposeScope();
        using var attention = TinyModels.Filled(new StdhaAttention(8, offsets, border));
        Tensor x = TinyModels.Numbers(3, 1, 2 * frames, 5, 8), before = x.clone();
        // Autograd records: keys and values are copied.
        Tensor copied = attention.call(x, frames);
        Assert.True(copied.requires_grad);
        using (no_grad())
        {
            Assert.True(TinyModels.Difference(copied, attention.call(x, frames)) < 1e-6);
            // A second time: nothing of the first was kept.
            Assert.True(TinyModels.Difference(copied, attention.call(x, frames)) < 1e-6);
        }
        Assert.Equal(0, TinyModels.Difference(before, x));
    }

    [Fact]
    public void Offsets_reach_only_their_own_clip()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var attention = TinyModels.Filled(new StdhaAttention(4, [-1, 1]));
        Tensor first = TinyModels.Numbers(1, 1, 3, 2, 4), second = TinyModels.Numbers(2, 1, 3, 2, 4);
        Tensor together = attention.call(cat([first, second]), 3);
        Assert.True(TinyModels.Difference(attention.call(first, 3), together.narrow(0, 0, 3)) < 1e-6);
        Assert.True(TinyModels.Difference(attention.call(second, 3), together.narrow(0, 3, 3)) < 1e-6);
    }

    [Fact]
    public void Gradients_follow_the_frames_that_were_seen()
    {
        using var scope = NewDisposeScope();
        using var attention = TinyModels.Filled(new StdhaAttention(4, [-1, -1]));
        Tensor x = TinyModels.Numbers(1, 1, 3, 2, 4).requires_grad_();
        // Frame 1 sees keys and values of frame 0 with queries of its own; frame 2 has no part in it.
        attention.call(x, 3).select(0, 1).mul(TinyModels.Numbers(5, 1, 2, 4)).sum().backward();
        float[] perFrame = x.grad!.abs().sum([1L, 2L]).data<float>().ToArray();
        Assert.True(perFrame[0] > 1e-4);
        Assert.True(perFrame[1] > 1e-6);
        Assert.Equal(0, perFrame[2]);
    }

    [Fact]
    public void Heads_that_do_not_divide_the_width_are_refused()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => new StdhaAttention(8, [0, 0, 0]));
        Assert.Contains("3 heads", error.Message, StringComparison.Ordinal);
        Assert.Contains("width of 8", error.Message, StringComparison.Ordinal);
    }

    private static void Set(nn.Module module, string name, float[] values)
    {
        Parameter parameter = module.named_parameters().Single(item => item.name == name).parameter;
        parameter.copy_(tensor(values).reshape(parameter.shape));
    }

    /// <summary>Attention written as loops over clips, frames, heads and tokens, in double precision.</summary>
    private static double[] Loops(StdhaAttention attention, float[] x, int[] offsets, BorderRule border, int batch, int frames, int tokens, int width)
    {
        Dictionary<string, float[]> p = attention.named_parameters().ToDictionary(item => item.name, item => item.parameter.data<float>().ToArray());
        int heads = offsets.Length, d = width / heads;
        double Project(int frame, int token, int row)
        {
            double sum = p["in_proj_bias"][row];
            for (int c = 0; c < width; c++)
                sum += p["in_proj_weight"][row * width + c] * (double)x[(frame * tokens + token) * width + c];
            return sum;
        }

        var result = new double[batch * frames * tokens * width];
        for (int b = 0; b < batch; b++)
            for (int t = 0; t < frames; t++)
                for (int n = 0; n < tokens; n++)
                {
                    int own = b * frames + t;
                    var joined = new double[width];
                    for (int h = 0; h < heads; h++)
                    {
                        int wanted = t + offsets[h];
                        int source = wanted >= 0 && wanted < frames ? wanted : border switch
                        {
                            BorderRule.OwnFrame => t,
                            BorderRule.Clamp => wanted < 0 ? 0 : frames - 1,
                            _ => ((wanted % frames) + frames) % frames,
                        };
                        int other = b * frames + source;
                        var weights = new double[tokens];
                        for (int m = 0; m < tokens; m++)
                        {
                            double score = 0;
                            for (int c = 0; c < d; c++)
                                score += Project(own, n, h * d + c) * Project(other, m, width + h * d + c);
                            weights[m] = Math.Exp(score / Math.Sqrt(d));
                        }
                        double total = weights.Sum();
                        for (int c = 0; c < d; c++)
                            for (int m = 0; m < tokens; m++)
                                joined[h * d + c] += weights[m] / total * Project(other, m, 2 * width + h * d + c);
                    }
                    for (int row = 0; row < width; row++)
                    {
                        double sum = p["out_proj.bias"][row];
                        for (int c = 0; c < width; c++)
                            sum += p["out_proj.weight"][row * width + c] * joined[c];
                        result[(own * tokens + n) * width + row] = sum;
                    }
                }
        return result;
    }
}
