using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.Tests.VideoData;

public sealed class PixelTests
{
    private static readonly byte[] s_file = ParityData.Bytes("pixels_open.safetensors");
    private static readonly int s_start = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(s_file);
    private static readonly JsonElement s_header = JsonDocument.Parse(s_file.AsMemory(8, s_start - 8)).RootElement;
    private static readonly JsonElement s_about = ParityData.Json("pixels_open.json");

    public static TheoryData<int> Images => [0, 1, 2];

    private static ReadOnlySpan<byte> Bytes(string name)
    {
        int[] range = s_header.GetProperty(name).Ints("data_offsets");
        return s_file.AsSpan(s_start + range[0], range[1] - range[0]);
    }

    private static ReadOnlySpan<float> Floats(string name) => MemoryMarshal.Cast<byte, float>(Bytes(name));

    /// <summary>A tensor as frames: [H, W, 3] is one.</summary>
    private static FrameStack Frames(string name)
    {
        int[] shape = s_header.GetProperty(name).Ints("shape");
        return new FrameStack(Bytes(name).ToArray(), shape.Length == 3 ? 1 : shape[0], shape[^3], shape[^2]);
    }

    private static void ExpectEqual(string name, FrameStack found)
    {
        FrameStack expected = Frames(name);
        Assert.Equal((expected.Count, expected.Width, expected.Height), (found.Count, found.Width, found.Height));
        Assert.True(expected.Rgb.AsSpan().SequenceEqual(found.Rgb), name);
    }

    [Theory]
    [MemberData(nameof(Images))]
    public void Resized_bytes_are_the_official_ones(int number)
    {
        JsonElement about = s_about.GetProperty("images")[number];
        string name = about.GetProperty("name").GetString()!;
        FrameStack image = Frames(name);
        foreach (int[] size in about.GetProperty("resizes").EnumerateArray().Select(size => size.Ints()))
            ExpectEqual($"{name}.resize{size[0]}x{size[1]}", BilinearResize.Resize(image, size[0], size[1]));
        ExpectEqual($"{name}.short32", new ClipTransform { ShortSide = 32 }.Test(image)[0]);
    }

    [Theory]
    [MemberData(nameof(Images))]
    public void Crops_flips_and_random_crops_are_the_official_ones(int number)
    {
        JsonElement about = s_about.GetProperty("images")[number];
        string name = about.GetProperty("name").GetString()!;
        FrameStack image = Frames(name), small = Frames($"{name}.short32");
        var draws = new SeededDraws(0);
        ExpectEqual($"{name}.short32.center28", new ClipTransform { ShortSide = 32, Crop = CropRule.Center, CropSize = 28 }.Test(image)[0]);
        ExpectEqual($"{name}.short32.flip", new ClipTransform { FlipProbability = 1 }.Train(small, 0, draws).Frames);

        IReadOnlyList<FrameStack> three = new ClipTransform { ShortSide = 32, Crop = CropRule.Three, CropSize = 32, OfficialThreeCrops = true }.Test(image);
        ExpectEqual($"{name}.short32.three32", new FrameStack([.. three.SelectMany(view => view.Rgb)], 3, 32, 32));

        // A random crop whose draws lead to the box of the case.
        CropBox box = about.Box("crop_box");
        double ratio = (double)box.Width / box.Height, area = (double)box.Width * box.Height / (image.Width * image.Height);
        var replay = new Prescribed([.. Enumerable.Repeat(Math.Log(ratio), 10), .. Enumerable.Repeat(area, 10), box.Left, box.Top]);
        ExpectEqual(
            $"{name}.crop.resize32x32",
            new ClipTransform { Crop = CropRule.RandomResized, CropSize = 32 }.Train(image, 0, replay).Frames);
    }

    [Fact]
    public void Normalised_bytes_are_the_official_ones_to_the_bit()
    {
        ReadOnlySpan<float> table = Floats("normalised_table");
        for (int channel = 0; channel < 3; channel++)
        {
            for (int value = 0; value < 256; value++)
                Assert.Equal(table[256 * channel + value], ClipNormalization.Clip.Apply((byte)value, channel));
        }
    }

    [Theory]
    [InlineData("clip_a.sample0", 2)]
    [InlineData("clip_a.sample1", 2)]
    [InlineData("clip_b.sample0", 3)]
    [InlineData("clip_b.sample1", 3)]
    public void Views_of_a_video_are_the_official_ones(string name, int clips)
    {
        FrameStack frames = Frames($"{name}.frames");
        int length = frames.Count / clips;
        IReadOnlyList<FrameStack> crops = new ClipTransform { ShortSide = 16, Crop = CropRule.Three, CropSize = 16, OfficialThreeCrops = true }.Test(frames);
        // (crops*clips, channel, time, row, column)
        var packed = new List<byte>();
        foreach (FrameStack crop in crops)
        {
            for (int clip = 0; clip < clips; clip++)
            {
                for (int channel = 0; channel < 3; channel++)
                {
                    for (int t = 0; t < length; t++)
                    {
                        ReadOnlySpan<byte> frame = crop.Frame(clip * length + t);
                        for (int i = channel; i < frame.Length; i += 3)
                            packed.Add(frame[i]);
                    }
                }
            }
        }
        Assert.True(Bytes($"{name}.packed").SequenceEqual(packed.ToArray()));
    }

    [Fact]
    public void A_shift_moves_the_picture_and_repeats_the_border()
    {
        // One row of four pixels with values 10, 20, 30, 40.
        var frames = new FrameStack([10, 10, 10, 20, 20, 20, 30, 30, 30, 40, 40, 40], 1, 1, 4);
        var transform = new ClipTransform { Crop = CropRule.RandomShift, MaxShift = 2 };
        FrameStack left = transform.Train(frames, 0, new ParityData.Replay().Then(-2, 2, 2, -1)).Frames;
        Assert.Equal([30, 40, 40, 40], left.Rgb.Where((_, i) => i % 3 == 0).Select(b => (int)b));
        FrameStack right = transform.Train(frames, 0, new ParityData.Replay().Then(-2, 2, -1, 0)).Frames;
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
