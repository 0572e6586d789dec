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

    /// <summary>A matrix that comes again is multiplied packed: the same numbers, of parts of a storage and of few rows too.</summary>
    [Fact]
    public void A_weight_that_comes_again_gives_the_same_to_the_last_bit()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var generator = new Generator(7);
        Tensor storage = Half(generator, 1100, 320);
        foreach (Tensor weight in (Tensor[])[storage, storage.narrow(0, 0, 320), storage.narrow(0, 64, 512)])
        {
            foreach (bool transposed in (bool[])[true, false])
            {
                Tensor factor = transposed ? weight.t() : weight;
                foreach (int rows in (int[])[197, 16, 15, 1, 394, 2100])
                {
                    Tensor x = Half(generator, rows, (int)factor.shape[0]), fresh = weight.clone(), expected = x.matmul(transposed ? fresh.t() : fresh);
                    for (int time = 0; time < 3; time++)
                        Assert.True(x.matmul(factor).equal(expected).all().item<bool>(), $"{rows} rows, transposed {transposed}, time {time}");
                    Near(x, factor, expected);
                }
            }
        }
    }

    [Fact]
    public void A_weight_that_changes_in_whatever_way_is_multiplied_as_it_is_now()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var generator = new Generator(7);
        Tensor weight = Half(generator, 512, 384), other = Half(generator, 512, 384), x = Half(generator, 64, 384), gradient = Half(generator, 64, 512);
        Action[] changes =
        [
            () => weight.mul_(2),
            () => weight.narrow(0, 100, 1).zero_(),
            () => weight.detach().t().add_(1),
            () => weight.copy_(other),
            () => weight.bytes.Fill(0x3f),
            () => other.bytes.CopyTo(weight.bytes),
            () => weight.data<global::TorchSharp.BFloat16>()[3, 5] = (global::TorchSharp.BFloat16)1000f,
        ];
        foreach (Action change in changes)
        {
            Multiply();
            change();
            Multiply();
        }

        void Multiply()
        {
            for (int time = 0; time < 3; time++)
            {
                Near(x, weight.t(), x.matmul(weight.t()));
                Near(gradient, weight, gradient.matmul(weight));
            }
        }
    }

    [Fact]
    public void Weights_that_follow_others_in_the_same_memory_are_their_own()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var generator = new Generator(7);
        Tensor x = Half(generator, 64, 512);
        for (int model = 0; model < 8; model++)
        {
            using Tensor weight = Half(generator, 512, 512);
            for (int time = 0; time < 3; time++)
                Near(x, weight, x.matmul(weight));
        }
    }

    private static Tensor Half(Generator generator, int rows, int columns) => randn([rows, columns], generator: generator).to(ScalarType.BFloat16);

    /// <summary>Sums of some hundred 16-bit numbers' products in 32 bits, rounded to eight bits of their own size.</summary>
    private static void Near(Tensor x, Tensor y, Tensor found)
    {
        using var scope = NewDisposeScope();
        Tensor expected = x.to(ScalarType.Float32).matmul(y.to(ScalarType.Float32));
        Assert.True(found.to(ScalarType.Float32).sub(expected).abs().max().item<float>() <= expected.abs().max().item<float>() / 200);
    }
}
