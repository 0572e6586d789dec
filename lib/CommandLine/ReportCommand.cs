using System.CommandLine;
using Spectre.Console;
using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.Reporting;

namespace ZeroI2V.Lab.CommandLine;

/// <summary><c>lab report</c>: sweeps as tables, figures and one page.</summary>
internal static class ReportCommand
{
    internal static Command Create()
    {
        Argument<string[]> names = new("sweep") { Description = "Sweeps; by default all that were begun.", Arity = ArgumentArity.ZeroOrMore };
        Option<string> root = SharedOptions.Runs();
        Option<string?> output = new("--out") { Description = "The folder for the report; by default report below the runs." };
        var command = new Command("report", "Writes sweeps as Markdown, LaTeX, CSV, HTML, SVG and PNG, and one page with charts and links to every run.") { names, root, output };
        command.SetAction(parsed =>
        {
            var store = new RunStore(parsed.GetValue(root)!);
            SweepResults[] sweeps = [.. SweepRecord.All(store).Select(record => SweepResults.Read(store, record))];
            string[] wanted = parsed.GetValue(names)!;
            if (wanted.FirstOrDefault(name => !sweeps.Any(sweep => sweep.Sweep.Name == name)) is string unknown)
                throw new ArgumentException($"The sweep '{unknown}' was not begun in '{store.Root}'; found {(sweeps.Length == 0 ? "none" : string.Join(", ", sweeps.Select(sweep => sweep.Sweep.Name).Distinct()))}.");
            if (wanted.Length > 0)
                sweeps = [.. sweeps.Where(sweep => wanted.Contains(sweep.Sweep.Name))];
            string page = SweepReport.Write(sweeps, parsed.GetValue(output) ?? Path.Combine(store.Root, "report"));
            AnsiConsole.WriteLine($"{page}: {sweeps.Length} sweeps, {sweeps.Sum(sweep => sweep.Done)} finished runs; tables and figures beside it.");
            return 0;
        });
        return command;
    }
}
