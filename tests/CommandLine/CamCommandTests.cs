using System.CommandLine;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.CommandLine;
using ZeroI2V.Lab.GradCam;
using ZeroI2V.Lab.Reparameterization;
using ZeroI2V.Lab.Reporting;
using ZeroI2V.Lab.Stdha;
using ZeroI2V.Lab.Tests.Backbone;
using ZeroI2V.Lab.Tests.GradCam;
using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.Tests.CommandLine;

public sealed class CamCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public CamCommandTests()
    {
        CamLook look = PictureTests.Look();
        CamAnimation.Save(_folder["A clip.mp4"], look.Clip.Frames, look.Panels(), side: 32);
        using VideoRecognizer model = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer));
        model.Save(_folder["model.safetensors"]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_video_becomes_a_page_a_sheet_moving_pictures_and_numbers()
    {
        using (VisionTransformer image = TinyModels.Filled(new VisionTransformer(TinyModels.Vit)))
            image.Save(_folder["image.safetensors"]);
        File.WriteAllLines(_folder["names.txt"], PictureTests.ClassNames);
        var (status, output, errors) = LabProgram.Run(
            _folder.Path, "cam", "model.safetensors", "A clip.mp4", "--class", "<up>", "--against", "3", "--layer", "0", "--method", "hirescam",
            "--image-model", "image.safetensors", "--classes", "names.txt", "--out", "out");
        Assert.Equal((0, ""), (status, errors));
        Assert.Equal(
            ["cam-a-clip.gif", "cam-a-clip.html", "cam-a-clip.json", "cam-a-clip.mp4", "cam-a-clip.pdf", "cam-a-clip.png", "cam-a-clip.safetensors", "cam-a-clip.svg"],
            Directory.GetFiles(_folder["out"]).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        foreach (string text in (string[])["image model", "spatial heads", "temporal heads", "STDHA", "The model says"])
            Assert.Contains(text, output, StringComparison.Ordinal);
        string sheet = System.Xml.Linq.XElement.Load(_folder["out/cam-a-clip.svg"]).Value;
        Assert.Contains("HiRes-CAM for “<up> − down” at the heads' values of layer 0 (0 to 1)", sheet, StringComparison.Ordinal);
        Assert.DoesNotContain("synthetic", sheet, StringComparison.Ordinal);
        using WeightSet maps = SafeTensors.Read(_folder["out/cam-a-clip.safetensors"]);
        Assert.Contains("gradcam/layer1/class2-3/offset+1", maps.Tensors.Keys);
    }

    [Fact]
    public void A_folded_checkpoint_and_one_group_of_heads_will_do()
    {
        using (VideoRecognizer model = VideoRecognizer.Open(_folder["model.safetensors"]))
        using (VideoRecognizer folded = Folding.Fold(model))
            FoldedFile.Save(folded, _folder["folded.safetensors"]);
        var (status, output, errors) = LabProgram.Run(_folder.Path, "cam", "folded.safetensors", "A clip.mp4", "--heads", "offset-1", "--at-query", "--out", "out");
        Assert.Equal((0, ""), (status, errors));
        Assert.Contains("heads of Δt −1", output, StringComparison.Ordinal);
        Assert.DoesNotContain("spatial", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no class 'sideways'; the model has 5", "--class", "sideways")]
    [InlineData("--against needs a --class", "--against", "1")]
    [InlineData("no layer 2; the model has 2", "--layer", "2")]
    [InlineData("no head group 'both'", "--heads", "both")]
    [InlineData("no heads of Δt +7", "--heads", "offset+7")]
    [InlineData("no method 'cam'", "--method", "cam")]
    [InlineData("every map is zero", "--place", "HeadOutputs", "--layer", "1")]
    [InlineData("Alpha is 2", "--alpha", "2")]
    [InlineData("no class", "--class", "5")]
    public async Task What_is_not_there_is_one_clear_error(string expected, params string[] arguments)
    {
        Assert.Contains(expected, await Refused(["model.safetensors", "A clip.mp4", "--out", "out", .. arguments]), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["out"]));
    }

    [Fact]
    public async Task A_model_without_temporal_heads_a_file_without_a_head_and_a_short_video_are_told()
    {
        using (VideoRecognizer spatial = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer with { Heads = HeadSplit.Spatial })))
            spatial.Save(_folder["spatial.safetensors"]);
        using (VisionTransformer image = TinyModels.Filled(new VisionTransformer(TinyModels.Vit)))
            image.Save(_folder["image.safetensors"]);
        using (VideoRecognizer longer = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer with { Frames = 8 })))
            longer.Save(_folder["longer.safetensors"]);
        Assert.Contains("no temporal heads", await Refused("spatial.safetensors", "A clip.mp4", "--heads", "temporal"), StringComparison.Ordinal);
        Assert.Contains("no classification head", await Refused("image.safetensors", "A clip.mp4"), StringComparison.Ordinal);
        Assert.Contains("3 frames; the model takes 8", await Refused("longer.safetensors", "A clip.mp4"), StringComparison.Ordinal);
        Assert.Contains("There is no such file", await Refused("model.safetensors", "none.mp4"), StringComparison.Ordinal);
    }

    /// <summary>The message that the program shows as its one line; here without the time that starting it takes.</summary>
    private async Task<string> Refused(params string[] arguments)
    {
        string[] here = [.. arguments.Select(argument => Path.HasExtension(argument) || argument == "out" ? _folder[argument] : argument)];
        Exception error = await Assert.ThrowsAnyAsync<Exception>(() => CamCommand.Create().Parse(here).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }, TestContext.Current.CancellationToken));
        Assert.True(error is CamException or VideoException, error.ToString());
        return error.Message;
    }
}
