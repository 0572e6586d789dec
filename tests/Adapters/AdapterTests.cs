using System.Numerics;
using TorchSharp.Modules;
using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Tests.Backbone;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.Adapters;

public sealed class AdapterTests
{
    [Fact]
    public void A_fresh_adapter_changes_nothing()
    {
        using var scope = NewDisposeScope();
        using var adapter = new Adapter(8, new AdapterOptions());
        Tensor x = TinyModels.Numbers(1, 3, 5, 8);
        Assert.Equal(0, TinyModels.Difference(x, adapter.call(x)));
    }

    [Fact]
    public void It_adds_the_scaled_bottleneck_by_hand()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var adapter = new Adapter(2, new AdapterOptions { BottleneckRatio = 0.5, Scale = 0.5 });
        adapter.eval();
        float[][] values = [[1, 2], [3], [4, 5], [6, 7]]; // W1, b1, W2, b2
        string[] names = ["D_fc1.weight", "D_fc1.bias", "D_fc2.weight", "D_fc2.bias"];
        foreach (var (name, parameter) in adapter.named_parameters())
            parameter.copy_(tensor(values[Array.IndexOf(names, name)]).reshape(parameter.shape));
        // h = 1·10 + 2·20 + 3 = 53; x + 0.5·(4·53 + 6, 5·53 + 7)
        Assert.Equal([10 + 109f, 20 + 136f], adapter.call(tensor(new float[] { 10, 20 }).reshape(1, 2)).data<float>().ToArray());
    }

    /// <summary>A block over three frames written out, with adapters in some of the four places.</summary>
    [Theory]
    [InlineData(AdapterPlaces.None)]
    [InlineData(AdapterPlaces.AttentionInput)]
    [InlineData(AdapterPlaces.AttentionOutput)]
    [InlineData(AdapterPlaces.MlpInput)]
    [InlineData(AdapterPlaces.MlpOutput)]
    [InlineData(AdapterPlaces.AttentionOutput | AdapterPlaces.MlpInput)]
    [InlineData(AdapterPlaces.All)]
    public void A_block_has_adapters_in_the_places_that_are_asked_for(AdapterPlaces places)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        RecognizerOptions options = TinyModels.Recognizer with { Adapters = new AdapterOptions { Places = places, Scale = 0.7 } };
        using var block = TinyModels.Filled(new ResidualBlock(options.Backbone, 0, options));
        Dictionary<string, Parameter> p = block.named_parameters().ToDictionary(item => item.name, item => item.parameter);
        Tensor x = TinyModels.Numbers(3, 1, 3, 5, 24); // T 3, N 5
        Tensor attended = block.Attention.call(At(AdapterPlaces.AttentionInput, "T_Adapter_in", block.Norms.First().call(x)), 3);
        Tensor middle = x.add(At(AdapterPlaces.AttentionOutput, "S_Adapter", attended));
        Tensor processed = block.Mlp.call(At(AdapterPlaces.MlpInput, "MLP_Adapter", block.Norms.Last().call(middle)));
        Tensor expected = middle.add(At(AdapterPlaces.MlpOutput, "MLP_Adapter_out", processed));
        Assert.True(TinyModels.Difference(expected, block.call(x, 3)) < 1e-5);
        Assert.Equal(4 * BitOperations.PopCount((uint)places), p.Keys.Count(name => name.Contains("Adapter", StringComparison.Ordinal)));

        Tensor At(AdapterPlaces place, string name, Tensor input) => !places.HasFlag(place) ? input : input.add(
            nn.functional.linear(nn.functional.linear(input, p[name + ".D_fc1.weight"], p[name + ".D_fc1.bias"]), p[name + ".D_fc2.weight"], p[name + ".D_fc2.bias"]) * 0.7);
    }

    [Fact]
    public void Dropout_acts_in_training_only()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var adapter = TinyModels.Filled(new Adapter(64, new AdapterOptions { Dropout = 0.5 }));
        Tensor x = TinyModels.Numbers(1, 1, 4, 64);
        Tensor quiet = adapter.call(x);
        Assert.Equal(0, TinyModels.Difference(quiet, adapter.call(x)));
        adapter.train();
        Assert.True(TinyModels.Difference(quiet, adapter.call(x)) > 1e-3);
    }

    [Fact]
    public void With_gelu_it_is_no_longer_affine()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        Tensor x = TinyModels.Numbers(1, 1, 4, 8), zero = zeros(4, 8);
        Assert.True(Curvature(AdapterActivation.None) < 1e-5);
        Assert.True(Curvature(AdapterActivation.Gelu) > 1e-3);

        // f(2x) − 2f(x) + f(0) is zero for affine maps.
        double Curvature(AdapterActivation activation)
        {
            using var adapter = TinyModels.Filled(new Adapter(8, new AdapterOptions { Activation = activation }));
            return adapter.call(x * 2).sub(adapter.call(x) * 2).add(adapter.call(zero)).abs().max().item<float>();
        }
    }

    [Theory]
    [InlineData(0.0, 0.1)]
    [InlineData(double.NaN, 0.1)]
    [InlineData(0.001, 0.1)]
    [InlineData(0.25, 1.0)]
    [InlineData(0.25, -0.1)]
    public void Options_out_of_range_are_refused(double ratio, double dropout) =>
        Assert.Throws<ArgumentException>(() => new AdapterOptions { BottleneckRatio = ratio, Dropout = dropout }.Validate(64));
}
