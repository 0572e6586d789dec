using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;
using TorchSharp;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.Files;
using ZeroI2V.Lab.Reparameterization;
using ZeroI2V.Lab.Reporting;
using ZeroI2V.Lab.Training;

namespace ZeroI2V.Lab.CommandLine;

/// <summary><c>lab fold CHECKPOINT</c>: folds what was added into the backbone and proves the result equal.</summary>
internal static class FoldCommand
{
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
        var naming = new Option<string?>("--naming") { Description = "Names of the folded image model: clip, hf (Hugging Face) or timm; those that the image model came in unless given." };
        naming.AcceptOnlyFromAmong([.. Namings.Keys]);
        var video = new Option<FileInfo?>("--video") { Description = "A video to compare on; a synthetic clip unless given." };
        var given = new CheckpointOptions();
        var command = new Command("fold", "Fold linear adapters into the backbone and compare folded with unfolded, on random and on real frames.")
        {
            checkpoint, output, unfolded, naming, video,
        };
        given.AddTo(command);
        command.SetAction(result =>
        {
            FileInfo file = result.GetRequiredValue(checkpoint);
            VideoRecognizer model = given.Open(result, file.FullName, out LoadReport loaded);
            Console.WriteLine(loaded.ToString());
            using (model)
            {
                model.to(ComputeDevice.Chosen);
                string target = result.GetValue(output)?.FullName ?? file.FullName + ".folded.safetensors";
                if (result.GetValue(unfolded) is { } whole)
                {
                    model.Save(whole.FullName, Origin(file));
                    Console.WriteLine($"Written: {whole.FullName}");
                }
                return Fold(model, file, target, result.GetValue(naming) is { } name ? Namings[name] : model.ImageNaming, result.GetValue(video));
            }
        });
        return command;
    }

    private static int Fold(VideoRecognizer model, FileInfo source, string output, WeightNaming naming, FileInfo? video)
    {
        if (model.Options.Folded() == model.Options)
            throw new ArgumentException($"{source.FullName}: the model has no adapters; there is nothing to fold.");
        using VideoRecognizer folded = Folding.Fold(model);
        EqualityReport report = FoldingProof.Of(model, folded, source.FullName, video?.FullName, naming);
        AnsiConsole.Write(TerminalTable.From(FoldingTable.Differences(report)));
        Console.WriteLine(report.Keys.ToString());
        string reportFile = Path.ChangeExtension(output, ".json");
        AtomicFile.WriteText(reportFile, JsonSerializer.Serialize(report, Json) + "\n");
        Console.WriteLine($"Report: {reportFile}");
        if (!report.Equal)
        {
            Console.Error.WriteLine($"The folded model is not equal to {FoldingTable.Number(FoldingReport.Tolerance)}; it was not written.");
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

    /// <summary>Where a file of the lab comes from.</summary>
    private static Dictionary<string, string> Origin(FileInfo source)
    {
        Provenance provenance = Provenance.Collect(new { Command = "lab fold", Checkpoint = source.Name, Sha256 = FileHash.Sha256(source.FullName) }, [FoldingProof.Seed], []);
        return new Dictionary<string, string> { ["provenance"] = JsonSerializer.Serialize(provenance, RunJson.Line) };
    }
}
