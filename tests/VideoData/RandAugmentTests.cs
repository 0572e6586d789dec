using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.Tests.VideoData;

public sealed class RandAugmentTests
{
    /// <summary>Grey pixels in a row.</summary>
    private static FrameStack Row(params byte[] values) => new([.. values.SelectMany(v => new[] { v, v, v })], 1, 1, values.Length);

    private static int[] Greys(FrameStack frames) => [.. frames.Rgb.Where((_, i) => i % 3 == 0).Select(v => (int)v)];

    [Theory]
    [InlineData(AugmentOperation.Brightness, 1.5, new[] { 0, 15, 150, 255 })]
    [InlineData(AugmentOperation.Invert, 0, new[] { 255, 245, 155, 0 })]
    [InlineData(AugmentOperation.Posterize, 2, new[] { 0, 0, 64, 192 })]
    [InlineData(AugmentOperation.Solarize, 0.3, new[] { 0, 10, 155, 0 })]
    [InlineData(AugmentOperation.AutoContrast, 0, new[] { 0, 10, 100, 255 })]
    [InlineData(AugmentOperation.TranslateX, 0.25, new[] { 10, 100, 255, 128 })]
    [InlineData(AugmentOperation.TranslateX, -0.25, new[] { 128, 0, 10, 100 })]
    [InlineData(AugmentOperation.TranslateX, 0.125, new[] { 5, 55, 178, 192 })]
    [InlineData(AugmentOperation.Rotate, 180, new[] { 255, 100, 10, 0 })]
    public void Operations_do_what_a_hand_computation_says(AugmentOperation operation, double argument, int[] expected) =>
        Assert.Equal(expected, Greys(FrameAugment.Apply(Row(0, 10, 100, 255), operation, argument)));

    [Fact]
    public void A_factor_of_one_changes_nothing()
    {
        var frames = new FrameStack([.. Enumerable.Range(0, 2 * 5 * 4 * 3).Select(i => (byte)(i * 37))], 2, 5, 4);
        foreach (AugmentOperation operation in new[] { AugmentOperation.Brightness, AugmentOperation.Contrast, AugmentOperation.Saturation, AugmentOperation.Sharpness })
            Assert.Equal(frames.Rgb, FrameAugment.Apply(frames, operation, 1).Rgb);
        foreach (AugmentOperation operation in new[] { AugmentOperation.Rotate, AugmentOperation.ShearX, AugmentOperation.ShearY, AugmentOperation.TranslateX, AugmentOperation.TranslateY })
            Assert.Equal(frames.Rgb, FrameAugment.Apply(frames, operation, 0).Rgb);
    }

    [Fact]
    public void No_contrast_is_the_mean_grey_and_no_saturation_each_pixels_own()
    {
        Assert.Equal([91, 91, 91, 91], Greys(FrameAugment.Apply(Row(0, 10, 100, 255), AugmentOperation.Contrast, 0)));
        Assert.Equal([76, 76, 76], FrameAugment.Apply(new FrameStack([255, 0, 0], 1, 1, 1), AugmentOperation.Saturation, 0).Rgb.Select(v => (int)v));
    }

    [Fact]
    public void No_sharpness_is_a_blur_inside_the_border()
    {
        var frames = new FrameStack(new byte[3 * 3 * 3], 1, 3, 3);
        frames.Rgb.AsSpan(12, 3).Fill(130);
        FrameStack blurred = FrameAugment.Apply(frames, AugmentOperation.Sharpness, 0);
        Assert.Equal([0, 0, 0, 0, 50, 0, 0, 0, 0], Greys(blurred));
    }

