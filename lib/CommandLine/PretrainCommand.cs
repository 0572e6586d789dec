using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.CommandLine;

/// <summary><c>lab pretrain</c>: makes the lab's own image model from synthetic stills.</summary>
internal static class PretrainCommand
{
    public static Command Create()
    {
        Option<MicroSize> size = SharedOptions.Size();
        Option<string> data = SharedOptions.Data();
        Option<string> models = SharedOptions.Models();
        Option<string[]> set = SharedOptions.Settings("training.epochs=20");
        var command = new Command("pretrain", "Trains the small image model on synthetic stills; kept where it is there already.") { size, data, models, set };
        command.SetAction((parsed, token) => Task.Run(
            () =>
            {
                PretrainedImageModel model = Ensure(parsed.GetValue(size), parsed.GetValue(data)!, parsed.GetValue(models)!, token, parsed.GetValue(set));
                var table = new Table().AddColumn("question").AddColumn(new TableColumn("right on validation stills (%)").RightAligned());
                foreach ((string name, double accuracy) in model.Accuracy)
                    table.AddRow(Markup.Escape(name), (100 * accuracy).ToString("0.0", CultureInfo.InvariantCulture));
                AnsiConsole.Write(table);
                return 0;
            },
            token));
        return command;
    }

    /// <summary>The image model of a size, made where it is missing, with its progress on the terminal.</summary>
    public static PretrainedImageModel Ensure(MicroSize size, string data, string models, CancellationToken token, string[]? settings = null)
    {
        ImagePretrainingOptions options = size == MicroSize.Quick ? ImagePretrainingOptions.Quick : ImagePretrainingOptions.Small;
        var pretrainer = new ImagePretrainer(RunJson.With(options, settings ?? []));
        StillSplits stills = ProgressLine.Run((MicroProgress made) => made.ToString(), progress => MicroImages.Ensure(data, size, progress, token));
        PretrainedImageModel model = TrainingProgressBar.Run("Image model", "stills", progress => pretrainer.Ensure(models, stills, progress, token));
        AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{(model.Reused ? "Reusing the image model" : $"Made the image model in {model.Seconds:0} s")}: {model.Path} (synthetic stills, {100 * model.Accuracy["mean"]:0.0} % of answers right)"));
        return model;
    }
}
