using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.GradCam;
using ZeroI2V.Lab.Notebooks;
using ZeroI2V.Lab.Reporting;
using ZeroI2V.Lab.Tests.Backbone;
using ZeroI2V.Lab.Tests.MicroWorld;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.Tests.Reporting;

public sealed class FirstLightCamTests(QuickData data)
{
    [Fact]
    public void A_recogniser_of_the_first_comparison_is_looked_into_beside_its_image_model()
    {
        using var folder = new TemporaryFolder();
        MicroSplits splits = data.Clips;
        FirstLightOptions options = FirstLightOptions.Quick with { Data = data.Root };
        using (VisionTransformer image = TinyModels.Filled(new VisionTransformer(options.ImageModel.Backbone)))
            image.Save(folder["image.safetensors"]);
        using (VideoRecognizer model = TinyModels.Filled(new VideoRecognizer(MicroRecipe.Recognizer with { Backbone = options.ImageModel.Backbone, Heads = FirstLightRow.Stdha.Heads })))
            model.Save(folder["run/model.safetensors"]);
        var report = new FirstLightReport(
            options, new PretrainedImageModel(folder["image.safetensors"], "", true, new Dictionary<string, double>(), 0), "", 0, 0,
            [new FirstLightRun(FirstLightRow.Stdha, 0, folder["run"], true, 0, 0, null!, [])]);

        using FirstLightCam cam = FirstLightCam.Open(report);
        CamLook look = cam.Look("moving left");
        Assert.Equal(["image model", "spatial heads", "temporal heads", "STDHA"], look.Panels().Select(panel => panel.Title));
        Assert.Contains("“moving left”", System.Xml.Linq.XElement.Parse(look.Sheet().Text).Value, StringComparison.Ordinal);
        Assert.InRange(Picture.FromDrawing(look.Sheet(), "a sheet").Content.Length, 1000, Picture.MaxBytes);
        Assert.Contains("no class 'left'", Assert.Throws<CamException>(() => cam.Look("left")).Message, StringComparison.Ordinal);
        Assert.Contains("no number 99", Assert.Throws<CamException>(() => cam.Look("moving left", 99)).Message, StringComparison.Ordinal);
        Assert.Contains("no run of seed 5", Assert.Throws<CamException>(() => FirstLightCam.Open(report, seed: 5)).Message, StringComparison.Ordinal);

        CamLook file = cam.LookAt(splits.Test.FullPath(splits.Test.Clips[0]), synthetic: true);
        Assert.Contains("synthetic data", file.Viewer().Subtitle, StringComparison.Ordinal);
        SavedFigure saved = cam.Save(file.Sheet(), folder["figures"], "cam", "title");
        Assert.Contains("\"synthetic\": true", File.ReadAllText(saved.Sidecar), StringComparison.Ordinal);

        ResultTable groups = CamTables.Groups(cam.Study(CamMethod.GradCam, every: splits.Test.Clips.Count, only: HeadGroup.Temporal));
        Assert.Equal(["temporal heads", "random maps"], groups.Rows.Select(row => row[0]));
        ResultTable random = CamTables.Randomized(cam.Randomize(CamMethod.HiResCam, clips: 1));
        Assert.Equal(HeadGroup.Of([-1, 1, 0]).Count, random.Rows.Count);
        Assert.Equal("1.00", random.Rows[0][1]);
    }
}
