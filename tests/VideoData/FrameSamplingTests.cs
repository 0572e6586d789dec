using ZeroI2V.Lab.Evaluation.DataParity;
using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.Tests.VideoData;

public sealed class FrameSamplingTests
{
    [Fact]
    public void Keeping_tail_frames_draws_real_numbers_over_the_whole_of_each_part()
    {
        // N = 100, T = 8, s = 4, C = 3: a = 69 / 3 = 23.
        var sampling = new FrameSampling { Rule = FrameRule.Strided, Frames = 8, Stride = 4, Clips = 3, KeepTailFrames = true };
        PrescribedDraws draws = new PrescribedDraws().Then(0, 23, 22.99, 0, 0.5);
        Assert.Equal([22, 23, 46], sampling.Train(100, draws).Where((_, i) => i % 8 == 0));
    }

    [Fact]
    public void Every_drawn_frame_is_in_the_video()
    {
        var draws = new SeededDraws(7);
        foreach (FrameSampling sampling in (FrameSampling[])[
            new() { Frames = 8 },
            new() { Rule = FrameRule.Strided, Frames = 8, Stride = 4, Clips = 2 },
            new() { Rule = FrameRule.Strided, Frames = 8, Stride = 4, JitterEachFrame = true, KeepTailFrames = true },
            new() { Rule = FrameRule.Strided, Frames = 8, Stride = 4, RepeatLast = true }])
        {
            for (int n = 1; n < 70; n++)
            {
                Assert.All(sampling.Train(n, draws), index => Assert.InRange(index, 0, n - 1));
                Assert.All(sampling.Test(n), index => Assert.InRange(index, 0, n - 1));
            }
        }
    }

    [Fact]
    public void Options_that_do_not_fit_together_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new FrameSampling { Frames = 0 }.Test(5));
        Assert.Throws<ArgumentException>(() => new FrameSampling { Frames = 8, Stride = 4 }.Test(5));
        Assert.Throws<ArgumentException>(() => new FrameSampling { Frames = 8 }.Test(0));
        Assert.Throws<ArgumentException>(() => new FrameSampling { Rule = FrameRule.Strided, Frames = 8, TwiceClips = true }.Test(5));
        Assert.Throws<ArgumentException>(() => new FrameSampling { Rule = FrameRule.Strided, Frames = 8, TargetFrameRate = 30 }.Test(5));
        Assert.Throws<ArgumentException>(
            () => new FrameSampling { Rule = FrameRule.Strided, Frames = 8, TargetFrameRate = 30 }.Train(5, new SeededDraws(0)));
    }
}
