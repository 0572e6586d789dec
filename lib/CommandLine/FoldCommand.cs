using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using TorchSharp;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.Reparameterization;
using ZeroI2V.Lab.Stdha;

namespace ZeroI2V.Lab.CommandLine;

/// <summary><c>lab fold CHECKPOINT</c>: folds the adapters into the backbone and proves the result equal.</summary>
internal static class FoldCommand
{
    private const int Seed = 1;

    internal static Command Create()
    {
        var checkpoint = new Argument<FileInfo>("CHECKPOINT") { Description = "A recogniser of the lab (.safetensors) or an official checkpoint (.pth)." };
        var output = new Option<FileInfo?>("--out") { Description = "The folded file; <CHECKPOINT>.folded.safetensors unless given." };
        var offsets = new Option<int[]?>("--offsets") { Description = "Official checkpoints: Δt of the lowest heads, such as --offsets -1 1.", AllowMultipleArgumentsPerToken = true };
        var scale = new Option<double?>("--scale") { Description = "Official checkpoints: the adapters' scale, 0.5 or 1 in the official configs." };
        var heads = new Option<int?>("--heads") { Description = "Official checkpoints: number of heads, where the width is no multiple of 64." };
        var command = new Command("fold", "Fold linear adapters into the backbone and compare folded with unfolded.") { checkpoint, output, offsets, scale, heads };
        command.SetAction(result =>
        {
            FileInfo file = result.GetRequiredValue(checkpoint);
            try
            {
                using VideoRecognizer model = Open(file.FullName, result.GetValue(offsets), result.GetValue(scale), result.GetValue(heads));
                return Fold(model, file, result.GetValue(output)?.FullName ?? file.FullName + ".folded.safetensors");
            }
            catch (Exception error) when (error is CheckpointException or ArgumentException or NotSupportedException or IOException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine(error.Message);
                return 1;
            }
        });
        return command;
    }

    /// <summary>A recogniser of the lab, or an official checkpoint with what its file does not tell.</summary>
    internal static VideoRecognizer Open(string path, int[]? offsets, double? scale, int? heads)
    {
        using WeightSet weights = WeightFile.Read(path);
        if (weights.Metadata.ContainsKey(WeightLoading.OptionsKey))
            return VideoRecognizer.Open(path);
        if (offsets is null || offsets.Length == 0 || scale is null)
            throw new ArgumentException($"{path}: an official checkpoint does not tell its heads' offsets or its adapters' scale. Give both as its config does, such as --offsets -1 1 --scale 0.5.");
        var model = new VideoRecognizer(RecognizerSizes.Infer(weights, HeadSplit.Lowest(offsets), scale.Value, heads));
        try
        {
            model.Load(weights);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static int Fold(VideoRecognizer model, FileInfo source, string output)
    {
        if (model.Options.Adapters is null)
            throw new ArgumentException($"{source.FullName}: the model has no adapters; there is nothing to fold.");
        using VideoRecognizer folded = Folding.Fold(model);
        VitOptions vit = model.Options.Backbone;
        using torch.Generator generator = new torch.Generator(Seed, torch.CPU);
        using torch.Tensor clips = torch.randn([1, 3, model.Options.Frames, vit.Resolution, vit.Resolution], generator: generator);
        FoldingReport report = FoldingReport.Compare(model, folded, clips);

        Table table = new Table().Title("folded beside unfolded, one clip of random pixels").AddColumns("compared", "largest difference");
        for (int block = 0; block < report.Blocks.Count; block++)
            table.AddRow(string.Create(CultureInfo.InvariantCulture, $"block {block}"), Number(report.Blocks[block]));
        table.AddRow("class features", Number(report.Features));
        table.AddRow("logits", Number(report.Logits));
        table.AddRow("keys", Markup.Escape(report.Keys.ToString()));
        AnsiConsole.Write(table);
        if (!report.Equal)
        {
            Console.Error.WriteLine($"The folded model is not equal to {Number(FoldingReport.Tolerance)}; nothing was written.");
            return 1;
        }
        FoldedFile.Save(folded, output, new Dictionary<string, string>
        {
            ["folded.from"] = source.Name,
            ["folded.blocks"] = string.Join(' ', report.Blocks.Select(Number)),
            ["folded.features"] = Number(report.Features),
            ["folded.logits"] = Number(report.Logits),
            ["folded.keys"] = report.Keys.ToString(),
        });
        AnsiConsole.WriteLine($"Written: {output}");
        return 0;
    }

    private static string Number(double value) => value.ToString("0.00e+00", CultureInfo.InvariantCulture);
}
