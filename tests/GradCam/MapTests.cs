using ZeroI2V.Lab.GradCam;
using ZeroI2V.Lab.Stdha;

namespace ZeroI2V.Lab.Tests.GradCam;

public sealed class MapTests
{
    private static readonly MapOrigin Origin = new(0, CamMethod.GradCam, CamPlace.HeadValues, CamScore.Of(0), [-1, 1, 0], BorderRule.OwnFrame, 3, 1, 2);

    [Fact]
    public void Evidence_of_a_temporal_head_is_drawn_where_it_looks_and_none_is_lost()
    {
        var maps = new HeadMaps(Origin, [[1, 2, 3, 4, 5, 6], [10, 20, 30, 40, 50, 60], [100, 100, 100, 100, -100, 100]]);
        // Δt −1: frames 0 and 1 look at 0, frame 2 at 1. Δt +1: frame 0 looks at 1, frames 1 and 2 at 2.
        Assert.Equal([1 + 3, 2 + 4, 5, 6, 0, 0], maps.Map(HeadGroup.Offset(-1)).Values);
        Assert.Equal([0, 0, 10, 20, 30 + 50, 40 + 60], maps.Map(HeadGroup.Offset(1)).Values);
        Assert.Equal([1, 2, 3, 4, 5, 6], maps.Map(HeadGroup.Head(0), EvidenceFrame.Query).Values);
        Assert.Equal(maps.Map(HeadGroup.All, EvidenceFrame.Query).Values.Sum(), maps.Map(HeadGroup.All).Values.Sum());
        Assert.Equal([200, 200, 100], maps.Map(HeadGroup.Spatial).OverTime());
        Assert.Equal(new float[,] { { 3, 30, 0 }, { 7, 0, 70 }, { 0, 11, 110 } }, maps.FrameToFrame(HeadGroup.Temporal));
    }

    [Theory]
    [InlineData(CamPlace.Norm)]
    [InlineData(CamPlace.AttentionInput)]
    [InlineData(CamPlace.HeadOutputs)]
    public void Evidence_in_a_frames_own_tokens_stays_in_that_frame(CamPlace place)
    {
        var maps = new HeadMaps(Origin with { Place = place }, [[1, 2, 3, 4, 5, 6], [0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]]);
        Assert.Equal([1, 2, 3, 4, 5, 6], maps.Map(HeadGroup.Temporal).Values);
    }

    [Fact]
    public void A_shared_scale_keeps_maps_comparable_and_a_frames_own_does_not()
    {
        CamMap strong = new([0, 4, 1, 1], 2, 1, 2), weak = new([0, 2, -1, 0.5f], 2, 1, 2);
        CamScale scale = CamScale.Of(strong, weak);
        Assert.Equal(4, scale.Top);
        Assert.Equal([0, 0.25f, 0.75f, 1], scale.Apply(strong, 0, 1, 4));
        Assert.Equal([0, 0.5f], scale.Apply(weak, 0, 1, 2));
        Assert.Equal([0, 0.125f], scale.Apply(weak, 1, 1, 2));
        Assert.Equal([0, 1, 0, 1], MapScaling.EachFrame(weak, 1, 2).Select(value => MathF.Round(value, 5)));
        Assert.Equal([0f, 0f], CamScale.Of(new CamMap([-1, -2], 1, 1, 2)).Apply(new CamMap([-1, -2], 1, 1, 2), 0, 1, 2));
    }

    [Fact]
    public void Resizing_interpolates_between_the_centres_of_patches()
    {
        Assert.Equal([0, 0, 0.25f, 0.75f, 1, 1], MapScaling.Resize([0, 1], 1, 2, 1, 6).Select((value, i) => i is 1 or 4 ? MathF.Round(value) : MathF.Round(value * 4) / 4));
        Assert.Equal([1, 1, 2, 2, 1, 1, 2, 2], MapScaling.Resize([1, 2], 1, 2, 2, 4).Select(value => MathF.Round(value)));
        float[] resized = MapScaling.Resize([0, 0, 0, 8], 2, 2, 4, 4);
        Assert.Equal(8, resized[15]);
        Assert.Equal(8 * 0.75f * 0.75f, resized[10], 1e-5);
        Assert.Equal(8 * 0.25f * 0.25f, resized[5], 1e-5);
    }
}
