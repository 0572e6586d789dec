using TorchSharp;
using TorchSharp.Modules;
using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Stdha;
using ZeroI2V.Lab.Tests.Training;

namespace ZeroI2V.Lab.Tests.Ablations;

public sealed class HeadChoiceTests
{
    private static readonly VitOptions Vit = ToyClips.Recognizer.Backbone;

    private static HeadSplit Place(HeadChoice choice, HeadSplit? split = null, int seed = 0, Func<HeadImportance>? importance = null) =>
        HeadPlacement.Place(split ?? HeadSplit.Lowest(-1, 1), choice, Vit, importance ?? (() => throw new InvalidOperationException("nothing is measured")), seed);

    [Fact]
    public void The_highest_heads_take_the_offsets_from_the_top()
    {
        Assert.Equal(HeadSplit.ByLayer([0, 0, 1, -1], [0, 0, 1, -1]), Place(HeadChoice.Highest));
        Assert.Same(HeadSplit.Spatial, Place(HeadChoice.Highest, HeadSplit.Spatial));
        Assert.Equal(HeadSplit.Lowest(-1, 1), Place(HeadChoice.Lowest));
    }

    [Fact]
    public void A_random_choice_keeps_the_offsets_and_depends_on_the_seed_alone()
    {
        HeadSplit[] drawn = [.. Enumerable.Range(0, 12).Select(seed => Place(HeadChoice.Random, seed: seed))];
        Assert.All(drawn, split => Assert.All(split.LowestByLayer, layer => Assert.Equal([-1, 0, 0, 1], layer.Order())));
        Assert.Equal(drawn[3], Place(HeadChoice.Random, seed: 3));
        Assert.True(drawn.Select(split => split.ToString()).Distinct().Count() > 6);
    }

    [Fact]
    public void Channel_ranges_have_no_heads_to_choose() =>
        Assert.Contains("no whole heads", Assert.Throws<ArgumentException>(() => Place(HeadChoice.Highest, HeadSplit.ChannelRanges(2, -1, 1))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_head_whose_output_goes_nowhere_is_the_least_important()
    {
        using VideoRecognizer model = ToyClips.Model();
        model.eval();
        int channels = Vit.Width / Vit.Heads;
        using (torch.no_grad())
        {
            using var scope = torch.NewDisposeScope();
            // A new model's weights are zero where an image model's would stand.
            using var generator = new torch.Generator(3);
            foreach (Parameter parameter in model.parameters())
                parameter.copy_(torch.randn(parameter.shape, generator: generator).mul_(0.2));
            // Layer 0: nothing of head 2 passes the output projection. Layer 1: ten times as much of head 1.
            Weight(model, 0).narrow(1, 2 * channels, channels).zero_();
            using torch.Tensor strong = Weight(model, 1).narrow(1, channels, channels);
            strong.mul_(10);
        }
        HeadImportance measured = HeadImportance.Measure(model, () => new ToyClips(16, 8).Epoch(0), 2);

        Assert.Equal(0, measured.Of(0, 2));
        Assert.All((int[])[0, 1, 3], head => Assert.True(measured.Of(0, head) > 0));
        Assert.Equal(measured.ByLayer[1].Max(), measured.Of(1, 1));
        Assert.Equal(measured.ByLayer, HeadImportance.Measure(model, () => new ToyClips(16, 8).Epoch(0), 2).ByLayer);

        HeadSplit least = Place(HeadChoice.LeastImportant, HeadSplit.Lowest(-1), importance: () => measured);
        Assert.Equal(-1, least.LowestByLayer[0][2]);
        Assert.Equal(-1, Place(HeadChoice.MostImportant, HeadSplit.Lowest(-1), importance: () => measured).LowestByLayer[1][1]);
    }

    private static Parameter Weight(VideoRecognizer model, int layer) =>
        model.named_parameters().Single(p => p.name.EndsWith($"resblocks.{layer}.attn.out_proj.weight", StringComparison.Ordinal)).parameter;
}
