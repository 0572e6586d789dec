using System.Text.Json;
using ZeroI2V.Lab.Parity;
using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.Evaluation.DataParity;

/// <summary>Sizes, boxes, erasing, labels of mirrored clips.</summary>
internal static class GeometryParity
{
    public static IEnumerable<ParityRow> Check(JsonElement data) =>
        [Resize(data), Center(data), Three(data), Chains(data), RandomCrops(data), Erasing(data), Flips(data)];

    private static ParityRow Resize(JsonElement data)
    {
        var cases = new ParityCases("short side");
        foreach (int[] row in data.Cases("resize").Select(row => row.Ints()))
            cases.Same((row[3], row[4]), BilinearResize.ShortSide(row[0], row[1], row[2]), () => $"{row[0]}x{row[1]}");
        foreach (JsonElement e in data.Cases("resize_boundary"))
            cases.Same((e.Ints("new")[0], e.Ints("new")[1]), BilinearResize.ShortSide(e.Int("width"), e.Int("height"), e.Int("short_side")), () => e.Short());
        return cases.Row();
    }

    private static ParityRow Center(JsonElement data)
    {
        var cases = new ParityCases("centre crop");
        foreach (int[] row in data.Cases("center_crop").Select(row => row.Ints()))
            cases.Same(new CropBox(row[3], row[4], row[5], row[6]), CropBox.Center(row[0], row[1], row[2]), () => $"{row[0]}x{row[1]}");
        return cases.Row();
    }

    private static ParityRow Three(JsonElement data)
    {
        var cases = new ParityCases("three crops (official)");
        foreach (JsonElement e in data.Cases("three_crop"))
        {
            CropBox[] Boxes() => CropBox.Three(e.Int("width"), e.Int("height"), e.Int("crop"), official: true);
            if (e.TryGetProperty("error", out _))
                cases.Refused(() => Boxes(), () => e.Short());
            else
                cases.Equal(e.Cases("boxes").Select(box => box.Box()), Boxes(), () => e.Short());
        }
        return cases.Row();
    }

    private static ParityRow Chains(JsonElement data)
    {
        var cases = new ParityCases("usual sequences");
        foreach (JsonElement e in data.Cases("chains"))
        {
            int[] size = e.Ints("size");
            foreach (int side in (int[])[256, 224])
            {
                (int width, int height) = BilinearResize.ShortSide(size[0], size[1], side);
                cases.Same((e.Ints($"short{side}")[0], e.Ints($"short{side}")[1]), (width, height), () => e.Short());
                cases.Same(e.GetProperty($"short{side}_center224").Box(), CropBox.Center(width, height, 224), () => e.Short());
                if (e.TryGetProperty($"short{side}_three224", out JsonElement three))
                    cases.Equal(three.EnumerateArray().Select(box => box.Box()), CropBox.Three(width, height, 224, official: true), () => e.Short());
            }
        }
        return cases.Row();
    }

    private static ParityRow RandomCrops(JsonElement data)
    {
        var cases = new ParityCases("random resized crop");
        foreach (JsonElement e in data.Cases("random_resized_crop"))
        {
            double[] area = e.Reals("area_range_drawn"), ratio = e.Reals("log_ratio_range");
            PrescribedDraws draws = new PrescribedDraws().Then(ratio[0], ratio[1], e.Reals("log_ratio")).Then(area[0], area[1], e.Reals("area"));
            if (!e.Flag("fallback"))
            {
                int[] x = e.Ints("x_range"), y = e.Ints("y_range");
                draws.Then(x[0], x[1], e.Int("x")).Then(y[0], y[1], e.Int("y"));
            }
            cases.Same(e.GetProperty("box").Box(), new RandomResizedCrop { Area = (area[0], area[1]) }.Draw(e.Int("width"), e.Int("height"), draws), () => e.Short());
            cases.Holds(draws.AsPrescribed, () => $"{e.Short()}: other draws were asked for");
        }
        return cases.Row();
    }

    private static ParityRow Erasing(JsonElement data)
    {
        var cases = new ParityCases("random erasing");
        foreach (JsonElement e in data.Cases("random_erasing"))
        {
            PrescribedDraws draws = new PrescribedDraws().Then(0, 1, e.GetProperty("u").GetDouble());
            bool erased = e.Flag("erased");
            if (erased)
            {
                draws.Then(e.Reals("log_ratio_range")[0], e.Reals("log_ratio_range")[1], e.GetProperty("log_ratio").GetDouble())
                    .Then(e.Reals("area_range")[0], e.Reals("area_range")[1], e.GetProperty("area").GetDouble());
                foreach (JsonElement offset in e.Cases("offset_draws"))
                    draws.Then(offset.Ints("range")[0], offset.Ints("range")[1], offset.Int("value"));
            }
            CropBox? found = new RandomErasing { Probability = e.GetProperty("erase_prob").GetDouble() }.Draw(e.Int("width"), e.Int("height"), draws);
            cases.Same(erased ? e.GetProperty("box").Box() : null, found, () => e.Short());
            cases.Holds(draws.AsPrescribed, () => $"{e.Short()}: other draws were asked for");
        }
        return cases.Row();
    }

    private static ParityRow Flips(JsonElement data)
    {
        var cases = new ParityCases("label of a mirrored clip");
        var transform = new ClipTransform { LabelsSwappedByFlip = [(86, 87), (93, 94), (166, 167)] };
        foreach (JsonElement e in data.Cases("flip_label"))
            cases.Same(e.Int("result"), e.Flag("flipped") ? transform.FlippedLabel(e.Int("label")) : e.Int("label"), () => e.Short());
        return cases.Row();
    }
}
