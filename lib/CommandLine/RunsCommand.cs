using System.CommandLine;
using Spectre.Console;
using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.Reporting;

namespace ZeroI2V.Lab.CommandLine;

/// <summary><c>lab runs list|show|compare|clean</c>: what is in the run store.</summary>
internal static class RunsCommand
{
    internal static Command Create()
    {
        Option<string> root = SharedOptions.Runs();
        root.Recursive = true;
        return new Command("runs", "Lists, shows, compares and removes runs.") { root, List(root), Show(root), Compare(root), Clean(root) };
    }

    private static Command List(Option<string> root)
    {
        Option<RunState?> state = new("--state") { Description = "Only runs in this state." };
        var command = new Command("list", "Every run with its state and main numbers.") { state };
        command.SetAction(parsed =>
        {
            RunStore store = new(parsed.GetValue(root)!);
            StoredRun[] runs = [.. store.Runs().Where(run => parsed.GetValue(state) is not RunState wanted || run.State == wanted)];
            AnsiConsole.Write(TerminalTable.From(RunTables.List(store.Root, runs)));
            foreach (StoredRun run in runs.Where(run => run.Problem is not null))
                AnsiConsole.WriteLine($"{run.Name}: {run.Problem}");
            return 0;
        });
        return command;
    }

    private static Command Show(Option<string> root)
    {
        Argument<string> name = NameArgument("run");
        var command = new Command("show", "One run: where, when and by what it was made, and its accuracies.") { name };
        command.SetAction(parsed =>
        {
            StoredRun run = new RunStore(parsed.GetValue(root)!).Find(parsed.GetValue(name)!);
            AnsiConsole.Write(TerminalTable.From(RunTables.Show(run)));
            if (run.Result is { } result)
                TrainCommand.Show(run.Name, result);
            return run.State == RunState.Damaged ? 1 : 0;
        });
        return command;
    }

    private static Command Compare(Option<string> root)
    {
        Argument<string> first = NameArgument("first"), second = NameArgument("second");
        var command = new Command("compare", "Two runs: the options in which they differ, and their numbers.") { first, second };
        command.SetAction(parsed =>
        {
            RunStore store = new(parsed.GetValue(root)!);
            AnsiConsole.Write(TerminalTable.From(RunTables.Compare(store.Find(parsed.GetValue(first)!), store.Find(parsed.GetValue(second)!))));
            return 0;
        });
        return command;
    }

    private static Command Clean(Option<string> root)
    {
        Argument<string[]> names = new("run") { Description = "Runs by name or a part of it.", Arity = ArgumentArity.ZeroOrMore };
        Option<bool> unfinished = new("--unfinished") { Description = "Every interrupted run." };
        Option<bool> damaged = new("--damaged") { Description = "Every run whose files cannot be read." };
        Option<bool> yes = new("--yes") { Description = "Removes them; without it they are only listed." };
        var command = new Command("clean", "Removes runs that nobody works on.") { names, unfinished, damaged, yes };
        command.SetAction(parsed =>
        {
            RunStore store = new(parsed.GetValue(root)!);
            string[] named = parsed.GetValue(names)!;
            if (named.Length == 0 && !parsed.GetValue(unfinished) && !parsed.GetValue(damaged))
                throw new ArgumentException("lab runs clean removes what it is told to: name runs, or give --unfinished or --damaged.");
            StoredRun[] chosen =
            [
                .. named.Select(store.Find)
                    .Concat(store.Runs().Where(run =>
                        (parsed.GetValue(unfinished) && run.State == RunState.Interrupted) || (parsed.GetValue(damaged) && run.State == RunState.Damaged)))
                    .DistinctBy(run => run.Path),
            ];
            int kept = 0;
            foreach (StoredRun run in chosen)
            {
                bool done = parsed.GetValue(yes) && store.Remove(run);
                kept += done || !parsed.GetValue(yes) ? 0 : 1;
                AnsiConsole.WriteLine($"{(done ? "removed" : parsed.GetValue(yes) ? "in use, kept" : "would remove")} {run.Name} ({run.State.ToString().ToLowerInvariant()})");
            }
            AnsiConsole.WriteLine(parsed.GetValue(yes) ? $"{chosen.Length - kept} removed." : $"{chosen.Length} to remove; add --yes to do it.");
            return kept == 0 ? 0 : 1;
        });
        return command;
    }

    private static Argument<string> NameArgument(string name) => new(name) { Description = "A run's name or a part of it, such as its hash." };
}
