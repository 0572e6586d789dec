using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Spectre.Console;
using TorchSharp;
using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.DataSets;

namespace ZeroI2V.Lab.CommandLine;

/// <summary><c>lab adapt</c> and <c>lab evaluate</c>: the paper's recipe on the lists of an imported data set.</summary>
internal static class AdaptCommand
{
    private static readonly string[] Keys = ["kinetics400", "ssv2", "ucf101", "hmdb51"];

    public static Command CreateAdapt()
    {
        (Argument<string> dataSet, Option<int> split, Option<string?> recipe, Option<string?> train, Option<string?> test) = Data();
        Option<string> image = new("--image") { Description = "The image model: CLIP's .pt, or safetensors in its names.", Required = true };
        Option<int> seed = new("--seed") { Description = "Seed of weights, order and dropout.", DefaultValueFactory = _ => 0 };
        Option<string[]> set = SharedOptions.Settings("training.batchSize=8 or views.mostBadVideos=1000");
        Option<string?> run = new("--run") { Description = "The run's folder; a run begun there goes on. By default a folder below runs/ named after the options." };
        var command = new Command("adapt", "Adapts an image model to an imported data set by the paper's recipe, and tests it with the paper's views.")
        {
            dataSet, split, recipe, train, test, image, seed, set, run,
        };
        command.SetAction((parsed, token) => Task.Run(
            () =>
            {
                (DataSetManifest manifest, DataRecipe chosen) = Chosen(parsed.GetValue(dataSet)!, parsed.GetValue(split), parsed.GetValue(recipe));
                VideoRunData data = VideoRunData.OnDemand(
                    List(parsed.GetValue(train), manifest, DataImport.TrainList),
                    List(parsed.GetValue(test), manifest, DataImport.ValidationList));
                string model = parsed.GetValue(image)!;
                VideoRunOptions options = RunJson.With(PaperRecipe.Run(manifest, chosen, data, Hash(model), parsed.GetValue(seed)), parsed.GetValue(set)!);
                var folder = parsed.GetValue(run) is string path ? new RunFolder(path) : new RunStore("runs").Folder(options);
                string title = $"{manifest.Name}, {chosen.Name}, seed {options.Training.Seed}";
                VideoRunResult result = TrainingProgressBar.Run(title, "clips", progress => VideoRun.Execute(options, data, model, folder, progress, token));
                TrainCommand.Show(title, result);
                foreach (string skipped in result.SkippedVideos)
                    AnsiConsole.WriteLine($"Skipped: {skipped}");
                AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Waited {result.SecondsWaitingForData:0.0} s for data. Run: {folder.Path}"));
                return 0;
            },
            token));
        return command;
    }

    public static Command CreateEvaluate()
    {
        (Argument<string> dataSet, Option<int> split, Option<string?> recipe, _, Option<string?> test) = Data();
        var checkpoint = new Argument<string>("CHECKPOINT") { Description = "A recogniser: the lab's model.safetensors, or an official .pth." };
        Option<int> batch = new("--batch") { Description = "Rows that the recogniser sees at a time.", DefaultValueFactory = _ => 8 };
        Option<bool> official = new("--official-ties") { Description = "Counts equal scores as the official code does." };
        var command = new Command("evaluate", "Tests a recogniser on an imported data set with the paper's views.") { dataSet, checkpoint, split, recipe, test, batch, official };
        command.SetAction((parsed, token) => Task.Run(
            () =>
            {
                (DataSetManifest manifest, DataRecipe chosen) = Chosen(parsed.GetValue(dataSet)!, parsed.GetValue(split), parsed.GetValue(recipe));
                ClipList list = List(parsed.GetValue(test), manifest, DataImport.ValidationList);
                (VideoRecognizer opened, ClipView view) = Open(parsed.GetValue(checkpoint)!, PaperRecipe.Recognizer(chosen) with { Classes = list.Classes.Count }, chosen.Test);
                using VideoRecognizer model = opened;
                model.to(ComputeDevice.Chosen);
                var loader = new ClipLoader(DecodedClips.OnDemand(list), new ClipLoaderOptions
                {
                    Training = false,
                    BatchSize = Math.Max(1, parsed.GetValue(batch) / view.TestViews),
                    Sampling = view.Sampling,
                    Transform = view.Transform,
                    MostBadVideos = Math.Max(1, list.Clips.Count / 100),
                });
                ClipScores scores = VideoEvaluation.Score(model, loader, list, cancellationToken: token);
                TieRule ties = parsed.GetValue(official) ? TieRule.Official : TieRule.Miss;
                double Top(int k) => Enumerable.Range(0, scores.Count).Average(i => scores.IsAmongTop(i, k, ties) ? 1.0 : 0.0);
                AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{list.Name}{(list.Synthetic ? " (synthetic)" : "")}: top-1 {100 * Top(1):0.00} %, top-5 {100 * Top(5):0.00} %, mean class {100 * OfficialAccuracy.MeanClass(scores):0.00} %; {scores.Count} clips, {view.Sampling.Clips} × {view.Transform.TestViews} views, {loader.Skipped.Count} skipped"));
                return 0;
            },
            token));
        return command;
    }

    private static (Argument<string> DataSet, Option<int> Split, Option<string?> Recipe, Option<string?> Train, Option<string?> Test) Data()
    {
        var dataSet = new Argument<string>("data-set") { Description = string.Join(", ", Keys) };
        dataSet.AcceptOnlyFromAmong(Keys);
        return (
            dataSet,
            new Option<int>("--split") { Description = "Official split 1, 2 or 3 (UCF101 and HMDB51).", DefaultValueFactory = _ => 1 },
            new Option<string?>("--recipe") { Description = "A recipe of the data set's manifest; by default its first." },
            new Option<string?>("--train") { Description = "Training list; by default the imported one below data/. A few-shot list, say." },
            new Option<string?>("--test") { Description = "Test list; by default the imported validation list below data/." });
    }

    private static (DataSetManifest Manifest, DataRecipe Recipe) Chosen(string key, int split, string? recipe)
    {
        DataSetManifest manifest = DataSetManifest.Find(key, split);
        return (manifest, manifest.Recipe(recipe));
    }

    /// <summary>The recogniser of a file. One that the lab trained carries its own options and test views; an official one gets the recipe's.</summary>
    private static (VideoRecognizer Model, ClipView View) Open(string path, RecognizerOptions preset, ClipView test)
    {
        using WeightSet weights = WeightFile.Read(path);
        if (weights.Metadata.ContainsKey(WeightLoading.OptionsKey))
        {
            ClipView view = weights.Metadata.TryGetValue("run", out string? run) && RunJson.Read<VideoRunOptions>(run, $"run in {path}") is { } options
                ? options.Views?.Test ?? new ClipView(options.Sampling, ClipTransform.None)
                : test;
            return (VideoRecognizer.Open(path), view);
        }
        using (TorchSharp.torch.NewDisposeScope())
            WeightLoading.Require(ParameterShapes.Of(preset), WeightLoading.Official(Tower.Of(weights)), path);
        var model = new VideoRecognizer(preset);
        try
        {
            model.Load(weights);
            return (model, test);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static ClipList List(string? path, DataSetManifest manifest, string list) => path is null ? PaperRecipe.List("data", manifest, list) : ClipList.Load(path);

    private static string Hash(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
