using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.TorchSharp;

/// <summary>silu of 16-bit numbers, and dropout. They use the global generator.</summary>
[Collection(nameof(Training.TrainerTests))]
public sealed class PointwiseTests
{
    [Theory]
    [InlineData(5)]
    [InlineData(16)]
    [InlineData(100_003)]
    public void Silu_of_16_bit_numbers_is_that_of_their_values_rounded_with_its_derivative(int count)
    {
        using var scope = NewDisposeScope();
        Tensor numbers = linspace(-12, 12, count).to(ScalarType.BFloat16), weight = linspace(1, -1, count).to(ScalarType.BFloat16);
        Tensor x = numbers.clone().requires_grad_(), exact = numbers.to(ScalarType.Float32).requires_grad_();
        Tensor y = nn.functional.silu(x), expected = nn.functional.silu(exact);
        y.backward([weight]);
        expected.backward([weight.to(ScalarType.Float32)]);
        Assert.Equal(ScalarType.BFloat16, y.dtype);
        Assert.True(Largest(y, expected) < 1.0 / 256);
        Assert.True(Largest(x.grad!, exact.grad!) < 1.0 / 256);
    }

    [Theory]
    [InlineData(ScalarType.Float32, 0.25)]
    [InlineData(ScalarType.BFloat16, 0.5)]
    [InlineData(ScalarType.Float64, 0.1)]
    public void Dropout_drops_its_share_and_keeps_the_mean_and_its_gradient_has_the_same_mask(ScalarType type, double p)
    {
        using var scope = NewDisposeScope();
        // Not whole vectors.
        Tensor x = ones([1003, 101]).to(type).requires_grad_();
        manual_seed(5);
        Tensor y = nn.functional.dropout(x, p);
        y.sum().backward();
        double kept = y.detach().ne(0).to(ScalarType.Float64).mean().item<double>();
        // Five standard deviations.
        Assert.Equal(1 - p, kept, 5 * Math.Sqrt(p * (1 - p) / x.NumberOfElements));
        Assert.Equal(1 / (1 - p), y.detach().to(ScalarType.Float64).max().item<double>(), type == ScalarType.BFloat16 ? 0.01 : 1e-6);
        Assert.True(y.detach().eq(x.grad!).all().item<bool>());
        manual_seed(5);
        Assert.True(nn.functional.dropout(x, p).eq(y).all().item<bool>());
        Tensor other = nn.functional.dropout(x, p).ne(0).to(ScalarType.Float64), mask = y.detach().ne(0).to(ScalarType.Float64);
        // Two draws agree as often as independent ones.
        Assert.Equal((p * p) + ((1 - p) * (1 - p)), other.eq(mask).to(ScalarType.Float64).mean().item<double>(), 0.01);
        // So do neighbours, and places some way apart.
        foreach (int apart in (int[])[1, 2, 16, 101])
        {
            Tensor flat = mask.flatten();
            double together = flat.narrow(0, 0, flat.shape[0] - apart).eq(flat.narrow(0, apart, flat.shape[0] - apart)).to(ScalarType.Float64).mean().item<double>();
            Assert.Equal((p * p) + ((1 - p) * (1 - p)), together, 0.01);
        }
    }

    [Fact]
    public void Dropout_takes_what_has_no_order_in_memory_and_leaves_evaluation_as_it_is()
    {
        using var scope = NewDisposeScope();
        Tensor x = arange(1, 61, dtype: ScalarType.Float32).view(6, 10).t(), y = nn.functional.dropout(x, 0.5);
        Assert.True(y.eq(0).logical_or(y.eq(x.mul(2))).all().item<bool>());
        Assert.True(nn.functional.dropout(x, 0.5, training: false).eq(x).all().item<bool>());
        Assert.True(nn.functional.dropout(x, 1).eq(0).all().item<bool>());
        Assert.True(nn.functional.dropout(x, 0).eq(x).all().item<bool>());
    }

    private static double Largest(Tensor found, Tensor expected) =>
        found.detach().to(ScalarType.Float32).sub(expected.detach()).div(expected.detach().abs().add(0.1)).abs().max().item<float>();
}
