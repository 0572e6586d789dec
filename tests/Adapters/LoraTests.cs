using TorchSharp.Modules;
using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Stdha;
using ZeroI2V.Lab.Tests.Backbone;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.Adapters;

public sealed class LoraTests
{
    [Fact]
    public void The_update_by_hand()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var update = new LowRankUpdate(2, new LoraOptions { Rank = 1, Alpha = 3 });
        Dictionary<string, Parameter> p = update.named_parameters().ToDictionary(item => item.name, item => item.parameter);
        p["lora_A"].copy_(tensor(new float[] { 1, 2 }).reshape(1, 2));
        p["lora_B"].copy_(tensor(new float[] { 10, 100 }).reshape(2, 1));
        // A·x = 1·5 + 2·7 = 19; times B and 3/1.
        Assert.Equal([570, 5700f], update.call(tensor(new float[] { 5, 7 }).reshape(1, 2)).data<float>().ToArray());
        Assert.Equal([30, 60, 300, 600.0], update.Weight().data<double>().ToArray());
    }

    [Theory]
    [InlineData(LoraTargets.Queries | LoraTargets.Values)]
    [InlineData(LoraTargets.Keys)]
    [InlineData(LoraTargets.Queries | LoraTargets.Keys | LoraTargets.Values)]
    public void Updates_act_on_the_projections_that_they_are_for(LoraTargets targets)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var updated = TinyModels.Filled(new StdhaAttention(12, 3, HeadSplit.Lowest(-1), 0, 1, new LoraOptions { Rank = 2, Alpha = 3, Targets = targets }));
        using var plain = new StdhaAttention(12, 3, HeadSplit.Lowest(-1), 0, 1);
        TinyModels.CopyShared(updated, plain);
        Tensor x = TinyModels.Numbers(3, 1, 6, 4, 12), before = plain.call(x, 3);
        Tensor[] weights = plain.InputWeight.chunk(3);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(targets.HasFlag((LoraTargets)(1 << i)), updated.Updates[i] is not null);
            if (updated.Updates[i] is { } update)
                weights[i].add_(update.Weight().to(ScalarType.Float32));
        }
        Assert.True(TinyModels.Difference(plain.call(x, 3), updated.call(x, 3)) < 1e-5);
        Assert.True(TinyModels.Difference(before, updated.call(x, 3)) > 1e-3);
    }

    [Theory]
    [InlineData(0, 8.0, LoraTargets.Queries, "Rank is 0")]
    [InlineData(25, 8.0, LoraTargets.Queries, "Rank is 25")]
    [InlineData(8, double.NaN, LoraTargets.Queries, "Alpha is NaN")]
    [InlineData(8, 8.0, LoraTargets.None, "Targets are 0")]
    public void Options_that_do_not_fit_are_refused(int rank, double alpha, LoraTargets targets, string expected)
    {
        RecognizerOptions options = TinyModels.Recognizer with { Lora = new LoraOptions { Rank = rank, Alpha = alpha, Targets = targets } };
        Assert.Contains(expected, Assert.Throws<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Separate_adapters_feed_queries_keys_and_values_each()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var options = TinyModels.Recognizer with { Adapters = new AdapterOptions { Places = AdapterPlaces.AttentionInput, SeparateQueryKeyValue = true, Activation = AdapterActivation.Gelu } };
        using var block = TinyModels.Filled(new ResidualBlock(options.Backbone, 0, options));
        Tensor x = TinyModels.Numbers(3, 1, 3, 5, 24);
        Tensor normed = block.Norms.First().call(x);
        Tensor[] weights = block.Attention.InputWeight.chunk(3), biases = block.Attention.InputBias.chunk(3);
        // Δt −1, +1 on the first two of four heads of six channels, frame by frame.
        Tensor[] qkv = [.. block.SeparateInputs!.Select((adapter, i) => nn.functional.linear(adapter.call(normed), weights[i], biases[i]).view(3, 5, 4, 6).transpose(1, 2))];
        var frames = new List<Tensor>();
        for (int t = 0; t < 3; t++)
            frames.Add(cat([.. Enumerable.Range(0, 4).Select(head =>
            {
                int seen = head switch { 0 => Math.Max(t - 1, 0), 1 => Math.Min(t + 1, 2), _ => t };
                Tensor q = qkv[0][t][head], k = qkv[1][seen][head], v = qkv[2][seen][head];
                return q.mm(k.t()).div(Math.Sqrt(6)).softmax(-1).mm(v);
            })], dim: 1));
        Tensor attended = nn.functional.linear(stack([.. frames]), block.Attention.Output.weight, block.Attention.Output.bias);
        Tensor middle = x.add(attended);
        Tensor expected = middle.add(block.Mlp.call(block.Norms.Last().call(middle)));
        Assert.True(TinyModels.Difference(expected, block.call(x, 3)) < 1e-5);
        Assert.Equal(["T_Adapter_in_k", "T_Adapter_in_q", "T_Adapter_in_v"], block.named_children().Select(child => child.name).Where(name => name.Contains("Adapter", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Separate_adapters_need_their_place()
    {
        var options = TinyModels.Recognizer with { Adapters = new AdapterOptions { Places = AdapterPlaces.MlpInput, SeparateQueryKeyValue = true } };
        Assert.Contains("AttentionInput", Assert.Throws<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);
    }
}
