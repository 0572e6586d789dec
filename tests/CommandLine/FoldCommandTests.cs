using System.Text.Json.Nodes;
using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.Files;
using ZeroI2V.Lab.Tests.Backbone;
using ZeroI2V.Lab.Tests.FFMpegCore;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.CommandLine;

public sealed class FoldCommandTests
{
    private static string Official => Path.Combine(AppContext.BaseDirectory, "assets", "parity", "ablation_open", "checkpoint.pth");

    private static string Saved(TemporaryFolder folder, RecognizerOptions options, Action<VideoRecognizer>? change = null)
    {
        using var model = TinyModels.Filled(new VideoRecognizer(options));
        change?.Invoke(model);
        model.Save(folder["model.safetensors"]);
        return folder["model.safetensors"];
    }

    [Fact]
    public void An_official_checkpoint_is_folded_and_proven_equal()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var (status, output, errors) = LabProgram.Run(folder.Path, "fold", Official, "--offsets", "-1", "1", "-2", "2", "--scale", "1", "--head-count", "12", "--out", folder["folded.safetensors"], "--unfolded", folder["whole.safetensors"]);
        Assert.Equal((0, ""), (status, errors));
        foreach (string part in new[] { "block 0", "block 2", "class features", "logits", "random frames", "synthetic", "CLIP's 43 keys and shapes exactly, 0 parameters added" })
            Assert.Contains(part, output, StringComparison.Ordinal);

        JsonNode report = JsonNode.Parse(File.ReadAllText(folder["folded.json"]))!;
        Assert.Equal(FileHash.Sha256(Official), (string?)report["sha256"]);
        foreach (string frames in new[] { "random", "real" })
        {
            Assert.Equal(3, report[frames]!["blocks"]!.AsArray().Count);
            Assert.InRange((double)report[frames]!["logits"]!, 1e-12, 1e-5);
        }
        Assert.Equal(0, (long)report["keys"]!["addedParameters"]!);

        using VideoRecognizer folded = VideoRecognizer.Open(folder["folded.safetensors"]), whole = VideoRecognizer.Open(folder["whole.safetensors"]);
        folded.eval();
        whole.eval();
        Assert.Null(folded.Options.Adapters);
        Assert.Equal(whole.Options, folded.Options with { Adapters = whole.Options.Adapters });
        Tensor clips = TinyModels.Numbers(3, 1, 1, 3, 16, 64, 64);
        Assert.InRange(TinyModels.Difference(whole.call(clips), folded.call(clips)), 1e-12, 1e-5);
        IReadOnlyDictionary<string, string> metadata = SafeTensors.ReadMetadata(folder["folded.safetensors"]);
        Assert.Equal("pt", metadata["format"]);
        Assert.Contains(FileHash.Sha256(Official), metadata["provenance"], StringComparison.Ordinal);
        Assert.Contains("\"random\"", metadata["folded.report"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hf", "vision_model.encoder.layers.1.self_attn.k_proj.weight")]
    [InlineData("clip", "visual.transformer.resblocks.1.attn.in_proj_weight")]
    public void The_folded_model_takes_the_names_that_are_asked_for(string naming, string expected)
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        string path = Saved(folder, TinyModels.Recognizer);
        var (status, _, errors) = LabProgram.Run(folder.Path, "fold", path, "--naming", naming);
        Assert.Equal((0, ""), (status, errors));
        using WeightSet weights = SafeTensors.Read(path + ".folded.safetensors");
        Assert.Contains(expected, weights.Tensors.Keys);
        // It is a plain image model of that family, and the recogniser as well.
        using var plain = new VisionTransformer(VitSizes.Infer(weights));
        Assert.Equal(["cls_head.fc_cls.bias", "cls_head.fc_cls.weight", "temporal_embedding"], plain.Load(weights).LeftOut.Order(StringComparer.Ordinal));
        using VideoRecognizer model = VideoRecognizer.Open(path), folded = VideoRecognizer.Open(path + ".folded.safetensors");
        model.eval();
        folded.eval();
        Assert.InRange(TinyModels.Difference(model.call(TinyModels.Clips()), folded.call(TinyModels.Clips())), 0, 1e-5);
    }

    [Fact]
    public void Frames_of_a_video_that_is_given_are_compared_on()
    {
        using var folder = new TemporaryFolder();
        using var videos = new SmallVideo();
        string video = videos.MakeCounter("video.mp4", frames: 20);
        var (status, output, errors) = LabProgram.Run(folder.Path, "fold", Saved(folder, TinyModels.Recognizer), "--video", video);
        Assert.Equal((0, ""), (status, errors));
        Assert.Contains("video.mp4", output, StringComparison.Ordinal);
        Assert.DoesNotContain("synthetic", output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_folded_is_refused_by_the_names_of_its_options()
    {
        using var folder = new TemporaryFolder();
        foreach ((RecognizerOptions options, string name) in new[]
        {
            (TinyModels.Recognizer with { Adapters = new AdapterOptions { Activation = AdapterActivation.Gelu } }, "Activation"),
            (TinyModels.Recognizer with { Adapters = null, Aim = new AimOptions() }, "Aim"),
            (TinyModels.Recognizer with { Adapters = null, StAdapter = new StAdapterOptions() }, "StAdapter"),
            (TinyModels.Recognizer with { Adapters = null }, "nothing to fold"),
        })
        {
            string path = Saved(folder, options);
            var (status, _, errors) = LabProgram.Run(folder.Path, "fold", path);
            Assert.Equal(1, status);
            Assert.Contains(name, errors, StringComparison.Ordinal);
            Assert.False(File.Exists(path + ".folded.safetensors"));
        }
    }

    [Fact]
    public void What_no_tensor_tells_is_asked_for_by_the_name_of_its_option()
    {
        using var folder = new TemporaryFolder();
        foreach ((string[] given, string asked) in new (string[], string)[]
        {
            ([], "number of heads"),
            (["--head-count", "12"], "--offsets"),
            (["--head-count", "12", "--offsets", "-1"], "--scale"),
        })
        {
            var (status, _, errors) = LabProgram.Run(folder.Path, ["fold", Official, "--out", folder["x"], .. given]);
            Assert.Equal(1, status);
            Assert.Contains(asked, errors, StringComparison.Ordinal);
        }
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Adapters_that_are_said_to_have_gelu_are_not_folded()
    {
        using var folder = new TemporaryFolder();
        var (status, _, errors) = LabProgram.Run(folder.Path, "fold", Official, "--head-count", "12", "--offsets", "-1", "--scale", "1", "--adapters", "gelu", "--out", folder["x"]);
        Assert.Equal(1, status);
        Assert.Contains("Activation is Gelu", errors, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Weights_that_are_no_numbers_are_reported_and_nothing_but_the_report_is_written()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        string path = Saved(folder, TinyModels.Recognizer, model =>
        {
            using var frozen = no_grad();
            model.Head.parameters().First().fill_(float.NaN);
        });
        var (status, output, errors) = LabProgram.Run(folder.Path, "fold", path);
        Assert.Equal(1, status);
        Assert.Contains("Infinities or NaN in: cls_head.fc_cls.weight", output, StringComparison.Ordinal);
        Assert.Contains("not equal", errors, StringComparison.Ordinal);
        Assert.Contains("\"NaN\"", File.ReadAllText(path + ".folded.json"), StringComparison.Ordinal);
        Assert.False(File.Exists(path + ".folded.safetensors"));
    }
}
