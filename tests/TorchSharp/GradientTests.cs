using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace ZeroI2V.Lab.Tests.TorchSharp;

/// <summary>Gradients against central differences in double precision.</summary>
public sealed class GradientTests
{
    private static readonly Dictionary<string, Func<Tensor, Tensor>> Functions = new()
    {
        ["add"] = x => x + x * 2,
        ["sub"] = x => 1 - x,
        ["mul"] = x => x * x,
        ["div"] = x => 1 / (x + 3),
        ["pow"] = x => (x + 3).pow(1.5),
        ["sqrt"] = x => (x + 3).sqrt(),
        ["rsqrt"] = x => (x + 3).rsqrt(),
        ["exp"] = x => x.exp(),
        ["log"] = x => (x + 3).log(),
        ["abs"] = x => (x + 3).abs(),
        ["sin"] = x => x.sin(),
        ["cos"] = x => x.cos(),
        ["tanh"] = x => x.tanh(),
        ["sigmoid"] = x => x.sigmoid(),
        ["erf"] = x => x.erf(),
        ["silu"] = x => x.silu(),
        ["gelu"] = x => x.gelu(),
        ["quick gelu"] = x => x * (x * 1.702).sigmoid(),
        ["softmax"] = x => x.softmax(-1) * Weights(3, 4),
        ["log_softmax"] = x => x.log_softmax(0) * Weights(3, 4),
        ["logsumexp"] = x => x.logsumexp(1),
        ["matmul"] = x => x.matmul(Weights(4, 2)),
        ["bmm"] = x => x.reshape(3, 2, 2).bmm(Weights(3, 2, 5)),
        ["baddbmm"] = x => x.reshape(3, 2, 2).baddbmm(x.reshape(3, 2, 2), Weights(3, 2, 2), beta: 0.5f, alpha: 2),
        ["addmm"] = x => Weights(3, 2).addmm(x, Weights(4, 2)),
        ["einsum"] = x => torch.einsum("ij,kj->ik", x, Weights(2, 4)),
        ["outer"] = x => x.flatten().outer(Weights(2)),
        ["sum"] = x => x.sum(1L) * x.sum(1L),
        ["mean"] = x => x.mean([0L]).pow(2),
        ["var"] = x => x.var(1),
        ["std"] = x => x.std(1),
        ["norm"] = x => x.norm(),
        ["amax"] = x => x.amax(1),
        ["max"] = x => x.max(1).values,
        ["minimum"] = x => x.minimum(Weights(3, 4)),
        ["clamp"] = x => x.clamp(-0.5, 0.5),
        ["lerp"] = x => x.lerp(Weights(3, 4), Weights(3, 4).sigmoid()),
        ["where"] = x => torch.where(Weights(3, 4) > 0, x * x, x),
        ["masked_fill"] = x => x.masked_fill(Weights(3, 4) > 0, 0) * Weights(3, 4),
        ["cumsum"] = x => x.cumsum(1) * Weights(3, 4),
        ["permute"] = x => x.permute(1, 0) * Weights(4, 3),
        ["expand"] = x => x.unsqueeze(0).expand(2, -1, -1) * Weights(2, 3, 4),
        ["repeat"] = x => x.repeat(2, 1) * Weights(6, 4),
        ["roll"] = x => x.roll(1, 0) * Weights(3, 4),
        ["flip"] = x => x.flip(0) * Weights(3, 4),
        ["cat"] = x => torch.cat([x, x * 2], 1) * Weights(3, 8),
        ["stack"] = x => torch.stack([x, x * 2]) * Weights(2, 3, 4),
        ["chunk"] = x => x.chunk(2, 1)[1] * Weights(3, 2),
        ["narrow"] = x => x.narrow(1, 1, 2) * Weights(3, 2),
        ["select"] = x => x.select(0, 1) * Weights(4),
        ["index"] = x => x[TensorIndex.Slice(0, 2), TensorIndex.Tensor(torch.tensor(new long[] { 3, 0 }))] * Weights(2, 2),
        ["index_select"] = x => x.index_select(0, torch.tensor(new long[] { 2, 2, 0 })) * Weights(3, 4),
        ["gather"] = x => x.gather(1, torch.tensor(new long[] { 3, 1, 0 }).reshape(3, 1)) * Weights(3, 1),
        ["pad"] = x => F.pad(x, (1, 2)) * Weights(3, 7),
        ["linear"] = x => F.linear(x, Weights(5, 4), Weights(5)),
        ["layer_norm"] = x => F.layer_norm(x, [4], Weights(4), Weights(4)) * Weights(3, 4),
        ["conv2d"] = x => F.conv2d(x.reshape(1, 1, 3, 4), Weights(2, 1, 2, 2), Weights(2)),
        ["cross_entropy"] = x => F.cross_entropy(x, torch.tensor(new long[] { 0, 3, 1 }), label_smoothing: 0.1),
        ["binary_cross_entropy_with_logits"] = x => F.binary_cross_entropy_with_logits(x, Weights(3, 4).sigmoid()),
        ["mse_loss"] = x => F.mse_loss(x, Weights(3, 4)),
        ["smooth_l1_loss"] = x => F.smooth_l1_loss(x, Weights(3, 4)),
        ["normalize"] = x => F.normalize(x) * Weights(3, 4),
        ["interpolate bilinear"] = x => F.interpolate(x.reshape(1, 1, 3, 4), size: [5, 2], mode: InterpolationMode.Bilinear) * Weights(1, 1, 5, 2),
        ["interpolate bicubic"] = x => F.interpolate(x.reshape(1, 1, 3, 4), size: [5, 2], mode: InterpolationMode.Bicubic) * Weights(1, 1, 5, 2),
        ["attention, queries"] = x => F.scaled_dot_product_attention(x.reshape(1, 1, 3, 4), Weights(1, 1, 5, 4), Weights(1, 1, 5, 2)) * Weights(1, 1, 3, 2),
        ["attention, keys"] = x => F.scaled_dot_product_attention(Weights(1, 1, 5, 4), x.reshape(1, 1, 3, 4), Weights(1, 1, 3, 2)) * Weights(1, 1, 5, 2),
        ["attention, values"] = x => F.scaled_dot_product_attention(Weights(1, 1, 5, 2), Weights(1, 1, 3, 2), x.reshape(1, 1, 3, 4)) * Weights(1, 1, 5, 4),
    };

