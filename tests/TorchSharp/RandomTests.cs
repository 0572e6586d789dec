using TorchSharp;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.TorchSharp;

/// <summary>Seeds and generators: the same numbers again. Every test has its own generator or restores the default one.</summary>
public sealed class RandomTests
{
    private static readonly Dictionary<string, Func<Generator, Tensor>> Draws = new()
    {
        ["rand"] = g => torch.rand(5, generator: g),
        ["randn"] = g => torch.randn(2, 3, generator: g),
        ["randint"] = g => torch.randint(3, 9, [5L], generator: g),
        ["randperm"] = g => torch.randperm(10, generator: g),
        ["normal"] = g => torch.normal(1, 2, [4L], generator: g),
        ["normal_"] = g => torch.zeros(4).normal_(1, 2, g),
        ["uniform_"] = g => torch.zeros(4).uniform_(1, 2, g),
        ["bernoulli"] = g => torch.full(20, 0.5).bernoulli(g),
        ["multinomial"] = g => torch.ones(6).multinomial(4, generator: g),
        ["trunc_normal_"] = g => nn.init.trunc_normal_(torch.zeros(50), std: 0.02, generator: g),
    };

    public static TheoryData<string> Names => [.. Draws.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_same_seed_gives_the_same_numbers_and_another_seed_others(string name)
    {
        using var scope = NewDisposeScope();
        var draw = Draws[name];
        var (a, b, c) = (draw(new Generator(7)), draw(new Generator(7)), draw(new Generator(8)));
        Assert.True(a.equal(b).ToBoolean());
        Assert.False(a.equal(c).ToBoolean());
    }

    [Fact]
    public void A_generator_goes_on_from_its_saved_state()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        torch.rand(5, generator: generator);
        var state = generator.get_state();
        var expected = torch.rand(5, generator: generator);
        generator.set_state(state);
        Assert.True(torch.rand(5, generator: generator).equal(expected).ToBoolean());
        Assert.Equal(3, generator.initial_seed());
        Assert.False(generator.manual_seed(4).get_state().equal(state).ToBoolean());
    }

    [Fact]
    public void Numbers_stay_in_their_range()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        var uniform = torch.rand(1000, generator: generator);
        Assert.True((uniform >= 0).all().ToBoolean() && (uniform < 1).all().ToBoolean());
        var integers = torch.randint(3, 6, [1000L], generator: generator);
        Assert.Equal(3, integers.min().ToInt64());
        Assert.Equal(5, integers.max().ToInt64());
        var order = torch.randperm(100, generator: generator).sort().Values;
        Assert.True(order.equal(torch.arange(100)).ToBoolean());
        var cut = nn.init.trunc_normal_(torch.zeros(1000), std: 1, a: -0.5, b: 0.5, generator: generator);
        Assert.True((cut.abs() <= 0.5).all().ToBoolean());
        var normal = torch.randn(10000, generator: generator);
        Assert.Equal(0, normal.mean().ToDouble(), 0.05);
        Assert.Equal(1, normal.std().ToDouble(), 0.05);
    }

    [Fact]
    public void Dropout_keeps_the_expected_value()
    {
        using var scope = NewDisposeScope();
        var kept = nn.functional.dropout(torch.ones(10000), 0.25);
        Assert.Equal(1, kept.mean().ToDouble(), 0.05);
        Assert.Equal(0.75, (kept > 0).to(float32).mean().ToDouble(), 0.05);
        Assert.Equal(4 / 3.0, kept.max().ToDouble(), 1e-6);
    }
}