    [Fact]
    public void An_equalised_histogram_is_flat()
    {
        // 64 neighbouring values, each 85 times: spread over all of 0 to 255.
        var frames = new FrameStack([.. Enumerable.Range(0, 5440).SelectMany(i => new[] { (byte)(96 + i / 85), (byte)(96 + i / 85), (byte)(96 + i / 85) })], 1, 68, 80);
        int[] greys = Greys(FrameAugment.Apply(frames, AugmentOperation.Equalize, 0));
        Assert.Equal((0, 255), (greys.Min(), greys.Max()));
        Assert.Equal(64, greys.Distinct().Count());
        int[] levels = [.. greys.Distinct().Order()];
        Assert.All(levels.Zip(levels.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, 4, 5));
        Assert.Equal([7, 7], Greys(FrameAugment.Apply(Row(7, 7), AugmentOperation.Equalize, 0)));
    }

    [Fact]
    public void A_quarter_turn_is_counter_clockwise()
    {
        // Bright in the right column: after the turn in the upper row.
        var frames = new FrameStack([0, 0, 0, 200, 200, 200, 0, 0, 0, 200, 200, 200], 1, 2, 2);
        Assert.Equal([200, 200, 0, 0], Greys(FrameAugment.Apply(frames, AugmentOperation.Rotate, 90)));
    }

    [Fact]
    public void All_frames_get_the_same_and_the_source_stays()
    {
        byte[] one = [.. Enumerable.Range(0, 6 * 8 * 3).Select(i => (byte)(i * 29))];
        var frames = new FrameStack([.. one, .. one], 2, 6, 8);
        for (int seed = 0; seed < 40; seed++)
        {
            FrameStack changed = new RandAugment { Probability = 1 }.Apply(frames, new SeededDraws((ulong)seed));
            Assert.Equal(changed.Frame(0), changed.Frame(1));
        }
        Assert.Equal([.. one, .. one], frames.Rgb);
    }

    [Fact]
    public void Operations_of_a_sample_differ_and_every_one_comes_up()
    {
        var augment = new RandAugment { Probability = 1, Layers = 4 };
        var seen = new Dictionary<AugmentOperation, int>();
        for (int seed = 0; seed < 700; seed++)
        {
            AugmentOperation[] drawn = [.. augment.Draw(new SeededDraws((ulong)seed)).Select(step => step.Operation)];
            Assert.Equal(4, drawn.Distinct().Count());
            foreach (AugmentOperation operation in drawn)
                seen[operation] = seen.GetValueOrDefault(operation) + 1;
        }
        // 4 of 14, 700 times: 200 each, standard deviation 12.
        Assert.Equal(14, seen.Count);
        Assert.All(seen.Values, count => Assert.InRange(count, 150, 250));
    }

    [Fact]
    public void Arguments_follow_the_magnitude()
    {
        Assert.Equal(21, RandAugment.Argument(AugmentOperation.Rotate, 0.7, 1), 9);
        Assert.Equal(-0.21, RandAugment.Argument(AugmentOperation.ShearY, 0.7, -1), 9);
        Assert.Equal(0.315, RandAugment.Argument(AugmentOperation.TranslateX, 0.7, 1), 9);
        Assert.Equal(2, RandAugment.Argument(AugmentOperation.Posterize, 0.7, 1));
        Assert.Equal(0.3, RandAugment.Argument(AugmentOperation.Solarize, 0.7, 1), 9);
        Assert.Equal(0.37, RandAugment.Argument(AugmentOperation.Contrast, 0.7, -1), 9);
        double[] turns = [.. Enumerable.Range(0, 2000).SelectMany(seed => new RandAugment { Probability = 1, Layers = 14 }.Draw(new SeededDraws((ulong)seed)))
            .Where(step => step.Operation == AugmentOperation.Rotate).Select(step => step.Argument)];
        Assert.InRange(turns.Average(Math.Abs), 20.9, 21.1);
        Assert.InRange(turns.Count(turn => turn > 0), 900, 1100);
    }

    [Fact]
    public void Numbers_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new RandAugment { Magnitude = 11 }.Validate());
        Assert.Throws<ArgumentException>(() => new RandAugment { Layers = 15 }.Validate());
        Assert.Throws<ArgumentException>(() => new RandAugment { Probability = double.NaN }.Validate());
        Assert.Throws<ArgumentException>(() => new ClipTransform { Augment = new RandAugment { Layers = 0 } }.Validate());
    }
}