    public static TheoryData<string> Names => [.. Functions.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Equals_the_central_difference(string name)
    {
        using var scope = NewDisposeScope();
        var function = Functions[name];
        var start = Start();
        var x = start.clone().requires_grad_();
        function(x).sum().backward();
        var analytic = x.grad!.data<double>().ToArray();

        const double step = 1e-6;
        for (var i = 0; i < analytic.Length; i++)
        {
            var numeric = (At(i, step) - At(i, -step)) / (2 * step);
            Assert.Equal(numeric, analytic[i], 1e-6 * Math.Max(1, Math.Abs(numeric)));
        }

        double At(int place, double change)
        {
            using var inner = NewDisposeScope();
            using var mode = no_grad();
            var moved = start.clone();
            moved.data<double>()[place] += change;
            return function(moved).sum().ToDouble();
        }
    }

    [Fact]
    public void Gradients_accumulate_until_they_are_dropped()
    {
        using var scope = NewDisposeScope();
        var x = torch.tensor(new[] { 1.0, 2.0 }).requires_grad_();
        Assert.Null(x.grad);
        (x * 3).sum().backward();
        (x * 3).sum().backward();
        Assert.Equal([6, 6], x.grad!.data<double>().ToArray());
        x.grad = null;
        Assert.Null(x.grad);
    }

    [Fact]
    public void Autograd_grad_leaves_the_leaves_alone()
    {
        using var scope = NewDisposeScope();
        var x = torch.tensor(3.0, requires_grad: true);
        var y = x * x;
        var found = autograd.grad([y], [x]);
        Assert.Equal(6, found[0].ToDouble());
        Assert.Null(x.grad);
    }

    [Fact]
    public void Gradients_of_gradients()
    {
        using var scope = NewDisposeScope();
        var x = torch.tensor(2.0, requires_grad: true);
        var first = autograd.grad([x.pow(3)], [x], create_graph: true)[0];
        var second = autograd.grad([first], [x])[0];
        Assert.Equal(12, first.ToDouble());
        Assert.Equal(12, second.ToDouble());
    }

    [Fact]
    public void Backward_takes_the_gradient_of_what_comes_after()
    {
        using var scope = NewDisposeScope();
        var x = torch.tensor(new[] { 1.0, 2.0 }).requires_grad_();
        (x * x).backward([torch.tensor(new[] { 1.0, 10.0 })]);
        Assert.Equal([2, 40], x.grad!.data<double>().ToArray());
    }

    [Fact]
    public void A_result_keeps_its_gradient_when_asked_to()
    {
        using var scope = NewDisposeScope();
        var x = torch.tensor(new[] { 1.0, 2.0 }).requires_grad_();
        var middle = x * 2;
        middle.retain_grad();
        (middle * 5).sum().backward();
        Assert.True(x.is_leaf);
        Assert.False(middle.is_leaf);
        Assert.Equal([5, 5], middle.grad!.data<double>().ToArray());
    }

    [Fact]
    public void A_graph_can_be_used_twice_only_when_it_was_kept()
    {
        using var scope = NewDisposeScope();
        var x = torch.tensor(2.0, requires_grad: true);
        var y = x * x;
        y.backward(retain_graph: true);
        y.backward();
        Assert.Equal(8, x.grad!.ToDouble());
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => y.backward());
    }

    [Fact]
    public void Nothing_is_recorded_without_gradients()
    {
        using var scope = NewDisposeScope();
        var x = torch.tensor(2.0, requires_grad: true);
        Assert.True(is_grad_enabled());
        using (no_grad())
        {
            Assert.False(is_grad_enabled());
            Assert.False((x * 2).requires_grad);
            using (enable_grad())
                Assert.True((x * 2).requires_grad);
            Assert.False(is_grad_enabled());
        }
        using (set_grad_enabled(false))
            Assert.False((x * 2).requires_grad);
        using (inference_mode())
        {
            Assert.True(is_inference_mode_enabled());
            Assert.False((x * 2).requires_grad);
        }
        Assert.True((x * 2).requires_grad);
        Assert.False(x.detach().requires_grad);
    }

    [Fact]
    public void Gradient_mode_belongs_to_a_thread()
    {
        using var mode = no_grad();
        var elsewhere = false;
        var thread = new Thread(() => elsewhere = is_grad_enabled());
        thread.Start();
        thread.Join();
        Assert.True(elsewhere);
        Assert.False(is_grad_enabled());
    }

    private static Tensor Start()
    {
        using var generator = new Generator(5);
        return torch.rand(3, 4, float64, generator: generator).mul_(3).sub_(1.5);
    }

    /// <summary>The same numbers for the same shape, whatever was drawn before.</summary>
    private static Tensor Weights(params long[] shape)
    {
        using var generator = new Generator(11);
        return torch.randn(shape, float64, generator: generator);
    }
}
