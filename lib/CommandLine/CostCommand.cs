using System.CommandLine;
using Spectre.Console;
using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.Reporting;
using ZeroI2V.Lab.Training;

namespace ZeroI2V.Lab.CommandLine;

/// <summary><c>lab cost</c>: parameters, operations and memory from the options alone, beside published numbers; measured if asked.</summary>
internal static class CostCommand
{
    internal static Command Create()
    {
        Option<string?> preset = new("--preset") { Description = "A preset such as ViTB16.Kinetics400_8x16, or micro for the lab's small model: every method on it. Without it: the rows that were published." };
        Option<string[]> methods = new("--method") { Description = "Only these methods (lab methods lists them).", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [] };
        Option<string[]> set = SharedOptions.Settings("frames=16 or adapters.bottleneckRatio=0.125");
        Option<bool> measure = new("--measure") { Description = "Measures latency, throughput and peak memory on this machine too." };
        Option<int> batch = new("--batch") { Description = "Clips of a batch for the measured throughput.", DefaultValueFactory = _ => 4 };
        Option<int> rounds = new("--rounds") { Description = "Measured runs of which the median is shown.", DefaultValueFactory = _ => 5 };
        var command = new Command("cost", "Prints what methods cost: computed, measured if asked, and published numbers in their own columns.") { preset, methods, set, measure, batch, rounds };
        command.SetAction((parsed, token) => Task.Run(
            () =>
            {
                IReadOnlyList<CostRow> rows = Rows(parsed.GetValue(preset), parsed.GetValue(methods)!, parsed.GetValue(set)!);
                if (parsed.GetValue(measure))
                    rows = [.. rows.Select(row => row with { Measured = CostMeasurement.Of(row.Options, parsed.GetValue(batch), parsed.GetValue(rounds), cancellationToken: token) })];
                string caption = parsed.GetValue(preset) ?? "Computed beside published";
                AnsiConsole.Write(TerminalTable.From(CostTable.Computed(caption, rows)));
                if (parsed.GetValue(measure))
                    AnsiConsole.Write(TerminalTable.From(CostTable.Measured(caption, rows)));
                AnsiConsole.WriteLine("One multiply-add is one FLOP, a norm five for each element. Parameters and FLOPs are those in use: folded where the method folds. Activations are estimates for one clip in 32-bit floats.");
                return 0;
            },
            token));
        return command;
    }

    private static IReadOnlyList<CostRow> Rows(string? preset, string[] methods, string[] settings)
    {
        AdaptationMethod[] chosen = methods.Length == 0 ? [.. AdaptationMethod.All] : [.. methods.Select(AdaptationMethod.Named)];
        if (preset is null)
        {
            if (methods.Length + settings.Length > 0)
                throw new ArgumentException("--method and --set need a --preset to start from.");
            return [.. PublishedCost.All.Select(row => new CostRow(row.Name, row.Options, row.Views))];
        }
        (RecognizerOptions recognizer, int views) = preset == "micro"
            ? (MicroRecipe.Recognizer, 1)
            : (OfficialConfig.Named(preset).Recognizer, OfficialConfig.Named(preset).Views);
        return [.. chosen.Select(method => new CostRow(method.Name, RunJson.With(method.Apply(recognizer), settings), views))];
    }
}
