using ZeroI2V.Lab.Evaluation.DataParity;
using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.Tests.VideoData;

public sealed class PixelTests
{
    [Fact]
    public void A_shift_moves_the_picture_and_repeats_the_border()
    {
        // One row of four pixels with values 10, 20, 30, 40.
        var frames = new FrameStack([10, 10, 10, 20, 20, 20, 30, 30, 30, 40, 40, 40], 1, 1, 4);
        var transform = new ClipTransform { Crop = CropRule.RandomShift, MaxShift = 2 };
        FrameStack left = transform.Train(frames, 0, new PrescribedDraws().Then(-2, 2, 2, -1)).Frames;
        Assert.Equal([30, 40, 40, 40], left.Rgb.Where((_, i) => i % 3 == 0).Select(b => (int)b));
        FrameStack right = transform.Train(frames, 0, new PrescribedDraws().Then(-2, 2, -1, 0)).Frames;
        Assert.Equal([10, 10, 20, 30], right.Rgb.Where((_, i) => i % 3 == 0).Select(b => (int)b));
        Assert.Same(frames, transform.Test(frames)[0]);
    }

    [Fact]
    public void Erasing_paints_the_same_grey_box_in_every_frame_and_leaves_the_source()
    {
        var frames = new FrameStack(new byte[2 * 8 * 6 * 3], 2, 8, 6);
        var draws = new Prescribed([0, 0, 0.25, 3, 1]);
        FrameStack erased = new ClipTransform { Erasing = new RandomErasing { Probability = 1 } }.Train(frames, 0, draws).Frames;
        // A quarter of 48 pixels with equal sides: 3.46 rounded to 3 x 3, at row 3 and column 1.
        for (int f = 0; f < 2; f++)
        {
            for (int y = 0; y < 8; y++)
            {
                for (int x = 0; x < 6; x++)
                {
                    bool inside = y is >= 3 and < 6 && x is >= 1 and < 4;
                    Assert.Equal(inside ? 128 : 0, erased.Frame(f)[3 * (y * 6 + x)]);
                }
            }
        }
        Assert.All(frames.Rgb, value => Assert.Equal(0, value));
    }

    [Fact]
    public void Options_that_do_not_fit_together_are_refused()
    {
        var frames = new FrameStack(new byte[12], 1, 2, 2);
        Assert.Throws<ArgumentException>(() => new ClipTransform { Crop = CropRule.Center }.Test(frames));
        Assert.Throws<ArgumentException>(() => new ClipTransform { CropSize = 2 }.Test(frames));
        Assert.Throws<ArgumentException>(() => new ClipTransform { Crop = CropRule.Center, CropSize = 3 }.Test(frames));
        Assert.Throws<ArgumentException>(() => new ClipTransform { Crop = CropRule.Three, CropSize = 2 }.Train(frames, 0, new SeededDraws(0)));
        Assert.Throws<ArgumentException>(() => new ClipTransform { FlipProbability = 2 }.Test(frames));
        Assert.Throws<ArgumentException>(() => new ClipTransform { MaxShift = 2 }.Test(frames));
        Assert.Throws<ArgumentException>(() => new ClipNormalization([1, 2, 3], [1, 0, 1]));
        Assert.Throws<ArgumentException>(() => new FrameStack(new byte[11], 1, 2, 2));
    }

    private sealed class Prescribed(double[] values) : IDraws
    {
        private int _next;

        public int Whole(int low, int high) => (int)values[_next++];

        public double Real(double low, double high) => values[_next++];
    }
}
