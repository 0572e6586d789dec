using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Evaluation;

namespace ZeroI2V.Lab.Tests.Evaluation;

public sealed class ModelCostTests
{
    private static readonly VitOptions ViTB16 = new() { Width = 768, Layers = 12, Heads = 12, PatchSize = 16, Resolution = 224 };
    private static readonly VitOptions ViTL14 = new() { Width = 1024, Layers = 24, Heads = 16, PatchSize = 14, Resolution = 224 };

    private static RecognizerOptions Folded(VitOptions backbone, int frames) => new()
    {
        Backbone = backbone,
        Frames = frames,
        Classes = 400,
        Adapters = null,
    };

    // The three rows of the official README: 3 views.
    [Theory]
    [InlineData(16, 8, 422)]
    [InlineData(14, 8, 1946)]
    [InlineData(14, 32, 7783)]
    public void Operations_are_those_of_the_official_table(int patch, int frames, int expected)
    {
        ModelCost cost = ModelCost.Of(Folded(patch == 16 ? ViTB16 : ViTL14, frames));
        Assert.Equal(expected, 3 * cost.GFlops, 0.5);
    }

    [Theory]
    [InlineData(16, 86)]
    [InlineData(14, 304)]
    public void Parameters_are_those_of_the_official_table(int patch, int expectedMillions)
    {
        ModelCost cost = ModelCost.Of(Folded(patch == 16 ? ViTB16 : ViTL14, 8) with { TemporalEmbedding = false });
        Assert.Equal(expectedMillions, cost.Parameters / 1e6, 0.5);
        Assert.Equal(0, cost.AddedParameters);
    }

    [Fact]
    public void Parameters_equal_those_of_the_built_model()
    {
        RecognizerOptions options = new()
        {
            Backbone = new VitOptions { Width = 16, Layers = 2, Heads = 2, PatchSize = 4, Resolution = 8 },
            Frames = 3,
            Classes = 5,
            Adapters = new AdapterOptions { Places = AdapterPlaces.AttentionInput | AdapterPlaces.MlpOutput },
        };
        using var model = new VideoRecognizer(options);
        ModelCost cost = ModelCost.Of(options);
        Assert.Equal(model.parameters().Sum(p => p.NumberOfElements), cost.Parameters);
        Assert.Equal(TrainableParameters.Freeze(model).Count, cost.TrainedParameters);
    }

    [Fact]
    public void Temporal_heads_cost_nothing()
    {
        RecognizerOptions plain = Folded(ViTB16, 8);
        Assert.Equal(ModelCost.Of(plain), ModelCost.Of(plain with { Heads = ZeroI2V.Lab.Stdha.HeadSplit.Lowest(-1, 1) }));
    }
}
