using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.Tests.MicroWorld;

public sealed class MicroImagesTests(QuickData made)
{
    [Fact]
    public void Labels_index_the_answers_or_are_ignored()
    {
        foreach (StillSet set in (StillSet[])[made.Stills.Train, made.Stills.Validation])
        {
            Assert.Equal(set.Albums.Sum(a => a.Frames), set.Count);
            Assert.All(set.Labels, labels =>
            {
                Assert.Equal(set.Targets.Count, labels.Count);
                for (int t = 0; t < labels.Count; t++)
                    Assert.InRange(labels[t], StillTarget.Ignored, set.Targets[t].Classes.Count - 1);
            });
        }
    }

    [Fact]
    public void Every_answer_of_every_target_occurs()
    {
        var seen = new HashSet<(int, int)>();
        for (int still = 0; still < 4000; still++)
        {
            int[] labels = MicroImages.Still("train", still).Labels;
            for (int t = 0; t < labels.Length; t++)
                seen.Add((t, labels[t]));
        }
        for (int t = 0; t < MicroImages.Targets.Count; t++)
        {
            // The outermost places stay empty: objects keep off the edge.
            bool isPlace = MicroImages.Targets[t].Classes.Count == 16;
            for (int c = isPlace ? 1 : 0; c < MicroImages.Targets[t].Classes.Count - (isPlace ? 1 : 0); c++)
                Assert.True(seen.Contains((t, c)), $"{MicroImages.Targets[t].Name}: {MicroImages.Targets[t].Classes[c]}");
        }
    }

    [Fact]
    public void Stills_show_training_objects_only()
    {
        foreach (string split in (string[])["train", "validation"])
        {
            for (int still = 0; still < 300; still++)
            {
                Assert.All(MicroImages.Still(split, still).Plan.Objects, look =>
                {
                    Assert.Contains(look.Object.Shape, ObjectRoster.Train.Shapes);
                    Assert.Contains(look.Object.Hue, ObjectRoster.Train.Hues);
                });
            }
        }
    }

    [Fact]
    public void Training_and_validation_show_different_scenes()
    {
        byte[] train = MicroSsv2.Draw(MicroImages.Still("train", 0).Plan);
        byte[] validation = MicroSsv2.Draw(MicroImages.Still("validation", 0).Plan);
        Assert.NotEqual(train, validation);
    }

    [Fact]
    public void Decoding_gives_the_stills_that_were_drawn_in_order()
    {
        StillSet set = made.Stills.Train;
        FrameStack stills = set.Decode(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((200, 64, 64), (stills.Count, stills.Height, stills.Width));
        foreach (int still in (int[])[0, 49, 50, 123, 199])
        {
            byte[] drawn = MicroSsv2.Draw(MicroImages.Still("train", still).Plan);
            double difference = drawn.Zip(stills.Frame(still).ToArray(), (a, b) => (double)Math.Abs(a - b)).Average();
            Assert.True(difference < 6, $"still {still}: {difference} grey levels");
        }
    }

    [Fact]
    public void Decoding_to_half_the_size_averages_four_pixels()
    {
        StillSet set = made.Stills.Validation;
        FrameStack full = set.Decode(cancellationToken: TestContext.Current.CancellationToken);
        FrameStack half = set.Decode(32, TestContext.Current.CancellationToken);
        Assert.Equal((50, 32, 32), (half.Count, half.Height, half.Width));
        double difference = 0;
        for (int still = 0; still < 50; still++)
        {
            ReadOnlySpan<byte> big = full.Frame(still), small = half.Frame(still);
            for (int i = 0; i < small.Length; i++)
            {
                int k = i % 3, column = i / 3 % 32, row = i / 96;
                int at = (((2 * row * 64) + (2 * column)) * 3) + k;
                double mean = (big[at] + big[at + 3] + big[at + 192] + big[at + 195]) / 4.0;
                difference += Math.Abs(mean - small[i]) / small.Length / 50;
            }
        }
        Assert.True(difference < 3, $"{difference} grey levels");
    }

    [Fact]
    public void An_album_with_too_few_stills_is_an_error_that_names_it()
    {
        StillSet set = made.Stills.Validation;
        set = set with { Albums = [set.Albums[0] with { Frames = 51 }], Labels = [.. set.Labels.Append(set.Labels[0])] };
        Exception error = Assert.ThrowsAny<Exception>(
            () => set.Decode(cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains("0000.mp4", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("51", error.ToString(), StringComparison.Ordinal);
    }
}
