using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace ZeroI2V.Lab.Tests.TorchSharp;

/// <summary>Products of 32-bit floats, of sizes that different libraries compute, beside products of 64-bit ones.</summary>
public sealed class FloatProductTests
{
    /// <summary>Rows, what is summed over, columns: none, few, those of a model, and such as fill no block.</summary>
    public static TheoryData<int, int, int> Sizes { get; } = new()
    {
        { 0, 64, 64 }, { 1, 768, 768 }, { 3, 5, 7 }, { 15, 768, 400 }, { 16, 256, 256 }, { 197, 768, 192 },
        { 192, 1576, 768 }, { 257, 1024, 96 }, { 333, 1001, 67 }, { 1576, 192, 768 }, { 64, 3072, 768 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Matrices_are_multiplied_whichever_way_they_lie(int rows, int depth, int columns)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(7);
        Tensor x = randn([rows, depth], generator: generator), y = randn([depth, columns], generator: generator);
        foreach (Tensor left in Ways(x))
        {
            foreach (Tensor right in Ways(y))
            {
                Tensor found = left.mm(right);
                Assert.Equal(ScalarType.Float32, found.dtype);
                Assert.True(found.is_contiguous());
                Near(found, left, right);
                Assert.True(found.equal(left.mm(right)).all().item<bool>(), "The same product gives the same numbers.");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void What_is_added_is_added_in_every_form_that_fits(int rows, int depth, int columns)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(7);
        Tensor x = randn([rows, depth], generator: generator), weight = randn([columns, depth], generator: generator), bias = randn([columns], generator: generator);
        Tensor whole = randn([rows, columns], generator: generator), column = randn([rows, 1], generator: generator), one = randn([1], generator: generator);
        foreach (Tensor added in (Tensor[])[bias, whole, column, one, whole.t().contiguous().t()])
        {
            Tensor before = added.clone();
            foreach ((float beta, float alpha) in ((float, float)[])[(1, 1), (1, 1.702f), (0.5f, 1), (0, 2), (-1, 0)])
                Near(added.addmm(x, weight.t(), beta, alpha), x, weight.t(), added, beta, alpha);
            Assert.True(added.equal(before).all().item<bool>());
        }
        Near(F.linear(x, weight, bias), x, weight.t(), bias);
        Near(F.linear(x.unsqueeze(0), weight, bias).squeeze(0), x, weight.t(), bias);
    }

    [Fact]
    public void Gradients_are_those_of_wider_numbers()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(7);
        Tensor x = randn([197, 768], generator: generator), weight = randn([192, 768], generator: generator), bias = randn([192], generator: generator);
        Tensor direction = randn([197, 192], generator: generator);
        Tensor[] wide = Gradients(ScalarType.Float64), found = Gradients(ScalarType.Float32);
        for (int i = 0; i < 3; i++)
            Assert.True(found[i].to(ScalarType.Float64).sub(wide[i]).abs().max().item<double>() <= 1e-5 * wide[i].abs().max().item<double>());

        Tensor[] Gradients(ScalarType type)
        {
            Tensor[] leaves = [.. new[] { x, weight, bias }.Select(leaf => leaf.to(type).detach().clone().requires_grad_())];
            F.linear(leaves[0], leaves[1], leaves[2]).backward([direction.to(type)]);
            return [.. leaves.Select(leaf => leaf.grad!)];
        }
    }

    [Fact]
    public void A_weight_is_multiplied_as_it_is_now()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var generator = new Generator(7);
        Tensor weight = randn([512, 384], generator: generator), other = randn([512, 384], generator: generator);
        Tensor x = randn([64, 384], generator: generator), gradient = randn([64, 512], generator: generator), bias = randn([512], generator: generator);
        Action[] changes =
        [
            () => { },
            () => weight.mul_(2),
            () => weight.narrow(0, 100, 1).zero_(),
            () => weight.detach().t().add_(1),
            () => weight.copy_(other),
            () => weight.bytes.Fill(0x3f),
            () => weight.data<float>()[3, 5] = 1000f,
        ];
        foreach (Action change in changes)
        {
            change();
            for (int time = 0; time < 3; time++)
            {
                Near(x.matmul(weight.t()), x, weight.t());
                Near(F.linear(x, weight, bias), x, weight.t(), bias);
                Near(gradient.matmul(weight), gradient, weight);
            }
        }
    }

    /// <summary>The result's memory held something else before; what is not a number in a factor reaches its row or column alone.</summary>
    [Fact]
    public void Only_the_factors_count()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(7);
        Tensor x = randn([256, 512], generator: generator), y = randn([512, 384], generator: generator);
        for (int time = 0; time < 4; time++)
        {
            full([256, 384], float.NaN).Dispose();
            Near(x.mm(y), x, y);
        }
        x.narrow(0, 17, 1).narrow(1, 3, 1).fill_(float.NaN);
        Tensor wrong = x.mm(y).isnan();
        Assert.True(wrong[17].all().item<bool>());
        Assert.Equal(384, wrong.sum().item<long>());
    }

    [Fact]
    public void Another_thread_computes_the_same()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(7);
        Tensor x = randn([394, 768], generator: generator), y = randn([768, 512], generator: generator), here = x.mm(y);
        bool same = false;
        var thread = new Thread(() =>
        {
            using Tensor there = x.mm(y), equal = there.equal(here), all = equal.all();
            same = all.item<bool>();
        });
        thread.Start();
        thread.Join();
        Assert.True(same);
    }

    [Fact]
    public void Matrices_that_do_not_fit_are_refused()
    {
        using var scope = NewDisposeScope();
        Tensor x = zeros([256, 512]), y = zeros([384, 512]), bias = zeros([100]);
        Assert.ThrowsAny<Exception>(() => x.mm(y));
        Assert.ThrowsAny<Exception>(() => bias.addmm(x, y.t()));
        Assert.ThrowsAny<Exception>(() => x.mm(y.t().to(ScalarType.Float64)));
    }

    /// <summary>As it is, the other way round in memory, and a part of a wider matrix.</summary>
    private static Tensor[] Ways(Tensor x) => [x, x.t().contiguous().t(), cat([x, x], 1).narrow(1, 0, x.shape[1]), cat([x, x], 0).t().contiguous().t().narrow(0, 0, x.shape[0])];

    /// <summary>A sum of n products in 32 bits is off by no more than (n + 2)·2⁻²⁴ of the sum of their sizes.</summary>
    private static void Near(Tensor found, Tensor x, Tensor y, Tensor? added = null, double beta = 1, double alpha = 1)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        Tensor a = x.to(ScalarType.Float64), b = y.to(ScalarType.Float64);
        Tensor expected = a.mm(b).mul(alpha), sizes = a.abs().mm(b.abs()).mul(Math.Abs(alpha));
        if (added is not null)
        {
            Tensor c = added.to(ScalarType.Float64).mul(beta);
            (expected, sizes) = (expected.add(c), sizes.add(c.abs()));
        }
        Assert.Equal(expected.shape, found.shape);
        Assert.True(found.to(ScalarType.Float64).sub(expected).abs().le(sizes.mul((x.shape[1] + 2) * Math.Pow(2, -24))).all().item<bool>());
    }
}
