using System.Text.Json;
using TorchSharp;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.Parity;
using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.Evaluation.DataParity;

/// <summary>Bytes after each step, and what a network sees.</summary>
internal static class PixelParity
{
    public static IEnumerable<ParityRow> Check(JsonElement data, string path)
    {
        using WeightSet tensors = SafeTensors.Read(Path.ChangeExtension(path, ".safetensors"));
        return [Images(data, tensors), Normalised(data, tensors), Clips(data, tensors), Batches(data, tensors)];
    }

    private static FrameStack Frames(WeightSet tensors, string name)
    {
        torch.Tensor tensor = tensors[name];
        long[] shape = tensor.shape;
        return new FrameStack(tensor.bytes.ToArray(), shape.Length == 3 ? 1 : (int)shape[0], (int)shape[^3], (int)shape[^2]);
    }

    private static ParityRow Images(JsonElement data, WeightSet tensors)
    {
        var cases = new ParityCases("resized, cut and mirrored images");
        var noDraws = new SeededDraws(0);
        foreach (JsonElement e in data.Cases("images"))
        {
            string name = e.Text("name");
            FrameStack image = Frames(tensors, name), small = Frames(tensors, $"{name}.short32");
            foreach (int[] size in e.Cases("resizes").Select(size => size.Ints()))
                Compare($"{name}.resize{size[0]}x{size[1]}", BilinearResize.Resize(image, size[0], size[1]));
            Compare($"{name}.short32", new ClipTransform { ShortSide = 32 }.Test(image)[0]);
            Compare($"{name}.short32.center28", new ClipTransform { ShortSide = 32, Crop = CropRule.Center, CropSize = 28 }.Test(image)[0]);
            Compare($"{name}.short32.flip", new ClipTransform { FlipProbability = 1 }.Train(small, 0, noDraws).Frames);
            IReadOnlyList<FrameStack> three = new ClipTransform { ShortSide = 32, Crop = CropRule.Three, CropSize = 32, OfficialThreeCrops = true }.Test(image);
            Compare($"{name}.short32.three32", new FrameStack([.. three.SelectMany(view => view.Rgb)], 3, 32, 32));
            CropBox box = e.GetProperty("crop_box").Box();
            Compare($"{name}.crop.resize32x32", BilinearResize.Resize(ClipTransform.Cut(image, box, flip: false), 32, 32));
        }
        return cases.Row();

        void Compare(string name, FrameStack found)
        {
            FrameStack expected = Frames(tensors, name);
            cases.Holds(
                (expected.Count, expected.Height, expected.Width) == (found.Count, found.Height, found.Width) && expected.Rgb.AsSpan().SequenceEqual(found.Rgb),
                () => $"{name}: other bytes");
        }
    }

    private static ParityRow Normalised(JsonElement data, WeightSet tensors)
    {
        var cases = new ParityCases("normalised values");
        var normalization = new ClipNormalization([.. data.Reals("mean").Select(v => (float)v)], [.. data.Reals("std").Select(v => (float)v)]);
        float[] table = [.. tensors["normalised_table"].data<float>()];
        cases.Equal(table, Enumerable.Range(0, 3 * 256).Select(i => normalization.Apply((byte)(i % 256), i / 256)), () => "the table");
        return cases.Row();
    }

    private static ParityRow Batches(JsonElement data, WeightSet tensors)
    {
        var cases = new ParityCases("normalised batches");
        foreach (JsonElement e in data.Cases("clips").Concat(data.Cases("images")))
        {
            string name = e.Text("name");
            // A batch of clips, or one image as a clip of one frame.
            string[] sources = e.TryGetProperty("clip_len", out _) ? [$"{name}.sample0.packed", $"{name}.sample1.packed"] : [$"{name}.short32.center28"];
            string batch = sources.Length > 1 ? $"{name}.batch.normalised" : $"{name}.short32.center28.normalised";
            if (!tensors.Tensors.TryGetValue(batch, out torch.Tensor? expected))
                continue;
            cases.Equal(expected.data<float>(), sources.SelectMany(source => Floats(tensors[source], planar: sources.Length > 1)), () => batch);
        }
        return cases.Row();
    }

    /// <summary>Normalised values, channel by channel: of bytes (view, channel, time, row, column), or of an image (row, column, channel).</summary>
    private static float[] Floats(torch.Tensor bytes, bool planar)
    {
        byte[] values = bytes.bytes.ToArray();
        int plane = planar ? (int)(bytes.shape[2] * bytes.shape[3] * bytes.shape[4]) : values.Length / 3;
        return [.. values.Select((_, i) => ClipNormalization.Clip.Apply(planar ? values[i] : values[3 * (i % plane) + i / plane], i / plane % 3))];
    }

    private static ParityRow Clips(JsonElement data, WeightSet tensors)
    {
        var cases = new ParityCases("views of clips");
        foreach (JsonElement e in data.Cases("clips"))
        {
            int clips = e.Int("num_clips"), length = e.Int("clip_len");
            for (int sample = 0; tensors.Tensors.ContainsKey($"{e.Text("name")}.sample{sample}.frames"); sample++)
            {
                string name = $"{e.Text("name")}.sample{sample}";
                FrameStack frames = Frames(tensors, $"{name}.frames");
                IReadOnlyList<FrameStack> crops = new ClipTransform { ShortSide = 16, Crop = CropRule.Three, CropSize = 16, OfficialThreeCrops = true }.Test(frames);
                cases.Holds(tensors[$"{name}.packed"].bytes.SequenceEqual(Packed(crops, clips, length)), () => $"{name}: other bytes");
            }
        }
        return cases.Row();
    }

    /// <summary>(crops * clips, channel, time, row, column).</summary>
    private static byte[] Packed(IReadOnlyList<FrameStack> crops, int clips, int length)
    {
        var packed = new List<byte>();
        foreach (FrameStack crop in crops)
        {
            for (int i = 0; i < clips * 3 * length; i++)
            {
                ReadOnlySpan<byte> frame = crop.Frame(i / (3 * length) * length + i % length);
                for (int at = i / length % 3; at < frame.Length; at += 3)
                    packed.Add(frame[at]);
            }
        }
        return [.. packed];
    }
}
