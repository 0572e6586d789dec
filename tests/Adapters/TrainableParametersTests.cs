using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Tests.Backbone;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.Adapters;

public sealed class TrainableParametersTests
{
    [Fact]
    public void Only_adapters_temporal_embedding_last_norm_and_head_get_a_gradient()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer));
        ParameterGroups groups = TrainableParameters.Freeze(model);
        model.call(TinyModels.Clips()).mul(TinyModels.Numbers(9, 1, 2, 5)).sum().backward();

        static bool Trains(string name) =>
            name.Contains("Adapter", StringComparison.Ordinal) || name is "backbone.temporal_embedding" or "backbone.ln_post.weight" or "backbone.ln_post.bias" or "cls_head.fc_cls.weight" or "cls_head.fc_cls.bias";
        foreach (var (name, parameter) in model.named_parameters())
        {
            using Tensor? gradient = parameter.grad;
            Assert.Equal(Trains(name), parameter.requires_grad);
            Assert.Equal(Trains(name), gradient is not null && gradient.abs().sum().item<float>() > 0);
        }
        Assert.Equal(model.named_parameters().Where(item => Trains(item.name)).Sum(item => item.parameter.NumberOfElements), groups.Count);
    }

    [Fact]
    public void Norms_and_embeddings_are_spared_from_decay()
    {
        using var model = new VideoRecognizer(TinyModels.Recognizer);
        ParameterGroups groups = TrainableParameters.Freeze(model);
        Assert.Equal(
            ["backbone.ln_post.bias", "backbone.ln_post.weight", "backbone.temporal_embedding"],
            groups.WithoutDecay.Select(item => item.Name).Order(StringComparer.Ordinal));
        // Two layers of four adapters with two weights and two biases each, and the head's two.
        Assert.Equal(2 * 4 * 4 + 2, groups.WithDecay.Count);
    }

    [Fact]
    public void Without_adapters_or_temporal_embedding_fewer_train()
    {
        using var model = new VideoRecognizer(TinyModels.Recognizer with { Adapters = null, TemporalEmbedding = false });
        ParameterGroups groups = TrainableParameters.Freeze(model);
        Assert.Equal(["cls_head.fc_cls.bias", "cls_head.fc_cls.weight"], groups.WithDecay.Select(item => item.Name).Order(StringComparer.Ordinal));
        Assert.Equal(["backbone.ln_post.bias", "backbone.ln_post.weight"], groups.WithoutDecay.Select(item => item.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_whole_image_model_trains_without_decay_on_norms_and_embeddings()
    {
        using var model = new VisionTransformer(TinyModels.Vit);
        ParameterGroups groups = TrainableParameters.Unfreeze(model);
        Assert.All(model.parameters(), parameter => Assert.True(parameter.requires_grad));
        Assert.All(groups.WithoutDecay, item => Assert.True(item.Name.Contains("ln_", StringComparison.Ordinal) || item.Name.EndsWith("embedding", StringComparison.Ordinal)));
        // Class and positional embedding; first, last and two norms a block, each with weight and bias.
        Assert.Equal(2 + 2 * (2 + 2 * 2), groups.WithoutDecay.Count);
        Assert.Equal(model.parameters().Count(), groups.WithDecay.Count + groups.WithoutDecay.Count);
    }
}
