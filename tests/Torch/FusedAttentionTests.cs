using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.Torch;

/// <summary>Attention in one call against its formula, in the shapes and memory layouts that the models use.</summary>
public sealed class FusedAttentionTests
{
    [Theory]
    [InlineData(3, 4, 65, 16)]
    [InlineData(2, 3, 5, 8)]
    [InlineData(2, 2, 37, 20)]
    [InlineData(1, 1, 1, 1)]
    [InlineData(1, 12, 197, 64)]
    [InlineData(1, 1, 600, 8)]
    public void It_equals_the_formula_with_its_gradients(int images, int heads, int tokens, int depth)
    {
        using var scope = NewDisposeScope();
        manual_seed(7);
        // Queries, keys and values as the input projection leaves them: (B, N, 3, h, d).
        Tensor packed = randn([images, tokens, 3, heads, depth]) * 2;
        Tensor weight = randn(images, tokens, heads * depth);
        (Tensor output, Tensor gradient) = Run(packed, weight, (q, k, v) => nn.functional.scaled_dot_product_attention(q, k, v));
        (Tensor expected, Tensor expectedGradient) = Run(packed, weight, (q, k, v) =>
            nn.functional.softmax(q.matmul(k.transpose(-2, -1)) / Math.Sqrt(depth), -1).matmul(v));
        Assert.True(Largest(output - expected) < 2e-5, $"output differs by {Largest(output - expected)}");
        Assert.True(Largest(gradient - expectedGradient) < 1e-4, $"gradient differs by {Largest(gradient - expectedGradient)}");
    }

    [Fact]
    public void Sixteen_bit_numbers_give_the_formula_on_their_values_but_for_rounding_of_weights_and_result()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(7);
        Tensor packed = randn([2, 37, 3, 2, 20], generator: generator).to(ScalarType.BFloat16), weight = randn([2, 37, 40], generator: generator);
        (Tensor output, Tensor gradient) = Run(packed, weight.to(ScalarType.BFloat16), (q, k, v) => nn.functional.scaled_dot_product_attention(q, k, v));
        (Tensor expected, Tensor expectedGradient) = Run(packed.to(ScalarType.Float32), weight.to(ScalarType.BFloat16).to(ScalarType.Float32), (q, k, v) =>
            nn.functional.softmax(q.matmul(k.transpose(-2, -1)) / Math.Sqrt(20), -1).matmul(v));
        Assert.Equal(ScalarType.BFloat16, output.dtype);
        // Half of the last of eight bits; weights, which are rounded where the processor multiplies 16-bit numbers, sum up to one.
        Assert.True(Largest((output.to(ScalarType.Float32) - expected) / (expected.abs() + 1)) < 1.0 / 256, "output");
        double error = Largest((gradient.to(ScalarType.Float32) - expectedGradient) / (expectedGradient.abs() + 1));
        Assert.True(error < 2.0 / 256, $"gradient: {error}");
    }

    [Fact]
    public void Queries_may_be_fewer_than_keys()
    {
        using var scope = NewDisposeScope();
        manual_seed(8);
        Tensor q = randn(2, 2, 1, 16), k = randn(2, 2, 33, 16), v = randn(2, 2, 33, 16);
        Tensor expected = nn.functional.softmax(q.matmul(k.transpose(-2, -1)) / 4, -1).matmul(v);
        Assert.True(Largest(nn.functional.scaled_dot_product_attention(q, k, v) - expected) < 1e-5);
    }

    [Fact]
    public void A_score_far_above_the_others_takes_everything_and_stays_finite()
    {
        using var scope = NewDisposeScope();
        Tensor q = full(1, 1, 1, 4, 100f);
        Tensor k = cat([full(1, 1, 1, 4, 100f), full(1, 1, 2, 4, -100f)], 2);
        Tensor v = arange(12, dtype: ScalarType.Float32).view(1, 1, 3, 4);
        Assert.Equal([0f, 1f, 2f, 3f], nn.functional.scaled_dot_product_attention(q, k, v).data<float>().ToArray());
    }

    private static (Tensor Output, Tensor Gradient) Run(Tensor packed, Tensor weight, Func<Tensor, Tensor, Tensor, Tensor> attention)
    {
        Tensor leaf = packed.detach().clone().requires_grad_();
        Tensor[] parts = leaf.permute(2, 0, 3, 1, 4).unbind(0);
        Tensor output = attention(parts[0], parts[1], parts[2]).transpose(1, 2).reshape(weight.shape);
        (output * weight).sum().backward();
        return (output.detach(), leaf.grad!);
    }

    private static double Largest(Tensor difference) => difference.abs().max().item<float>();
}
