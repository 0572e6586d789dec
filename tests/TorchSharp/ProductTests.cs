using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.TorchSharp;

/// <summary>Products of so many rows that they are computed in two parts, beside products that are not.</summary>
public sealed class ProductTests
{
    [Theory]
    [InlineData(2048)]
    [InlineData(2049)]
    [InlineData(2560)]
    [InlineData(8224)]
    public void Products_of_any_number_of_rows_are_those_of_wider_numbers(int rows)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(7);
        Tensor x = randn([rows, 48], generator: generator).to(ScalarType.BFloat16), y = randn([48, 32], generator: generator).to(ScalarType.BFloat16);
        Tensor expected = x.to(ScalarType.Float32).matmul(y.to(ScalarType.Float32));

        // Both ways that a matrix may lie, and a part of a wider one.
        foreach (Tensor left in (Tensor[])[x, x.t().contiguous().t(), cat([x, x], 1).narrow(1, 48, 48)])
        {
            Tensor found = left.matmul(y);
            Assert.Equal([rows, 32], found.shape);
            Assert.Equal(ScalarType.BFloat16, found.dtype);
            // Of sums of 48 numbers, eight bits.
            Assert.True(found.to(ScalarType.Float32).sub(expected).abs().max().item<float>() <= expected.abs().max().item<float>() / 256);
        }
    }

    [Fact]
    public void Their_gradients_are_too()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(7);
        Tensor x = randn([3000, 16], generator: generator), y = randn([16, 8], generator: generator), direction = randn([3000, 8], generator: generator);
        Tensor[] wide = Gradients(ScalarType.Float32), half = Gradients(ScalarType.BFloat16);
        for (int i = 0; i < 2; i++)
            Assert.True(half[i].sub(wide[i]).abs().max().item<float>() <= wide[i].abs().max().item<float>() / 64);

        Tensor[] Gradients(ScalarType type)
        {
            Tensor left = x.clone().requires_grad_(), right = y.clone().requires_grad_();
            left.to(type).matmul(right.to(type)).backward([direction.to(type)]);
            return [left.grad!, right.grad!];
        }
    }
}
