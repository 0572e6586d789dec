using System.CommandLine;
using System.CommandLine.Help;
using Spectre.Console;

namespace ZeroI2V.Lab.CommandLine;

/// <summary>The <c>lab</c> program: one verb a file in this folder.</summary>
internal static class Program
{
    private const int Interrupted = 130;
    private const int LogWidth = 160;

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
        try
        {
            return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Stopped. The same command goes on from here.").ConfigureAwait(false);
            return Interrupted;
        }
        catch (Exception error) when (IsAboutInput(error))
        {
            await Console.Error.WriteLineAsync($"lab: {error.Message}").ConfigureAwait(false);
            return 1;
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
        DiagnoseCommand.Create(),
        NotebookCommand.Create(),
        KernelCommand.Create(),
        ParityCommand.Create(),
        FoldCommand.Create(),
        CamCommand.Create(),
    ];
}
