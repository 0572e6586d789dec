using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.Backbone;

public sealed class PositionalEmbeddingTests
{
    /// <summary>
    /// A 2 × 2 grid that changes along columns only, from 0 to 1, becomes 4 × 4. The kernel is the cubic with a = −½, made to sum
    /// to one over the columns that exist. New column 0 lies ¼ from old column 0 and 1¼ from old column 1, new column 1 lies
    /// ¼ and ¾ from them; the others mirror these.
    /// </summary>
    [Fact]
    public void Two_columns_become_four_by_hand()
    {
        using var scope = NewDisposeScope();
        Tensor positions = tensor(new float[] { 9, 0, 1, 0, 1 }).reshape(5, 1);
        float[] found = PositionalEmbedding.Resized(positions, 4).data<float>().ToArray();

        const double Quarter = 0.8671875, ThreeQuarters = 0.2265625, FiveQuarters = -0.0703125;
        double outer = FiveQuarters / (Quarter + FiveQuarters), inner = ThreeQuarters / (Quarter + ThreeQuarters);
        Assert.Equal(9, found[0]);
        for (int row = 0; row < 4; row++)
        {
            double[] expected = [outer, inner, 1 - inner, 1 - outer];
            for (int column = 0; column < 4; column++)
                Assert.Equal(expected[column], found[1 + 4 * row + column], 1e-6);
        }
    }

    [Fact]
    public void Rows_and_columns_and_channels_keep_their_places()
    {
        using var scope = NewDisposeScope();
        // Channel 0 is the row, channel 1 the column; halving a 4 × 4 grid keeps both rising and apart.
        float[] values = [-1, -1, .. Enumerable.Range(0, 16).SelectMany(i => new float[] { i / 4, i % 4 })];
        float[] found = PositionalEmbedding.Resized(tensor(values).reshape(17, 2), 2).data<float>().ToArray();
        Assert.Equal([-1, -1], found.Take(2));
        float low = found[2], high = found[8];
        Assert.Equal(3, low + high, 1e-5);
        Assert.InRange(low, 0, 1);
        float[] expected = [low, low, low, high, high, low, high, high];
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], found[2 + i], 1e-5);
    }

    [Fact]
    public void The_same_resolution_is_left_alone_and_what_is_no_square_is_refused()
    {
        using var scope = NewDisposeScope();
        Tensor positions = TinyModels.Numbers(1, 1, 10, 4);
        Assert.Same(positions, PositionalEmbedding.Resized(positions, 3));
        Assert.Contains("no class token and a square", Assert.Throws<ArgumentException>(() => PositionalEmbedding.Resized(positions.narrow(0, 0, 9), 2)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_model_of_another_resolution_is_loaded_with_its_positions_resized()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var folder = new TemporaryFolder();
        using var small = TinyModels.Filled(new VisionTransformer(TinyModels.Vit)); // 12 pixels, 3 × 3 patches
        small.Save(folder["small.safetensors"]);
        using var large = new VideoRecognizer(TinyModels.Recognizer with { Backbone = TinyModels.Vit with { Resolution = 20 } });
        LoadReport report = large.LoadBackbone(folder["small.safetensors"]);
        Assert.Equal(["positional_embedding from 3 × 3 to 5 × 5 patches"], report.Resized);
        Assert.Contains("5 × 5", report.ToString(), StringComparison.Ordinal);
        Tensor expected = PositionalEmbedding.Resized(small.state_dict()["positional_embedding"], 5);
        Assert.Equal(0, TinyModels.Difference(expected, large.state_dict()["backbone.positional_embedding"]));
        Assert.Equal([2, 5], large.call(TinyModels.Clips(resolution: 20)).shape);

        // A whole recogniser is what it was trained as.
        large.Save(folder["large.safetensors"]);
        using var other = new VideoRecognizer(TinyModels.Recognizer);
        using WeightSet weights = SafeTensors.Read(folder["large.safetensors"]);
        Assert.Contains("positional_embedding", Assert.Throws<CheckpointException>(() => other.Load(weights)).Message, StringComparison.Ordinal);
    }
}
