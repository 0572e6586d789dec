using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.Reporting;
using ZeroI2V.Lab.Stdha;
using ZeroI2V.Lab.Tests.Backbone;
using ZeroI2V.Lab.Tests.FFMpegCore;
using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.Tests.Ablations;

public sealed class ThreeFramesTests
{
    [Fact]
    public void Channels_show_the_frames_that_their_heads_see()
    {
        int[][] shown = ThreeFrames.Shown(HeadSplit.Lowest(-1, 1), heads: 4, width: 4, frames: 3);
        Assert.Equal([[0, 1, 0, 0], [0, 2, 1, 1], [1, 2, 2, 2]], shown);
        Assert.Equal(["0", "0 0", "1 1"], StdhaTables.Shown(HeadSplit.Lowest(-1, 1), heads: 2, width: 4, frames: 3).Validated().Rows[0].ToArray());
    }

    [Fact]
    public void Without_offsets_the_model_is_the_image_model_and_with_them_it_is_not()
    {
        using var folder = new TemporaryFolder();
        using (var image = TinyModels.Filled(new VisionTransformer(TinyModels.Vit)))
            image.Save(folder["image.safetensors"]);
        IReadOnlyList<FeatureDifference> differences = ThreeFrames.FromImageModel(folder["image.safetensors"], TinyModels.Vit, 3, HeadSplit.Spatial, HeadSplit.Lowest(0, 0, 0, 0), HeadSplit.Lowest(3, -3), HeadSplit.Lowest(-1, 1));
        Assert.All(differences.Take(3), item => Assert.True(item.Difference < 1e-5, item.What));
        Assert.True(differences[3].Difference > 1e-2);
        Assert.Equal(["Δt spatial", "Δt spatial", "Δt +3 −3", "Δt −1 +1"], StdhaTables.Differences(differences).Validated().Rows.Select(row => row[0]));
    }

    [Fact]
    public void A_patch_looks_into_the_frames_of_its_heads()
    {
        using var folder = new TemporaryFolder();
        using (var image = TinyModels.Filled(new VisionTransformer(TinyModels.Vit)))
            image.Save(folder["image.safetensors"]);
        PatchLook look = ThreeFrames.Look(folder["image.safetensors"], TinyModels.Vit, HeadSplit.Lowest(-1, 1), MicroSsv2.Example(3, 12), frame: 1, layer: 1);
        Assert.Equal([(0, -1, 0), (1, 1, 2), (2, 0, 1), (3, 0, 1)], look.Heads.Select(head => (head.Head, head.Offset, head.SeenFrame)));
        Assert.InRange(look.Patch, 0, 8);
        // Nine patches; the class token has the rest.
        Assert.All(look.Heads, head => Assert.True(head.Patches.Count == 9 && head.Patches.Sum() is > 0.5f and < 1));
        SvgDrawing drawing = new PatchLookDrawing("title", "subtitle", look).Draw();
        // Four rows of three frames; nine patches of colour in each row, and the patch that asks; the ground.
        Assert.Equal(4 * 3, Count(drawing.Text, "<use "));
        Assert.Equal(4 * 9 + 4, Count(drawing.Text, "<rect ") - 1);
    }

    [Fact]
    public void The_drawing_has_an_arrow_for_every_frame_of_every_panel()
    {
        Assert.Equal(4 * 3, Count(new WhoSeesWhom("heads", HeadSplit.Lowest(-1, 1)).Draw().Text, "<line "));
        // Half of head 0 back, half ahead: two panels for it, one for each other head.
        SvgDrawing halves = new WhoSeesWhom("half heads", HeadSplit.ChannelRanges(2, -1, 1)).Draw();
        Assert.Equal(5 * 3, Count(halves.Text, "<line "));
        Assert.Contains("head 0, channels 2–3", halves.Text, StringComparison.Ordinal);
        Assert.Contains("only the class token", new WhoSeesWhom("token", HeadSplit.TokenShift(0, -1)).Draw().Text, StringComparison.Ordinal);
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    [Fact]
    public void Sizes_and_frames_may_be_those_of_an_image_model_and_a_video_of_ones_own()
    {
        // Four heads of 16 channels: the weights alone would tell one of 64.
        Assert.Equal(MicroRecipe.Recognizer.Backbone with { Projection = 0 }, ThreeFrames.SizesOf(Path.Combine(RepositoryRoot.Path, "models", "micro-vit-small.safetensors")));
        using var videos = new SmallVideo();
        string video = videos.MakeFrames("own.mp4", Enumerable.Range(0, 21).Select(i => 10 * i));
        FrameStack clip = ThreeFrames.Clip(video, 32);
        Assert.Equal((3, 32, 32), (clip.Count, clip.Height, clip.Width));
        Assert.Equal(new ClipTransform { ShortSide = 32, Crop = CropRule.Center, CropSize = 32 }.Test(VideoFile.Decode(video, [6, 10, 14]))[0].Rgb, clip.Rgb);
    }
}
