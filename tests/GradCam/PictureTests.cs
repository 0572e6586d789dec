using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.GradCam;
using ZeroI2V.Lab.Reporting;
using ZeroI2V.Lab.Tests.Backbone;
using ZeroI2V.Lab.VideoData;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.GradCam;

public sealed class PictureTests
{
    internal static readonly IReadOnlyList<string> ClassNames = ["left", "right", "<up>", "down", "\"spin\" & </script>"];

    /// <summary>Two models over one clip of three frames of 12 pixels.</summary>
    internal static CamLook Look(int seed = 7)
    {
        using var scope = NewDisposeScope();
        using VideoRecognizer model = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer), seed);
        using VisionTransformer image = TinyModels.Filled(new VisionTransformer(TinyModels.Vit));
        var random = new Random(seed);
        var rgb = new byte[3 * 3 * 12 * 12];
        random.NextBytes(rgb);
        var clip = new CamClip(new FrameStack(rgb, 3, 12, 12), [2, 7, 11], 10);
        return CamLook.At("A clip", clip, synthetic: true, [CamNamedSubject.Of(model, ClassNames), CamNamedSubject.Feature("image model", CamSubject.FrameByFrame(image))], new CamOptions
        {
            Methods = CamMethod.Every,
            Layers = [0, 1],
            Scores = [CamScore.Of(4), CamScore.Difference(0, 1)],
        });
    }

    [Fact]
    public void A_png_of_the_labs_own_decodes_to_its_pixels()
    {
        using var folder = new TemporaryFolder();
        var random = new Random(3);
        var rgb = new byte[3 * 37 * 21];
        for (int i = 0; i < rgb.Length; i++)
            rgb[i] = i < rgb.Length / 2 ? (byte)(i / 50) : (byte)random.Next(256);
        File.WriteAllBytes(folder["a.png"], PngPicture.Encode(rgb, 37, 21));
        FrameStack decoded = VideoFile.Decode(folder["a.png"]);
        Assert.Equal((1, 37, 21), (decoded.Count, decoded.Width, decoded.Height));
        Assert.Equal(rgb, decoded.Rgb);
        Assert.Equal((2, 1), PngHeader.Size(PngPicture.Encode(new byte[8], 2, 1)));
        Assert.Throws<ArgumentException>(() => PngPicture.Encode(new byte[7], 2, 1));
    }

    [Fact]
    public void Equal_steps_of_the_colours_are_equal_to_the_eye_and_go_from_dark_to_light()
    {
        (double L, double A, double B)[] colours = [.. Enumerable.Range(0, HeatColors.Count).Select(i => Oklab(HeatColors.Of(i / 255f)))];
        const int Step = 15;
        double[] distances = [.. Enumerable.Range(0, 17).Select(i => (From: colours[i * Step], To: colours[(i + 1) * Step])).Select(pair =>
            Math.Sqrt(Math.Pow(pair.To.L - pair.From.L, 2) + Math.Pow(pair.To.A - pair.From.A, 2) + Math.Pow(pair.To.B - pair.From.B, 2)))];
        Assert.All(distances, distance => Assert.InRange(distance, 0.93 * distances.Average(), 1.07 * distances.Average()));
        Assert.All(Enumerable.Range(0, 17), i => Assert.True(colours[(i + 1) * Step].L > colours[i * Step].L));
        Assert.True(colours[0].L < 0.2 && colours[^1].L > 0.9);
        Assert.Equal(HeatColors.Of(0), HeatColors.Of(float.NaN));
        Assert.Equal(HeatColors.Of(1), HeatColors.Of(7));

        static (double, double, double) Oklab((byte R, byte G, byte B) colour)
        {
            (double r, double g, double b) = (Linear(colour.R), Linear(colour.G), Linear(colour.B));
            double l = Math.Cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b), m = Math.Cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b), s = Math.Cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
            return (0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s, 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s, 0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s);
        }

        static double Linear(byte value) => value / 255.0 is var v && v <= 0.04045 ? v / 12.92 : Math.Pow((v + 0.055) / 1.055, 2.4);
    }

    [Fact]
    public void An_overlay_leaves_alone_what_has_no_evidence_and_colours_what_has_most()
    {
        var frames = new FrameStack([.. Enumerable.Repeat((byte)100, 3 * 2 * 4)], 1, 2, 4);
        var panel = CamPanel.Together(("map", new CamMap([-5, 2], 1, 1, 2)))[0];
        FrameStack over = CamOverlay.Over(frames, panel, alpha: 1);
        Assert.Equal([100, 100, 100], over.Frame(0)[..3].ToArray());
        (byte r, byte g, byte b) = HeatColors.Of(1);
        Assert.Equal([r, g, b], over.Frame(0)[9..12].ToArray());
        Assert.Equal(frames.Rgb, CamOverlay.Over(frames, panel, alpha: 0).Rgb);
        Assert.Contains("Alpha is 1.5", Assert.Throws<CamException>(() => CamOverlay.Over(frames, panel, alpha: 1.5)).Message, StringComparison.Ordinal);
        Assert.Contains("2 frames", Assert.Throws<CamException>(() => CamOverlay.Over(frames with { Count = 2, Height = 1 }, panel)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sheet_has_a_row_for_each_group_a_column_for_each_frame_and_says_its_scale()
    {
        CamLook look = Look();
        System.Xml.Linq.XElement svg = System.Xml.Linq.XElement.Parse(look.Sheet().Text);
        Assert.Equal(3 + (4 * 3), svg.Descendants().Count(element => element.Name.LocalName == "image"));
        foreach (string text in (string[])["A clip", "Grad-CAM for “\"spin\" & </script>”", "layer 1 (0 to 1)", "synthetic data", "image model", "spatial heads", "temporal heads", "STDHA", "7 · 0.70 s", "spatial heads, temporal heads, STDHA: one scale", "that they look at"])
            Assert.Contains(text, string.Join(' ', svg.Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value)), StringComparison.Ordinal);
        Assert.Contains("“left − right”", look.Sheet(score: 1, frame: EvidenceFrame.Query).Text.Replace("&#8220;", "“", StringComparison.Ordinal).Replace("&#8221;", "”", StringComparison.Ordinal).Replace("&#8722;", "−", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(["temporal heads"], look.Panels(only: HeadGroup.Temporal).Select(panel => panel.Title));
        Assert.Contains("no maps of layer 5", Assert.Throws<CamException>(() => (look with { Models = [look.Models[0] with { Depth = 9 }] }).Sheet(layer: 5)).Message, StringComparison.Ordinal);
        using var folder = new TemporaryFolder();
        SavedFigure saved = StaticFigure.Save(look.Sheet(), folder.Path, "sheet", "t", Provenance.Collect("options", [], []));
        Assert.True(File.ReadAllBytes(saved.Pdf!).AsSpan().StartsWith("%PDF"u8));
        Assert.Equal((2 * look.Sheet().Width, 2 * look.Sheet().Height), PngHeader.Size(File.ReadAllBytes(saved.Png)));
        Assert.Contains("sheet.pdf", File.ReadAllText(saved.Sidecar), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("clip.mp4", "mp4")]
    [InlineData("clip.gif", "gif")]
    public void A_moving_picture_has_the_clip_and_its_maps_side_by_side(string name, string format)
    {
        using var folder = new TemporaryFolder();
        CamLook look = Look();
        CamAnimation.Save(folder[name], look.Clip.Frames, look.Panels(), framesPerSecond: 5, side: 48, cancellationToken: TestContext.Current.CancellationToken);
        VideoInfo info = VideoFile.Probe(folder[name]);
        Assert.Equal((3, 5 * (48 + 6) + 6, 48 + 36), (info.Frames, info.Width, info.Height));
        Assert.Equal(format == "gif" ? "gif" : "h264", info.Codec);
        Assert.Equal(5, info.FramesPerSecond, 0.1);
        Assert.Contains("'.avi'", Assert.Throws<CamException>(() => CamAnimation.Save(folder["a.avi"], look.Clip.Frames, look.Panels(), cancellationToken: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        Assert.Equal([name], Directory.GetFiles(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void Numbers_are_kept_as_they_are()
    {
        using var folder = new TemporaryFolder();
        CamLook look = Look();
        look.SaveNumbers(folder["maps.safetensors"]);
        using WeightSet maps = SafeTensors.Read(folder["maps.safetensors"]);
        LayerMaps last = look.Maps.Maps.Single(made => made.Origin is { Layer: 1, Score.Class: 0 } && made.Origin.Method == CamMethod.HiResCam);
        Assert.Equal([3, 3, 3], maps["hirescam/layer1/class0-1/temporal"].shape);
        Assert.Equal(last.Map(HeadGroup.Temporal).Values, maps["hirescam/layer1/class0-1/temporal"].data<float>().ToArray());
        Assert.Equal("2 7 11", maps.Metadata["frames"]);
    }

    [Fact]
    public void A_video_that_is_too_short_is_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        CamLook look = Look();
        CamAnimation.Save(folder["short.mp4"], look.Clip.Frames, [], side: 48, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Contains("3 frames; the model takes 8", Assert.Throws<CamException>(() => CamClip.Read(folder["short.mp4"], 12, new FrameSampling { Frames = 8 })).Message, StringComparison.Ordinal);
        CamClip clip = CamClip.Read(folder["short.mp4"], 12, new FrameSampling { Frames = 3 });
        using var scope = NewDisposeScope();
        Tensor numbers = clip.ToTensor();
        Assert.Equal([1, 3, 3, 12, 12], numbers.shape);
        Assert.Equal(ClipNormalization.Clip.Apply(clip.Frames.Frame(2)[(3 * 25) + 1], 1), numbers[0, 1, 2, 2][1].item<float>());
    }
}
