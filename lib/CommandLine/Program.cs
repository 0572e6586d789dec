using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Spectre.Console;
using ZeroI2V.Lab.Backbone;

namespace ZeroI2V.Lab.CommandLine;

/// <summary>The <c>lab</c> program: one verb a file in this folder.</summary>
internal static class Program
{
    private const int Interrupted = 130;
    private const int LogWidth = 160;

    // A step of a large model, and a checkpoint; SLURM kills half a minute after it asks.
    private static readonly TimeSpan TimeToStop = TimeSpan.FromSeconds(25);

    /// <summary>Verbs whose models compute on <c>--device</c>; the others have no such option.</summary>
    private static readonly string[] s_onDevice = ["run", "first-light", "pretrain", "train", "adapt", "evaluate", "sweep", "cost", "bench", "diagnose", "notebook", "cam", "fold", "parity"];

    private static async Task<int> Main(string[] args)
    {
        // A log gets plain lines, wide enough for the tables.
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Capabilities.Ansi = false;
            AnsiConsole.Profile.Width = LogWidth;
        }

        // Not a RootCommand: its name in usage lines would be the library's file and not the script that people type.
        var root = new Command("lab", "ZeroI2V Lab: image-to-video adaptation at zero extra inference cost.") { new HelpOption { Recursive = true }, new VersionOption() };
        foreach (Command verb in Verbs())
            root.Subcommands.Add(verb);
        Option<string> device = new(SharedOptions.DeviceName) { Description = "Where models compute: cpu, cuda or cuda:0.", DefaultValueFactory = _ => "cpu", Recursive = true };
        foreach (Command verb in root.Subcommands.Where(verb => s_onDevice.Contains(verb.Name)))
            verb.Options.Add(device);
        try
        {
            ParseResult parsed = root.Parse(args);
            HideArgumentsAbove(parsed.CommandResult);
            // The machine that gives work to others need not have what they compute on.
            if (parsed.Errors.Count == 0 && parsed.GetResult(device) is not null && !SweepCommand.IsForOthers(parsed))
                ComputeDevice.Choose(parsed.GetValue(device)!);
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeToStop }).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Stopped. The same command goes on from here.").ConfigureAwait(false);
            return Interrupted;
        }
        catch (Exception error) when (ComputeDevice.IsOutOfMemory(error))
        {
            await Console.Error.WriteLineAsync($"lab: {ComputeDevice.OutOfMemoryAdvice(error, ComputeDevice.Chosen)}").ConfigureAwait(false);
            return 1;
        }
        catch (Exception error) when (IsAboutInput(error))
        {
            await Console.Error.WriteLineAsync($"lab: {error.Message}").ConfigureAwait(false);
            return 1;
        }
    }

    /// <summary>Keeps what <c>lab sweep NAME</c> takes out of the usage of <c>lab sweep search</c>: help lists the arguments of every command on the way.</summary>
    private static void HideArgumentsAbove(CommandResult given)
    {
        for (var above = given.Parent as CommandResult; above is not null; above = above.Parent as CommandResult)
        {
            foreach (Argument argument in above.Command.Arguments)
                argument.Hidden = true;
        }
    }

    /// <summary>Faults of what the lab was given, whose messages say what to do. Anything else is a fault of the lab and shows where it happened.</summary>
    private static bool IsAboutInput(Exception error) =>
        error is ArgumentException or InvalidDataException or IOException or UnauthorizedAccessException or InvalidOperationException or NotSupportedException
        || error.GetType().Namespace?.StartsWith("ZeroI2V.Lab", StringComparison.Ordinal) == true;

    /// <summary>Every verb, in the order in which <c>lab --help</c> lists them.</summary>
    private static IEnumerable<Command> Verbs() =>
    [
        FirstLightCommand.CreateRun(),
        FirstLightCommand.CreateCompare(),
        DataCommand.Create(),
        PretrainCommand.Create(),
        TrainCommand.Create(),
        AdaptCommand.CreateAdapt(),
        AdaptCommand.CreateEvaluate(),
        SweepCommand.Create(),
        ReportCommand.Create(),
        RunsCommand.Create(),
        MethodsCommand.Create(),
        CostCommand.Create(),
        BenchCommand.Create(),
        BundleCommand.Create(),
        DiagnoseCommand.Create(),
        NotebookCommand.Create(),
        KernelCommand.Create(),
        ParityCommand.Create(),
        FoldCommand.Create(),
        CamCommand.Create(),
    ];
}
