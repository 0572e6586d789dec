using System.Text.Json.Nodes;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.DataSets;

namespace ZeroI2V.Lab.Tests.DataSets;

public sealed class DataSetManifestTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void There_is_a_manifest_for_every_data_set_and_split() => Assert.Equal(
        ["hmdb51-split1", "hmdb51-split2", "hmdb51-split3", "kinetics400", "ssv2", "ucf101-split1", "ucf101-split2", "ucf101-split3"],
        DataSetManifest.All().Select(manifest => manifest.Id));

    [Fact]
    public void Every_recipe_fits_the_recogniser_that_it_names()
    {
        foreach (DataSetManifest manifest in DataSetManifest.All())
        {
            foreach (DataRecipe recipe in manifest.Recipes)
            {
                string[] name = recipe.Model.Split('.');
                var options = (RecognizerOptions)typeof(Presets).GetNestedType(name[0])!.GetProperty(name[1])!.GetValue(null)!;
                Assert.Equal((options.Frames, options.Classes), (recipe.Training.Sampling.Frames, manifest.Classes));
                Assert.Equal(options.Backbone.Resolution, recipe.Test.Transform.CropSize);
            }
        }
    }

    [Theory]
    [InlineData("kinetics400", 3, 3, CropRule.Center)]
    [InlineData("ssv2", 1, 3, CropRule.Three)]
    [InlineData("ucf101", 1, 3, CropRule.Three)]
    public void Test_views_are_the_papers(string key, int clips, int views, CropRule crop)
    {
        DataRecipe recipe = DataSetManifest.Find(key).Recipe();
        Assert.Equal((clips, views, crop), (recipe.Test.Sampling.Clips, recipe.Test.TestViews, recipe.Test.Transform.Crop));
    }

    [Fact]
    public void Left_and_right_classes_of_something_something_are_paired() =>
        Assert.Equal([[86, 87], [93, 94], [166, 167]], DataSetManifest.Find("ssv2").FlipPairs.Select(pair => pair.ToArray()));

    [Theory]
    [InlineData("unknown", "1", "could not be mapped")]
    [InlineData("schema", "2", "this program reads 1")]
    [InlineData("classes", "0", "classes is 0")]
    [InlineData("flipPairs", "[[86,87],[87,88]]", "flipPairs has [87, 88]")]
    [InlineData("flipPairs", "[[86,174]]", "flipPairs has [86, 174]")]
    [InlineData("request", "\"ftp://x\"", "expected an https address")]
    [InlineData("annotationFiles", "{\"train\":[\"../x\"],\"validation\":[\"y\"]}", "file names without folders")]
    [InlineData("format", "3", "format")]
    [InlineData("recipes", "[]", "no recipes")]
    [InlineData("key", "\"ssv1\"", "key and split make 'ssv1'")]
    public void A_manifest_that_cannot_be_right_is_refused(string key, string value, string problem)
    {
        JsonNode manifest = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "data-manifests", "ssv2.json")))!;
        manifest[key] = JsonNode.Parse(value);
        File.WriteAllText(_folder["ssv2.json"], manifest.ToJsonString());
        Assert.Contains(problem, Assert.Throws<InvalidDataException>(() => DataSetManifest.Load(_folder["ssv2.json"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_recipe_with_an_unknown_key_is_refused()
    {
        JsonNode manifest = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "data-manifests", "ssv2.json")))!;
        manifest["recipes"]![0]!["training"]!["transform"]!["rotate"] = 3;
        File.WriteAllText(_folder["ssv2.json"], manifest.ToJsonString());
        Assert.Throws<InvalidDataException>(() => DataSetManifest.Load(_folder["ssv2.json"]));
    }

    [Fact]
    public void What_is_not_there_is_answered_with_what_is()
    {
        Assert.Contains("ssv2", Assert.Throws<ArgumentException>(() => DataSetManifest.Find("imagenet")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => DataSetManifest.Find("ucf101", 4));
        Assert.Contains("vit-b-16-u16", Assert.Throws<ArgumentException>(() => DataSetManifest.Find("ssv2").Recipe("x")).Message, StringComparison.Ordinal);
    }
}
