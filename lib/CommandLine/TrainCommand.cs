using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.Reporting;
using ZeroI2V.Lab.Stdha;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.CommandLine;

/// <summary><c>lab train</c>: one run on MicroSSv2, with its table of classes.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        Option<string> offsets = new("--offsets") { Description = "Time offsets of the lowest heads, such as -1,1; empty for none.", DefaultValueFactory = _ => "" };
        Option<string?> method = new("--method") { Description = "A method that lab methods lists, such as aim; by default ZeroI2V's adapters with the offsets given." };
        Option<bool> noEmbedding = new("--no-temporal-embedding") { Description = "Leaves the temporal embedding out." };
        Option<int> seed = new("--seed") { Description = "Seed of weights, order and dropout.", DefaultValueFactory = _ => 0 };
        Option<string[]> set = SharedOptions.Settings("training.learningRate=0.003 or recognizer.headDropout=0");
        Option<MicroSize> size = SharedOptions.Size();
        Option<string> data = SharedOptions.Data();
        Option<string> models = SharedOptions.Models();
        Option<string?> image = new("--image") { Description = "An image model's file that lab pretrain made; by default the one for the size." };
        Option<string?> run = new("--run") { Description = "The run's folder; a run begun there goes on. By default a folder below runs/ named after the options." };
        var command = new Command("train", "Trains one recogniser on MicroSSv2 (synthetic) and evaluates it on unseen objects.")
        {
            method, offsets, noEmbedding, seed, set, size, data, models, image, run,
        };
        command.SetAction((parsed, token) => Task.Run(
            () =>
            {
                HeadSplit heads = ParseOffsets(parsed.GetValue(offsets)!);
                bool embedding = !parsed.GetValue(noEmbedding);
                AdaptationMethod? adaptation = parsed.GetValue(method) is string key ? AdaptationMethod.Named(key) : null;
                if (adaptation is not null && !embedding)
                    throw new ArgumentException("--method decides about the temporal embedding; leave --no-temporal-embedding out, or use --set recognizer.temporalEmbedding=false.");
                PretrainedImageModel imageModel = parsed.GetValue(image) is string file
                    ? PretrainedImageModel.Open(file)
                    : PretrainCommand.Ensure(parsed.GetValue(size), parsed.GetValue(data)!, parsed.GetValue(models)!, token);
                VideoRunData clips = LoadClips(parsed.GetValue(size), parsed.GetValue(data)!, token);
                VideoRunOptions options = RunJson.With(
                    adaptation is null
                        ? MicroRecipe.Run(clips, imageModel, heads, embedding, parsed.GetValue(seed))
                        : MicroRecipe.Run(clips, imageModel, adaptation, heads, parsed.GetValue(seed)),
                    parsed.GetValue(set)!);
                string title = $"{adaptation?.Name ?? (embedding ? heads.ToString() : $"{heads}, no temporal embedding")}, seed {options.Training.Seed}";
                var folder = parsed.GetValue(run) is string path ? new RunFolder(path) : new RunStore("runs").Folder(options);
                VideoRunResult result = TrainingProgressBar.Run(title, "clips", progress => VideoRun.Execute(options, clips, imageModel.Path, folder, progress, token));
                Show(title, result);
                AnsiConsole.WriteLine($"Run: {folder.Path}");
                return 0;
            },
            token));
        return command;
    }

    /// <summary>Both lists of MicroSSv2, made and decoded, with progress on the terminal.</summary>
    public static VideoRunData LoadClips(MicroSize size, string data, CancellationToken token)
    {
        MicroSplits splits = ProgressLine.Run((MicroProgress made) => made.ToString(), progress => MicroSsv2.Ensure(data, size, progress, token));
        return VideoRunData.Load(splits.Train, splits.Test, MicroRecipe.Recognizer.Backbone.Resolution, cancellationToken: token);
    }

    /// <summary>Prints accuracies by group and by class.</summary>
    public static void Show(string title, VideoRunResult result)
    {
        string caption = result.Synthetic ? "MicroSSv2, unseen objects" : "Test clips";
        AnsiConsole.Write(TerminalTable.From(ResultTables.Comparison(caption, result.Synthetic, [new(title, [result.Evaluation], result.TrainedParameters)])));
        AnsiConsole.Write(TerminalTable.From(ResultTables.Classes(caption, result.Synthetic, result.Evaluation)));
        AnsiConsole.WriteLine(FormattableString.Invariant($"Trained in {result.TrainingSeconds:0} s, {result.ClipsPerSecond:0} clips/s."));
    }

    private static HeadSplit ParseOffsets(string text)
    {
        var values = new List<int>();
        foreach (string part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!int.TryParse(part, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int offset))
                throw new ArgumentException($"--offsets takes whole numbers of frames with commas between, such as -1,1; found '{text}'.");
            values.Add(offset);
        }
        return values.Count == 0 ? HeadSplit.Spatial : HeadSplit.Lowest([.. values]);
    }
}
