using TorchSharp.Modules;
using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Stdha;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.Backbone;

public sealed class PrecisionTests
{
    public static TheoryData<string> Methods => [.. AdaptationMethod.All.Where(method => method.Key is not ("lora" or "full-tuning")).Select(method => method.Key)];

    [Theory]
    [MemberData(nameof(Methods))]
    public void Frozen_blocks_in_sixteen_bits_train_nearly_the_same_gradients_in_32(string method)
    {
        using var scope = NewDisposeScope();
        RecognizerOptions options = AdaptationMethod.Named(method).Apply(TinyModels.Recognizer) with { HeadDropout = 0 };
        using var model = TinyModels.Filled(new VideoRecognizer(options));
        (Tensor exact, Dictionary<string, Tensor> exactGradients) = Step(model);
        model.Cast(Precision.BFloat16);
        (Tensor rounded, Dictionary<string, Tensor> gradients) = Step(model);

        Assert.Equal(ScalarType.Float32, rounded.dtype);
        Assert.True(Relative(rounded, exact) < 0.02, $"logits {Relative(rounded, exact)}");
        Assert.Equal(exactGradients.Keys, gradients.Keys);
        foreach ((string name, Tensor gradient) in gradients)
        {
            Assert.Equal(ScalarType.Float32, gradient.dtype);
            Assert.True(Relative(gradient, exactGradients[name]) < 0.1, $"{name} {Relative(gradient, exactGradients[name])}");
        }
    }

    [Fact]
    public void Weights_are_cast_once_and_norms_and_embeddings_never()
    {
        using var model = new VideoRecognizer(TinyModels.Recognizer);
        using (NewDisposeScope())
            model.Cast(Precision.BFloat16);
        foreach ((string name, Parameter parameter) in model.named_parameters())
        {
            bool cast = name.Contains(".attn.", StringComparison.Ordinal) || name.Contains(".mlp.", StringComparison.Ordinal);
            Assert.Equal(cast ? ScalarType.BFloat16 : ScalarType.Float32, parameter.dtype);
        }
    }

    [Fact]
    public void Blocks_that_train_are_not_cast()
    {
        using var model = new VideoRecognizer(AdaptationMethod.FullTuning.Apply(TinyModels.Recognizer));
        Assert.Contains("blocks that train", Assert.Throws<NotSupportedException>(() => model.Cast(Precision.BFloat16)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_before_the_first_adapter_is_recorded_for_a_backward_pass()
    {
        using var scope = NewDisposeScope();
        RecognizerOptions options = TinyModels.Recognizer with { TemporalEmbedding = false, Heads = HeadSplit.Lowest(-1, 1), Adapters = new AdapterOptions { Places = AdapterPlaces.MlpInput } };
        using var model = new VideoRecognizer(options);
        TrainableParameters.Freeze(model);
        bool? attended = null;
        using (new BlockTap(model.Backbone, 0, (point, x) => attended = point == BlockPoint.AttentionOutput ? x.requires_grad : attended))
            Assert.True(model.call(TinyModels.Clips()).requires_grad);
        Assert.False(attended);
    }

    private static (Tensor Logits, Dictionary<string, Tensor> Gradients) Step(VideoRecognizer model)
    {
        TrainableParameters.Freeze(model);
        model.zero_grad();
        Tensor logits = model.call(TinyModels.Clips());
        logits.mul(TinyModels.Numbers(3, 1, logits.shape)).sum().backward();
        return (logits.detach(), model.named_parameters().Where(item => item.parameter.requires_grad).ToDictionary(item => item.name, item => item.parameter.grad!.clone()));
    }

    private static double Relative(Tensor found, Tensor expected) => found.sub(expected).norm().item<float>() / Math.Max(1e-3, expected.norm().item<float>());
}
