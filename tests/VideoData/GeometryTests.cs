using System.Text.Json;
using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.Tests.VideoData;

public sealed class GeometryTests
{
    private static readonly JsonElement s_data = ParityData.Json("geometry_open.json");

    private static JsonElement.ArrayEnumerator Cases(string name) => s_data.GetProperty(name).EnumerateArray();

    [Fact]
    public void Sizes_after_resizing_the_short_side_are_the_official_ones()
    {
        foreach (int[] row in Cases("resize").Select(row => row.Ints()))
            Assert.Equal((row[3], row[4]), BilinearResize.ShortSide(row[0], row[1], row[2]));
        foreach (JsonElement e in Cases("resize_boundary"))
        {
            int[] size = e.Ints("new");
            Assert.Equal((size[0], size[1]), BilinearResize.ShortSide(e.Int("width"), e.Int("height"), e.Int("short_side")));
        }
    }

    [Fact]
    public void Centre_crops_are_the_official_ones()
    {
        foreach (int[] row in Cases("center_crop").Select(row => row.Ints()))
            Assert.Equal(new CropBox(row[3], row[4], row[5], row[6]), CropBox.Center(row[0], row[1], row[2]));
    }

    [Fact]
    public void Three_crops_are_the_official_ones_in_their_order()
    {
        foreach (JsonElement e in Cases("three_crop"))
        {
            if (e.TryGetProperty("error", out _))
            {
                Assert.Throws<ArgumentException>(() => CropBox.Three(e.Int("width"), e.Int("height"), e.Int("crop")));
                continue;
            }
            Assert.Equal(
                e.GetProperty("boxes").EnumerateArray().Select(box => box.Ints()).Select(b => new CropBox(b[0], b[1], b[2], b[3])),
                CropBox.Three(e.Int("width"), e.Int("height"), e.Int("crop"), official: true));
        }
    }

    [Fact]
    public void The_second_of_three_crops_can_reach_the_edge()
    {
        Assert.Equal(new CropBox(2, 0, 226, 224), CropBox.Three(227, 224, 224, official: true)[1]);
        Assert.Equal(new CropBox(3, 0, 227, 224), CropBox.Three(227, 224, 224)[1]);
    }

    [Fact]
    public void Usual_sequences_give_the_official_sizes_and_boxes()
    {
        foreach (JsonElement e in Cases("chains"))
        {
            int[] size = e.Ints("size");
            foreach (int side in (int[])[256, 224])
            {
                (int width, int height) = BilinearResize.ShortSide(size[0], size[1], side);
                Assert.Equal((e.Ints($"short{side}")[0], e.Ints($"short{side}")[1]), (width, height));
                Assert.Equal(e.Box($"short{side}_center224"), CropBox.Center(width, height, 224));
            }
        }
    }

    [Fact]
    public void Random_resized_crops_are_the_official_ones_for_the_same_draws()
    {
        foreach (JsonElement e in Cases("random_resized_crop"))
        {
            (int width, int height) = (e.Int("width"), e.Int("height"));
            double[] Doubles(string name) => [.. e.GetProperty(name).EnumerateArray().Select(v => v.GetDouble())];
            double[] area = Doubles("area_range_drawn"), ratio = Doubles("log_ratio_range");
            var draws = new ParityData.Replay().Then(ratio[0], ratio[1], Doubles("log_ratio")).Then(area[0], area[1], Doubles("area"));
            if (!e.GetProperty("fallback").GetBoolean())
            {
                int[] x = e.Ints("x_range"), y = e.Ints("y_range");
                draws.Then(x[0], x[1], e.Int("x")).Then(y[0], y[1], e.Int("y"));
            }
            Assert.Equal(e.Box("box"), new RandomResizedCrop { Area = (area[0], area[1]) }.Draw(width, height, draws));
            draws.ExpectEnd();
        }
    }

    [Fact]
    public void Random_erasing_is_the_official_one_for_the_same_draws()
    {
        foreach (JsonElement e in Cases("random_erasing"))
        {
            var draws = new ParityData.Replay().Then(0, 1, e.GetProperty("u").GetDouble());
            bool erased = e.GetProperty("erased").GetBoolean();
            if (erased)
            {
                draws.Then(e.GetProperty("log_ratio_range")[0].GetDouble(), e.GetProperty("log_ratio_range")[1].GetDouble(), e.GetProperty("log_ratio").GetDouble());
                draws.Then(e.GetProperty("area_range")[0].GetDouble(), e.GetProperty("area_range")[1].GetDouble(), e.GetProperty("area").GetDouble());
                foreach (JsonElement offset in e.GetProperty("offset_draws").EnumerateArray())
                    draws.Then(offset.Ints("range")[0], offset.Ints("range")[1], offset.Int("value"));
            }
            var erasing = new RandomErasing { Probability = e.GetProperty("erase_prob").GetDouble() };
            Assert.Equal(erased ? e.Box("box") : null, erasing.Draw(e.Int("width"), e.Int("height"), draws));
            draws.ExpectEnd();
        }
    }

    [Fact]
    public void Labels_of_left_and_right_change_places_when_a_clip_is_mirrored()
    {
        var transform = new ClipTransform { LabelsSwappedByFlip = [(86, 87), (93, 94), (166, 167)] };
        foreach (JsonElement e in Cases("flip_label"))
        {
            int label = e.Int("label");
            Assert.Equal(e.Int("result"), e.GetProperty("flipped").GetBoolean() ? transform.FlippedLabel(label) : label);
        }
    }

    [Fact]
    public void A_crop_that_does_not_fit_is_refused()
    {
        Assert.Throws<ArgumentException>(() => CropBox.Center(223, 300, 224));
        Assert.Throws<ArgumentException>(() => CropBox.Three(300, 225, 224));
        Assert.Throws<ArgumentException>(() => CropBox.Three(224, 223, 224));
    }
}
