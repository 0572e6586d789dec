using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.Evaluation.DataParity;
using ZeroI2V.Lab.GradCam;
using ZeroI2V.Lab.Parity;

namespace ZeroI2V.Lab.CommandLine;

/// <summary><c>lab parity DIR…</c>: proves model and data pipeline equal to the code that made the folders.</summary>
internal static class ParityCommand
{
    internal static Command Create()
    {
        var folders = new Argument<string[]>("DIR") { Description = "Folders with a manifest.json and outputs of the official code, or maps of pytorch-grad-cam on it.", Arity = ArgumentArity.OneOrMore };
        var command = new Command("parity", "Compare model and data pipeline with outputs of the official code; fails past the tolerances.") { folders };
        command.SetAction(result => Run(result.GetRequiredValue(folders)));
        return command;
    }

    private static int Run(string[] folders)
    {
        int failed = 0;
        foreach (string folder in folders)
        {
            try
            {
                ParityReport report = DataParityCheck.Handles(folder) ? DataParityCheck.Run(folder) : CamParity.Handles(folder) ? CamParity.Run(folder) : ParityCheck.Run(folder);
                Print(folder, report);
                failed += report.Passed ? 0 : 1;
            }
            catch (Exception error) when (error is ParityException or CheckpointException or ArgumentException or IOException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine(error.Message);
                failed++;
            }
        }
        AnsiConsole.WriteLine(failed == 0
            ? $"{folders.Length} of {folders.Length} folders are equal."
            : $"{failed} of {folders.Length} folders failed.");
        return failed == 0 ? 0 : 1;
    }

    private static void Print(string folder, ParityReport report)
    {
        Table table = new Table().Title(Markup.Escape($"{report.Name} ({folder})")).AddColumns("compared", "largest difference", "tolerance", "");
        foreach (ParityRow row in report.Rows)
            table.AddRow(
                Markup.Escape(row.What),
                Markup.Escape(row.Difference is { } difference ? difference.ToString("0.00e+00", CultureInfo.InvariantCulture) : row.Note),
                row.Tolerance is { } tolerance ? tolerance.ToString("0e+00", CultureInfo.InvariantCulture) : "",
                row.Passed ? "[green]equal[/]" : "[red]DIFFERS[/]");
        AnsiConsole.Write(table);
    }
}
