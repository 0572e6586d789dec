using System.CommandLine;
using Spectre.Console;
using TorchSharp;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.Reporting;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.CommandLine;

/// <summary><c>lab diagnose RUN</c>: whether a trained recogniser uses time at all.</summary>
internal static class DiagnoseCommand
{
    internal static Command Create()
    {
        Argument<string> what = new("RUN") { Description = "A finished run's folder, or a recogniser of the lab (.safetensors)." };
        Option<MicroSize> size = SharedOptions.Size();
        Option<string> data = SharedOptions.Data();
        Option<string?> list = new("--list") { Description = "A list of test clips to use in place of MicroSSv2." };
        Option<int> seed = new("--seed") { Description = "Seed of the shuffles.", DefaultValueFactory = _ => 0 };
        var command = new Command("diagnose", "Scores a recogniser with frames shuffled, reversed and repeated from one, and measures how far each head looks.") { what, size, data, list, seed };
        command.SetAction((parsed, token) => Task.Run(
            () =>
            {
                (VideoRecognizer model, FrameSampling sampling) = Open(parsed.GetRequiredValue(what));
                using (model)
                {
                    model.to(ComputeDevice.Chosen);
                    foreach (string sentence in ComputeDevice.InWords(ComputeDevice.Chosen))
                        AnsiConsole.WriteLine(sentence);
                    ClipList clips = parsed.GetValue(list) is string file
                        ? ClipList.Load(file)
                        : ProgressLine.Run((MicroProgress made) => made.ToString(), progress => MicroSsv2.Ensure(parsed.GetValue(data)!, parsed.GetValue(size), progress, token)).Test;
                    int side = model.Options.Backbone.Resolution;
                    var test = new ClipLoader(DecodedClips.Shared(clips, side, cancellationToken: token), new ClipLoaderOptions
                    {
                        Training = false,
                        BatchSize = 32,
                        Sampling = sampling,
                        Transform = clips.Synthetic ? ClipTransform.None : new ClipTransform { Crop = CropRule.Center, CropSize = side },
                    });
                    TemporalDiagnosis diagnosis = ProgressLine.Run((FrameOrder order) => $"frames {order}", progress => TemporalDiagnosis.Run(model, test, clips, parsed.GetValue(seed), progress, token));
                    string caption = $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(parsed.GetRequiredValue(what)))} on {clips.Name}";
                    AnsiConsole.Write(TerminalTable.From(DiagnosisTables.Orders(caption, clips.Synthetic, diagnosis)));
                    AnsiConsole.Write(TerminalTable.From(DiagnosisTables.Distances(caption, clips.Synthetic, diagnosis.Heads)));
                    AnsiConsole.WriteLine(diagnosis.Verdict());
                }
                return 0;
            },
            token));
        return command;
    }

    /// <summary>A run's model with the sampling it was trained with, or a file's with uniform sampling.</summary>
    private static (VideoRecognizer Model, FrameSampling Sampling) Open(string path)
    {
        if (!Directory.Exists(path))
        {
            VideoRecognizer alone = VideoRecognizer.Open(path);
            return (alone, new FrameSampling { Frames = alone.Options.Frames });
        }
        var folder = new RunFolder(path);
        VideoRunOptions options = folder.ReadOptions<VideoRunOptions>();
        string file = Path.Combine(folder.Path, "model.safetensors");
        if (!File.Exists(file))
            throw new InvalidOperationException($"The run in '{folder.Path}' has no model.safetensors, so it is not finished. Finish it with the command that began it.");
        return (VideoRecognizer.Open(file), options.Sampling);
    }
}
