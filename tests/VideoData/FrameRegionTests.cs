using ZeroI2V.Lab.Tests.FFMpegCore;
using ZeroI2V.Lab.VideoData;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.VideoData;

/// <summary>Decoding a part of every frame gives the pixels that decoding all of it gives.</summary>
public sealed class FrameRegionTests : IDisposable
{
    private readonly SmallVideo _videos = new();

    public void Dispose() => _videos.Dispose();

    [Theory]
    [InlineData("yuv420p", 96, 64)]
    [InlineData("yuv420p", 142, 80)]
    [InlineData("yuv420p", 97, 63)]
    [InlineData("yuv422p", 96, 64)]
    [InlineData("yuv444p", 96, 64)]
    [InlineData("yuv410p", 96, 64)]
    public void A_part_has_the_pixels_of_the_whole(string form, int width, int height)
    {
        string path = _videos.Make("part.mkv", "testsrc2=size=160x120:rate=10:duration=1", $"-vf scale={width}:{height},format={form} -c:v ffv1");
        FrameStack whole = VideoFile.Decode(path, [2, 7]);
        var draws = new SeededDraws(7);
        for (int i = 0; i < 150; i++)
        {
            int left = draws.Whole(0, width - 1), top = draws.Whole(0, height - 1);
            var box = new CropBox(left, top, draws.Whole(left + 1, width), draws.Whole(top + 1, height));
            FrameRegion part = VideoFile.Decode(path, [7, 2, 7], (_, _) => box);
            Assert.Equal((box, width, height), (part.Box, part.Width, part.Height));
            Assert.True(ClipTransform.Cut(whole.Pick([1, 0, 1]), box, flip: false).Rgb.AsSpan().SequenceEqual(part.Frames.Rgb), $"{box}");
        }
    }

    [Fact]
    public void What_the_caller_throws_comes_back_and_a_part_outside_is_refused()
    {
        string path = _videos.Make("part.mp4", "testsrc2=size=64x48:rate=10:duration=1");
        Assert.Throws<ArgumentException>(() => VideoFile.Decode(path, [0], (width, height) => CropBox.Center(width, height, 60)));
        Assert.Throws<InvalidOperationException>(() => VideoFile.Decode(path, [0], (_, _) => new CropBox(0, 0, 65, 48)));
        Assert.Contains("Frame 10 was asked for", Assert.Throws<VideoException>(() => VideoFile.Decode(path, [0, 10], (_, _) => new CropBox(0, 0, 8, 8))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(CropRule.Center)]
    [InlineData(CropRule.RandomResized)]
    [InlineData(CropRule.RandomShift)]
    [InlineData(CropRule.Whole)]
    public void A_training_clip_is_the_same_from_a_part_and_from_the_whole(CropRule rule)
    {
        string path = _videos.Make("clip.mp4", "testsrc2=size=90x60:rate=10:duration=1");
        FrameStack whole = VideoFile.Decode(path, [1, 4]);
        foreach (int? side in new int?[] { null, 30, 44, 80 })
        {
            var transform = new ClipTransform
            {
                ShortSide = side,
                Crop = rule,
                CropSize = rule is CropRule.Center or CropRule.RandomResized ? 28 : 0,
                MaxShift = rule == CropRule.RandomShift ? 3 : 0,
                FlipProbability = 0.5,
            };
            for (ulong seed = 0; seed < 8; seed++)
            {
                SeededDraws draws = new(seed), same = new(seed);
                ClipGeometry plan = null!;
                FrameRegion part = VideoFile.Decode(path, [1, 4], (width, height) => (plan = transform.Plan(width, height, draws)).Needed(width, height));
                Assert.True(rule is CropRule.RandomShift or CropRule.Whole || part.Frames.Width < 90);
                Assert.Equal(transform.Train(whole, 0, same).Frames.Rgb, transform.Train(part, plan, 0, draws).Frames.Rgb);
            }
        }
    }

    [Fact]
    public void Floats_are_a_subtraction_and_a_division_for_every_byte_and_width()
    {
        byte[] rgb = [.. Enumerable.Range(0, 3 * 256).Select(i => (byte)(i * 7 / 3))];
        foreach (int width in new[] { 1, 15, 16, 37, 256 })
        {
            var frames = new FrameStack(rgb[..(3 * width)], 1, 1, width);
            using Tensor floats = ClipNormalization.Clip.Apply(frames);
            Assert.Equal(
                Enumerable.Range(0, 3 * width).Select(i => ClipNormalization.Clip.Apply(rgb[i % width * 3 + i / width], i / width)),
                floats.data<float>().ToArray());
        }
    }
}
