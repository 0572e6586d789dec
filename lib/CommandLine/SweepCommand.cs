using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using TorchSharp;
using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.Reporting;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.CommandLine;

/// <summary><c>lab sweep NAME</c>: every row of a sweep for every seed, in several processes; <c>lab sweep status</c>, <c>lab sweep list</c>.</summary>
internal static class SweepCommand
{
    internal static Command Create()
    {
        Argument<string> name = new("name") { Description = "A sweep that lab sweep list shows, or the path of a JSON file." };
        Option<int> seeds = new("--seeds") { Description = "How many seeds, from 0.", DefaultValueFactory = _ => 3 };
        Option<int> jobs = new("--jobs") { Description = "How many processes, each on one core.", DefaultValueFactory = _ => Environment.ProcessorCount };
        Option<bool> replace = new("--replace") { Description = "Forgets another sweep that was begun under this name; its runs stay." };
        Option<string> data = SharedOptions.Data();
        Option<string> models = SharedOptions.Models();
        Option<MicroSize> size = SharedOptions.Size();
        Option<string> root = SharedOptions.Runs();
        Option<bool> worker = new("--worker") { Hidden = true };
        var command = new Command("sweep", "Trains every row of a sweep for every seed; what is finished is not done again.")
        {
            name, size, seeds, jobs, replace, data, models, root, worker, List(), Status(),
        };
        jobs.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > SweepWorkers.Most)
                result.AddError($"--jobs is {result.GetValueOrDefault<int>()}; expected 1 to {SweepWorkers.Most}.");
        });
        command.SetAction((parsed, token) => Task.Run(
            () =>
            {
                SweepDefinition definition = SweepDefinition.Open(parsed.GetValue(name)!);
                var store = new RunStore(parsed.GetValue(root)!);
                SweepSource source = Source(parsed.GetValue(size), parsed.GetValue(data)!, parsed.GetValue(models)!, token);
                SweepPlan plan = SweepPlan.Make(definition, parsed.GetValue(size), parsed.GetValue(seeds), source, store);
                if (parsed.GetValue(worker))
                    return Work(plan, source, token);
                SweepRecord record = SweepRecord.Keep(store, plan, parsed.GetValue(replace));
                int open = plan.Runs.Where(run => !new RunFolder(run.Folder).HasResult).Select(run => run.Folder).Distinct().Count();
                int processes = Math.Min(parsed.GetValue(jobs), Math.Max(1, open));
                int status = processes == 1 ? Work(plan, source, token) : Spawn(processes, store, plan, record,
                [
                    "sweep", parsed.GetValue(name)!, "--worker", "--size", SweepRecord.Word(plan.Size), "--seeds", plan.Seeds.ToString(CultureInfo.InvariantCulture),
                    "--data", parsed.GetValue(data)!, "--models", parsed.GetValue(models)!, "--runs", store.Root,
                ], token);
                SweepResults results = SweepResults.Read(store, record);
                foreach (string kind in definition.Data)
                    AnsiConsole.Write(TerminalTable.From(SweepTables.Results(results, kind)));
                return status;
            },
            token));
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
                AnsiConsole.Write(TerminalTable.From(SweepTables.Status(sweep)));
            return 0;
        });
        return command;
    }

    private static SweepSource Source(MicroSize size, string data, string models, CancellationToken token)
    {
        var line = new ProgressLine();
        try
        {
            return SweepSource.Ensure(
                size, data, models,
                new Told<MicroProgress>(p => line.Report(p.ToString())),
                new Told<TrainingProgress>(p => line.Report(FormattableString.Invariant($"Image model: epoch {p.Epoch} of {p.Epochs}, {p.Left:m\\:ss} left"))),
                token);
        }
        finally
        {
            line.Clear();
        }
    }

    /// <summary>Does what nobody else does, in this process and on one core: so numbers do not depend on how many processes there are.</summary>
    private static int Work(SweepPlan plan, SweepSource source, CancellationToken token)
    {
        torch.set_num_threads(1);
        var line = new ProgressLine();
        int ended = 0;
        var told = new Told<QueueProgress>(p =>
        {
            if (p.Ended is QueueResult result)
            {
                ended++;
                line.Clear();
                if (result.Failure is { } failure)
                    Console.Error.WriteLine($"{result.Run.Title}: {failure.Message}");
                else if (!result.Reused)
                    AnsiConsole.WriteLine(FormattableString.Invariant($"{result.Run.Title}: top-1 {100 * result.Result!.Evaluation.Overall.Top1:0.0} %, {result.Result.TrainingSeconds:0} s ({ended} of {plan.Runs.Count})"));
            }
            else if (p is { Run: { } run, Training: { } training })
            {
                line.Report(FormattableString.Invariant($"{run.Title}: epoch {training.Epoch} of {training.Epochs}, loss {training.Loss:0.000}, {training.ClipsPerSecond:0} clips/s, {training.Left:m\\:ss} left"));
            }
            else
            {
                line.Report($"{ended} of {plan.Runs.Count} runs; waiting for those that other processes do");
            }
        });
        var decoding = new Told<DecodingProgress>(p => line.Report(FormattableString.Invariant($"Decoding: {p.Done} of {p.Total} videos, {p.Left:m\\:ss} left")));
        try
        {
            IReadOnlyList<QueueResult> results = QueuedRuns.Execute(
                plan.Runs, run => run.Settings.Clips(source.Decoded(run.Data, decoding, token), run.Seed), source.Image.Path, told, token);
            int failed = results.Count(result => result.Failure is not null);
            if (failed > 0)
                Console.Error.WriteLine($"lab: {failed} of {results.Count} runs could not be done; what is wrong stands above. Put it right (lab runs clean removes a run) and start the sweep again: finished runs are kept.");
            return failed == 0 ? 0 : 1;
        }
        finally
        {
            line.Clear();
        }
    }

    private static int Spawn(int processes, RunStore store, SweepPlan plan, SweepRecord record, string[] arguments, CancellationToken token)
    {
        var line = new ProgressLine();
        string logs = Path.Combine(store.Root, "sweeps", $"{plan.Definition.Name}-{SweepRecord.Word(plan.Size)}");
        long last = 0;
        IReadOnlyList<WorkerFailure> failures;
        try
        {
            failures = SweepWorkers.Run(processes, arguments, logs, Tell, token);
        }
        finally
        {
            line.Clear();
        }
        foreach (WorkerFailure failure in failures)
        {
            string said = File.Exists(failure.Log) ? string.Join('\n', File.ReadLines(failure.Log).TakeLast(8)) : "";
            Console.Error.WriteLine($"lab: worker {failure.Number} ended with status {failure.Status}. Its last words ({failure.Log}):\n{said}");
        }
        SweepResults results = SweepResults.Read(store, record);
        bool whole = plan.Runs.All(run => new RunFolder(run.Folder).HasResult);
        if (!whole)
            Console.Error.WriteLine($"lab: {results.Done} of {results.Total} runs are finished. Start the sweep again: it does the rest.");
        return whole ? 0 : 1;

        void Tell()
        {
            // Reading the store costs a little; once in a few seconds is enough.
            if (Environment.TickCount64 - last < 3000)
                return;
            last = Environment.TickCount64;
            string[] folders = [.. plan.Runs.Select(run => run.Folder).Distinct()];
            line.Report($"{folders.Count(folder => File.Exists(Path.Combine(folder, "result.json")))} of {folders.Length} runs finished, {processes} processes; lab sweep status {plan.Definition.Name} shows more");
        }
    }

    private sealed class Told<T>(Action<T> pass) : IProgress<T>
    {
        public void Report(T value) => pass(value);
    }
}
