using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.DataSets;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.Tests.MicroWorld;

public sealed class MicroK400Tests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_object_of_a_clip_is_the_classs_own_in_colours_that_the_other_split_does_not_have()
    {
        for (int label = 0; label < MicroK400.Classes.Count; label++)
        {
            foreach (string split in new[] { "train", "test" })
            {
                for (int clip = 0; clip < 12; clip++)
                {
                    (ScenePlan plan, _) = MicroK400.Scene(split, label, clip);
                    if (MicroK400.ClassGroups[label] != "scene")
                        Assert.All(plan.Objects, look => Assert.Equal(MicroK400.Classes[label], $"{look.Object.Texture} {look.Object.Shape}".ToLowerInvariant()));
                    Assert.All(plan.Objects, look => Assert.Equal(split == "test", ObjectRoster.Test.Hues.Contains(look.Object.Hue)));
                }
            }
        }
    }

    [Fact]
    public void A_scene_is_told_by_its_background_whatever_is_in_it_and_other_classes_have_a_plain_one()
    {
        // Light and dark along the rows of a drawn background without objects, over several clips: tiles and plain ones, as contrast of neighbours a tile apart.
        int tiles = MicroK400.Classes.ToList().IndexOf("among tiles");
        double[] found = [.. Enumerable.Range(0, 12).Select(clip => Contrast(MicroK400.Scene("train", tiles, clip).Plan.Backdrop))];
        double[] plain = [.. Enumerable.Range(0, 12).Select(clip => Contrast(MicroK400.Scene("train", 3, clip).Plan.Backdrop))];
        Assert.True(found.Order().ElementAt(6) > 2 * plain.Order().ElementAt(6), $"{string.Join(" ", found)} | {string.Join(" ", plain)}");
        HashSet<string> objects = [.. Enumerable.Range(0, 200).Select(clip => MicroK400.Scene("train", tiles, clip).Plan.Objects[0].Object).Select(seen => $"{seen.Texture} {seen.Shape}")];
        Assert.Equal(20, objects.Count);
        Assert.Equal(4, MicroK400.ClassGroups.Count(group => group == "scene"));

        static double Contrast(Backdrop backdrop)
        {
            (float[] pixels, int side) = backdrop.Draw(64);
            double sum = 0;
            for (int y = 0; y < side; y++)
            {
                for (int x = 1; x < side; x++)
                    sum += Math.Abs(pixels[3 * (y * side + x)] - pixels[3 * (y * side + x - 1)]);
            }
            return sum / (side * side);
        }
    }

    [Fact]
    public void How_things_move_tells_nothing_of_the_class()
    {
        // The first frame's places, over many clips, are spread alike in two classes: motions are drawn independently of the class.
        int[] numbers = [.. Enumerable.Range(0, 400).Select(clip => MicroK400.Scene("train", 0, clip).Plan.Objects.Count)];
        int[] others = [.. Enumerable.Range(0, 400).Select(clip => MicroK400.Scene("train", 13, clip).Plan.Objects.Count)];
        foreach (int count in new[] { 1, 2, 3 })
            Assert.InRange(numbers.Count(n => n == count) - others.Count(n => n == count), -80, 80);
        Assert.InRange(Enumerable.Range(0, 400).Count(clip => MicroK400.Scene("train", 0, clip).Backwards), 160, 240);
    }

    [Fact]
    public void A_make_that_is_stopped_goes_on_and_gives_the_same_clips()
    {
        // As for `large`, whose making takes half an hour: only the numbers of clips differ.
        using var stop = new CancellationTokenSource();
        var stopping = new ImmediateProgress<MicroProgress>(made =>
        {
            if (made.Done > 0)
                stop.Cancel();
        });
        string half = Path.Combine(_folder.Path, "half");
        Assert.ThrowsAny<OperationCanceledException>(() => MicroK400.Ensure(half, MicroSize.Quick, stopping, stop.Token));
        int first = -1;
        MicroSplits resumed = MicroK400.Ensure(half, MicroSize.Quick, new ImmediateProgress<MicroProgress>(made => first = first < 0 ? made.Done : first), TestContext.Current.CancellationToken);
        Assert.InRange(first, 1, 120 * MicroK400.Frames - 1);
        MicroSplits whole = MicroK400.Ensure(Path.Combine(_folder.Path, "whole"), MicroSize.Quick, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(whole.Train.Clips, resumed.Train.Clips);
        Assert.Equal(whole.Test.Clips, resumed.Test.Clips);
    }

    [Fact]
    public void Quick_clips_are_real_videos_and_make_sheets()
    {
        MicroSplits made = MicroK400.Ensure(_folder.Path, MicroSize.Quick, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((72, 48), (made.Train.Clips.Count, made.Test.Clips.Count));
        Assert.True(made.Train.Synthetic);
        FrameStack frames = VideoFile.Decode(made.Test.FullPath(made.Test.Clips[5]));
        Assert.Equal((MicroK400.Frames, MicroK400.FrameSize, MicroK400.FrameSize), (frames.Count, frames.Width, frames.Height));
        Assert.Equal(made.Test.Clips[5].Sha256, frames.Sha256());

        string classes = Path.Combine(_folder.Path, "classes.png"), seen = Path.Combine(_folder.Path, "seen.png");
        ContactSheet.Clips(made, classes, "MicroK400 (synthetic)", "in test: unseen hues", TestContext.Current.CancellationToken);
        DataRecipe recipe = DataSetManifest.Find("ssv2").Recipe();
        TrainingSheet.Draw(made.Train, recipe.Training, recipe.Test, seen, clips: 2);
        Assert.InRange(VideoFile.Decode(classes).Height, 24 * 66, 48 * 66);
        Assert.Equal(200 + 8 * 115 + 16, VideoFile.Decode(seen).Width);
    }
}
