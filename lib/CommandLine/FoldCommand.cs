using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;
using TorchSharp;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.Files;
using ZeroI2V.Lab.Reparameterization;
using ZeroI2V.Lab.Reporting;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.CommandLine;

/// <summary><c>lab fold CHECKPOINT</c>: folds what was added into the backbone and proves the result equal.</summary>
internal static class FoldCommand
{
    private const int Seed = 1;

    /// <summary>A report of weights that are no numbers says so.</summary>
    private static readonly JsonSerializerOptions Json = new(RunJson.Options) { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private static readonly JsonSerializerOptions JsonLine = new(RunJson.Line) { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private static readonly Dictionary<string, WeightNaming> Namings = new(StringComparer.Ordinal)
    {
        ["clip"] = WeightNaming.Clip,
        ["hf"] = WeightNaming.HuggingFace,
        ["timm"] = WeightNaming.Timm,
    };

    internal static Command Create()
    {
        var checkpoint = new Argument<FileInfo>("CHECKPOINT") { Description = "A recogniser of the lab (.safetensors) or an official checkpoint (.pth), told by content." };
        var output = new Option<FileInfo?>("--out") { Description = "The folded file; <CHECKPOINT>.folded.safetensors unless given. The report is written beside it, as .json." };
        var unfolded = new Option<FileInfo?>("--unfolded") { Description = "Writes the model as it is too, as safetensors with its options." };
        var naming = new Option<string?>("--naming") { Description = "Names of the folded image model: clip, hf (Hugging Face) or timm; those of the checkpoint unless given." };
        naming.AcceptOnlyFromAmong([.. Namings.Keys]);
        var video = new Option<FileInfo?>("--video") { Description = "A video to compare on; a synthetic clip unless given." };
        var offsets = new Option<int[]?>("--offsets") { Description = "Official checkpoints: Δt of the lowest heads, such as --offsets -1 1.", AllowMultipleArgumentsPerToken = true };
        var scale = new Option<double?>("--scale") { Description = "Official checkpoints: the adapters' scale, 0.5 or 1 in the official configs." };
        var heads = new Option<int?>("--heads") { Description = "Official checkpoints: number of heads, where the width does not tell it." };
        var command = new Command("fold", "Fold linear adapters into the backbone and compare folded with unfolded, on random and on real frames.")
        {
            checkpoint, output, unfolded, naming, video, offsets, scale, heads,
        };
        command.SetAction(result =>
        {
            FileInfo file = result.GetRequiredValue(checkpoint);
            VideoRecognizer model = RecognizerFile.Open(file.FullName, result.GetValue(offsets), result.GetValue(scale), result.GetValue(heads), out LoadReport loaded, out WeightNaming family);
            Console.WriteLine(loaded.ToString());
            using (model)
            {
                string target = result.GetValue(output)?.FullName ?? file.FullName + ".folded.safetensors";
                if (result.GetValue(unfolded) is { } whole)
                {
                    model.Save(whole.FullName, Origin(file));
                    Console.WriteLine($"Written: {whole.FullName}");
                }
                return Fold(model, file, target, result.GetValue(naming) is { } name ? Namings[name] : family, result.GetValue(video));
            }
        });
        return command;
    }

    private static int Fold(VideoRecognizer model, FileInfo source, string output, WeightNaming naming, FileInfo? video)
    {
        if (model.Options.Folded() == model.Options)
            throw new ArgumentException($"{source.FullName}: the model has no adapters; there is nothing to fold.");
        using VideoRecognizer folded = Folding.Fold(model);
        EqualityReport report = Compare(model, folded, source, naming, video);
        AnsiConsole.Write(Table(report));
        Console.WriteLine(report.Keys.ToString());
        string reportFile = Path.ChangeExtension(output, ".json");
        AtomicFile.WriteText(reportFile, JsonSerializer.Serialize(report, Json) + "\n");
        Console.WriteLine($"Report: {reportFile}");
        if (!report.Equal)
        {
            Console.Error.WriteLine($"The folded model is not equal to {Number(FoldingReport.Tolerance)}; it was not written.");
            return 1;
        }
        var metadata = new Dictionary<string, string>(Origin(source))
        {
            ["folded.report"] = JsonSerializer.Serialize(report, JsonLine),
        };
        FoldedFile.Save(folded, output, metadata, naming);
        Console.WriteLine($"Written: {output}");
        return 0;
    }

    private static EqualityReport Compare(VideoRecognizer model, VideoRecognizer folded, FileInfo source, WeightNaming naming, FileInfo? video)
    {
        using var scope = torch.NewDisposeScope();
        int frames = model.Options.Frames, size = model.Options.Backbone.Resolution;
        using torch.Generator generator = new torch.Generator(Seed, torch.CPU);
        torch.Tensor random = torch.randn([1, 3, frames, size, size], generator: generator);
        torch.Tensor real = ClipTensor.Of(video is null ? MicroSsv2.Example(frames, size) : Frames(video.FullName, frames, size), ClipNormalization.Clip);
        return new EqualityReport(
            source.Name,
            FileHash.Sha256(source.FullName),
            FoldingReport.Compare(model, folded, random, naming),
            FoldingReport.Compare(model, folded, real, naming),
            video?.Name ?? $"MicroSSv2 ({ReportText.Synthetic})",
            KeyComparison.Of(folded, naming));
    }

    /// <summary>Frames from the whole length of a video, as testing on Something-Something takes them.</summary>
    private static FrameStack Frames(string path, int frames, int size)
    {
        VideoInfo info = VideoFile.Probe(path);
        int[] numbers = new FrameSampling { Frames = frames }.Test(info.Frames);
        return new ClipTransform { ShortSide = size, Crop = CropRule.Center, CropSize = size }.Test(VideoFile.Decode(path, numbers, info))[0];
    }

    private static Table Table(EqualityReport report)
    {
        Table table = new Table().Title("folded beside unfolded: largest differences").AddColumns("after", "random frames", Markup.Escape(report.RealFrames));
        for (int block = 0; block < report.Random.Blocks.Count; block++)
            table.AddRow(string.Create(CultureInfo.InvariantCulture, $"block {block}"), Number(report.Random.Blocks[block]), Number(report.Real.Blocks[block]));
        table.AddRow("class features", Number(report.Random.Features), Number(report.Real.Features));
        table.AddRow("logits", Number(report.Random.Logits), Number(report.Real.Logits));
        return table;
    }

    /// <summary>Where a file of the lab comes from.</summary>
    private static Dictionary<string, string> Origin(FileInfo source)
    {
        Provenance provenance = Provenance.Collect(new { Command = "lab fold" }, [Seed], [new DataSource(source.Name, FileHash.Sha256(source.FullName), Synthetic: false)]);
        return new Dictionary<string, string> { ["provenance"] = JsonSerializer.Serialize(provenance, RunJson.Line) };
    }

    private static string Number(double value) => value.ToString("0.00e+00", CultureInfo.InvariantCulture);
}
