using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.DataSets;

namespace ZeroI2V.Lab.Tests.DataSets;

public sealed class FewShotTests
{
    private static readonly ClipList s_list = new()
    {
        Name = "many", Synthetic = true, Classes = ["a", "b", "c"], ClassGroups = ["", "", ""], ReversedClass = [-1, -1, -1],
        Clips = [.. Enumerable.Range(0, 90).Select(i => new ClipRecord { Path = $"{i:00}.mp4", Label = i % 3, Frames = 8 })],
    };

    [Fact]
    public void Every_class_has_as_many_clips_as_asked_for()
    {
        foreach (int shots in new[] { 1, 2, 4, 8, 16 })
        {
            ClipList drawn = FewShot.Draw(s_list, shots, seed: 5);
            Assert.Equal([shots, shots, shots], Enumerable.Range(0, 3).Select(label => drawn.Clips.Count(clip => clip.Label == label)));
            Assert.Equal(3 * shots, drawn.Clips.Distinct().Count());
        }
    }

    [Fact]
    public void A_seed_gives_one_draw_whatever_the_order_of_the_list_and_another_seed_another()
    {
        ClipList turned = s_list with { Clips = [.. s_list.Clips.Reverse()] };
        Assert.Equal(FewShot.Draw(s_list, 4, 1).Clips, FewShot.Draw(turned, 4, 1).Clips);
        Assert.NotEqual(FewShot.Draw(s_list, 4, 1).Clips, FewShot.Draw(s_list, 4, 2).Clips);
    }

    [Fact]
    public void More_shots_only_add_clips() =>
        Assert.Subset(FewShot.Draw(s_list, 8, 3).Clips.ToHashSet(), FewShot.Draw(s_list, 2, 3).Clips.ToHashSet());

    [Fact]
    public void More_than_a_class_has_is_refused_by_name() => Assert.Contains(
        "'a' has 30", Assert.Throws<ArgumentException>(() => FewShot.Draw(s_list, 31, 0)).Message, StringComparison.Ordinal);
}
