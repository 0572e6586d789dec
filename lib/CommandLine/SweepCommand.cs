using System.CommandLine;
using Spectre.Console;
using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.Reporting;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.CommandLine;

/// <summary>Where a sweep's runs are done.</summary>
internal enum SweepPlace
{
    /// <summary>In processes on this machine.</summary>
    Here,

    /// <summary>As tasks of SLURM.</summary>
    Slurm,
}

/// <summary><c>lab sweep NAME</c>: every row of a sweep for every seed, in several processes or on SLURM; <c>lab sweep status</c>, <c>cancel</c>, <c>list</c>.</summary>
internal static class SweepCommand
{
    private const string PlaceName = "--on";

    /// <summary>Whether a command line gives a sweep's runs to SLURM.</summary>
    internal static bool IsForOthers(ParseResult parsed) => parsed.CommandResult.Command.Name == "sweep" && parsed.GetValue<SweepPlace>(PlaceName) == SweepPlace.Slurm;

    internal static Command Create()
    {
        Argument<string> name = new("name") { Description = "A sweep that lab sweep list shows, or the path of a JSON file." };
        Option<int> seeds = new("--seeds") { Description = "How many seeds, from 0.", DefaultValueFactory = _ => 3 };
        Option<int> epochs = new("--epochs") { Description = "Cuts every run to so many epochs: a sweep of its own, NAME-N-epochs, to see a tendency soon." };
        Option<string[]> kinds = new("--kind") { Description = "Only this kind of data, such as micro-ssv2: a sweep of its own too.", DefaultValueFactory = _ => [] };
        Option<int?> jobs = new("--jobs") { Description = "How many processes, each on one core, by default as many as there are cores, on a public data set one; on SLURM how many tasks at once, by default as many as it gives." };
        Option<SweepPlace> on = new(PlaceName) { Description = "here or slurm: a job array, one run a task.", DefaultValueFactory = _ => SweepPlace.Here };
        Option<string[]> sbatch = new("--sbatch") { Description = "An option for sbatch, such as --sbatch=--partition=gpu; can be given several times." };
        Option<int> retries = new("--retries") { Description = "On SLURM: how often a run is submitted again after its task failed.", DefaultValueFactory = _ => 2 };
        Option<bool> detach = new("--detach") { Description = "On SLURM: submits and does not wait; what fails is submitted again by the same command." };
        Option<bool> replace = new("--replace") { Description = "Forgets another sweep that was begun under this name; its runs stay." };
        Option<string> data = SharedOptions.Data();
        Option<string> models = SharedOptions.Models();
        Option<MicroSize> size = SharedOptions.Size();
        Option<string> root = SharedOptions.Runs();
        var command = new Command("sweep", "Trains every row of a sweep for every seed; what is finished is not done again.")
        {
            name, size, seeds, epochs, kinds, jobs, on, sbatch, retries, detach, replace, data, models, root, List(), Status(), Cancel(), SweepSearch.Create(), SweepSearch.CreateHeads(), SweepWork.Create(),
        };
        // lab sweep delta-t search would search the default sweep otherwise, and never look at the name.
        foreach (Command verb in command.Subcommands)
        {
            verb.Validators.Add(result =>
            {
                if (result.GetResult(name) is { Tokens: [{ Value: string given }, ..] })
                    result.AddError($"'{given}' stands before '{verb.Name}'; expected lab sweep {verb.Name}, and after it what it takes.");
            });
        }
        DataSetOptions dataSet = SharedOptions.DataSet();
        dataSet.To(command);
        jobs.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1 or > SweepWorkers.Most)
                result.AddError($"--jobs is {result.GetValueOrDefault<int?>()}; expected 1 to {SweepWorkers.Most}.");
        });
        retries.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 0)
                result.AddError($"--retries is {result.GetValueOrDefault<int>()}; expected 0 or more.");
        });
        command.SetAction((parsed, token) => Task.Run(
            () =>
            {
                SweepDefinition definition = SweepDefinition.Open(parsed.GetValue(name)!);
                var store = new RunStore(parsed.GetValue(root)!);
                DataSetChoice? set = dataSet.Of(parsed);
                SweepSource source = SweepWork.Source(parsed.GetValue(size), parsed.GetValue(data)!, parsed.GetValue(models)!, set, store, token);
                definition = source.Narrowed(definition, parsed.GetValue(epochs), parsed.GetValue(kinds)!);
                SweepPlan plan = SweepPlan.Make(definition, parsed.GetValue(size), parsed.GetValue(seeds), source, store);
                SweepRecord record = SweepRecord.Keep(store, plan, parsed.GetValue(replace));
                WorkList work = WorkList.Of(plan.Size, plan.Runs, parsed.GetValue(data)!, parsed.GetValue(models)!, store, set) with { Device = parsed.GetValue<string>(SharedOptions.DeviceName)! };
                int status;
                if (parsed.GetValue(on) == SweepPlace.Slurm)
                {
                    var slurm = new SlurmSweep(store, definition.Name, plan.Size);
                    var settings = new SlurmSettings(parsed.GetValue(sbatch) ?? [], parsed.GetValue(jobs), parsed.GetValue(retries));
                    if (parsed.GetValue(detach))
                    {
                        AnsiConsole.WriteLine($"{slurm.Submit(work, settings)} runs submitted. lab sweep status {definition.Name} shows them, lab sweep cancel {definition.Name} ends them.");
                        return 0;
                    }
                    status = SweepWork.OnSlurm(slurm, work, settings, definition.Name, token);
                }
                else
                {
                    status = SweepWork.Here(work, source, parsed.GetValue(jobs), Path.Combine(store.Root, "sweeps", $"{definition.Name}-{SweepRecord.Word(plan.Size)}"), token);
                }
                SweepResults results = SweepResults.Read(store, record);
                foreach (string kind in definition.Data)
                    AnsiConsole.Write(TerminalTable.From(SweepTables.Results(results, kind)));
                return status;
            },
            token));
        return command;
    }

    private static Command Cancel()
    {
        Argument<string> name = new("name") { Description = "A sweep that was given to SLURM." };
        Option<MicroSize> size = SharedOptions.Size();
        Option<string> root = SharedOptions.Runs();
        var command = new Command("cancel", "Cancels a sweep's tasks on SLURM; checkpoints and results stay.") { name, size, root };
        command.SetAction(parsed =>
        {
            var slurm = new SlurmSweep(new RunStore(parsed.GetValue(root)!), parsed.GetValue(name)!, parsed.GetValue(size));
            if (!slurm.WasSubmitted)
                throw new ArgumentException($"The sweep '{parsed.GetValue(name)}' of size {SweepRecord.Word(parsed.GetValue(size))} was never given to SLURM from '{parsed.GetValue(root)}'. A sweep on this machine is stopped with Ctrl-C.");
            AnsiConsole.WriteLine($"{slurm.Cancel()} tasks cancelled. The same sweep goes on from their checkpoints when it is started again.");
            return 0;
        });
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "The sweeps that the lab brings.");
        command.SetAction(_ =>
        {
            AnsiConsole.Write(TerminalTable.From(SweepTables.Definitions()));
            return 0;
        });
        return command;
    }

    private static Command Status()
    {
        Argument<string?> name = new("name") { Description = "A sweep; by default all that were begun.", Arity = ArgumentArity.ZeroOrOne };
        Option<MicroSize?> size = new("--size") { Description = "Only this size." };
        Option<string> root = SharedOptions.Runs();
        var command = new Command("status", "How far sweeps are, while they run too.") { name, size, root };
        command.SetAction(parsed =>
        {
            var store = new RunStore(parsed.GetValue(root)!);
            SweepResults[] sweeps = [.. SweepRecord.All(store).Select(record => SweepResults.Read(store, record))
                .Where(sweep => parsed.GetValue(size) is not MicroSize wanted || sweep.Record.Size == wanted)];
            if (parsed.GetValue(name) is not string wantedName)
            {
                AnsiConsole.Write(TerminalTable.From(SweepTables.List(store.Root, sweeps)));
                return 0;
            }
            sweeps = [.. sweeps.Where(sweep => sweep.Sweep.Name == wantedName)];
            if (sweeps.Length == 0)
                throw new ArgumentException($"The sweep '{wantedName}' was not begun in '{store.Root}'. lab sweep status lists those that were.");
            foreach (SweepResults sweep in sweeps)
            {
                AnsiConsole.Write(TerminalTable.From(SweepTables.Status(sweep, TasksOf(store, sweep))));
                AnsiConsole.WriteLine(SweepTables.Left(sweep));
            }
            return 0;
        });
        return command;
    }

    private static IReadOnlyDictionary<string, SlurmTask>? TasksOf(RunStore store, SweepResults sweep)
    {
        var slurm = new SlurmSweep(store, sweep.Sweep.Name, sweep.Record.Size);
        if (!slurm.WasSubmitted || sweep.Done == sweep.Total)
            return null;
        try
        {
            return slurm.Tasks();
        }
        catch (SlurmException silent)
        {
            // What is finished can be shown all the same.
            Console.Error.WriteLine($"lab: {silent.Message}");
            return null;
        }
    }
}
