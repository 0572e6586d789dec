using System.Globalization;
using Spectre.Console;
using ZeroI2V.Lab.Training;

namespace ZeroI2V.Lab.CommandLine;

/// <summary>Says on the terminal how a training goes: a bar with rate and time left, and a line for each finished epoch; in a log only the lines.</summary>
internal sealed class TrainingProgressBar : IProgress<TrainingProgress>
{
    private readonly ProgressTask? _task;
    private readonly string _title;
    private readonly string _unit;

    private TrainingProgressBar(ProgressTask? task, string title, string unit)
    {
        _task = task;
        _title = title;
        _unit = unit;
    }

    /// <summary>Runs a job that reports its progress.</summary>
    /// <param name="title">What is trained.</param>
    /// <param name="unit">What is counted a second: clips, stills.</param>
    /// <param name="job">The job.</param>
    /// <returns>What the job returns.</returns>
    public static T Run<T>(string title, string unit, Func<IProgress<TrainingProgress>, T> job)
    {
        if (Console.IsOutputRedirected)
            return job(new TrainingProgressBar(null, title, unit));
        return AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 24 }, new PercentageColumn())
            .Start(context => job(new TrainingProgressBar(context.AddTask(Markup.Escape(title)), title, unit)));
    }

    /// <inheritdoc/>
    public void Report(TrainingProgress value)
    {
        if (_task is not null)
        {
            _task.MaxValue = Math.Max(1, value.Steps);
            _task.Value = value.Step;
            _task.Description = Markup.Escape($"{_title}: {value.InWords(_unit)}");
        }
        if (value.FinishedEpoch is not EpochMetrics epoch)
            return;
        string test = epoch.Test is null ? "" : "; test " + string.Join(", ", epoch.Test.Select(n => string.Create(CultureInfo.InvariantCulture, $"{n.Key} {100 * n.Value:0.0}")));
        AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{_title}: epoch {epoch.Epoch}/{value.Epochs}, loss {epoch.Loss:0.000}, train top-1 {100 * epoch.TrainTop1:0.0} %, {epoch.Seconds:0} s, {value.ClipsPerSecond:0} {_unit}/s, {value.Left:m\\:ss} left{test}"));
    }
}
