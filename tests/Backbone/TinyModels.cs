using TorchSharp.Modules;
using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Stdha;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.Backbone;

/// <summary>Models that run in milliseconds, with numbers from a generator of their own: torch's is shared by all tests.</summary>
internal static class TinyModels
{
    internal static readonly VitOptions Vit = new() { Width = 24, Layers = 2, Heads = 4, PatchSize = 4, Resolution = 12 };

    internal static readonly RecognizerOptions Recognizer = new()
    {
        Backbone = Vit,
        Frames = 3,
        Classes = 5,
        Heads = HeadSplit.Lowest(-1, 1),
        Adapters = new AdapterOptions(),
    };

    internal static Tensor Numbers(int seed, double scale, params long[] shape)
    {
        var random = new Random(seed);
        var values = new float[shape.Aggregate(1L, (a, b) => a * b)];
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)(scale * (2 * random.NextDouble() - 1));
        return tensor(values).reshape(shape);
    }

    internal static Tensor Clips(int seed = 1, int batch = 2, int frames = 3, int resolution = 12) => Numbers(seed, 1.5, batch, 3, frames, resolution, resolution);

    /// <summary>Gives every parameter a number other than zero, norms around one.</summary>
    internal static T Filled<T>(T module, int seed = 7)
        where T : nn.Module
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        foreach ((string name, Parameter parameter) in module.named_parameters())
        {
            Tensor values = Numbers(seed++, 0.2, parameter.shape);
            bool norm = name.Contains("ln_", StringComparison.Ordinal) && name.EndsWith("weight", StringComparison.Ordinal);
            parameter.copy_(norm ? values.add(1) : values);
        }
        module.eval();
        return module;
    }

    /// <summary>Copies the parameters that both have under one name.</summary>
    internal static void CopyShared(nn.Module from, nn.Module to, string prefix = "")
    {
        using var frozen = no_grad();
        Dictionary<string, Parameter> source = from.named_parameters().ToDictionary(item => prefix + item.name, item => item.parameter);
        foreach ((string name, Parameter parameter) in to.named_parameters())
            if (source.TryGetValue(name, out Parameter? value))
                parameter.copy_(value);
    }

    internal static double Difference(Tensor a, Tensor b)
    {
        Assert.Equal(a.shape, b.shape);
        using var scope = NewDisposeScope();
        return a.to(ScalarType.Float64).sub(b.to(ScalarType.Float64)).abs().max().item<double>();
    }
}
