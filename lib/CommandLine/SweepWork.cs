using System.CommandLine;
using Spectre.Console;
using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.CommandLine;

/// <summary>The runs of a sweep: in this process, in several, on SLURM. <c>lab sweep work</c> is what those processes and tasks do.</summary>
internal static class SweepWork
{
    internal static Command Create()
    {
        Argument<string> list = new("list") { Description = "A work list, as a sweep writes it." };
        Option<int?> task = new("--task") { Description = "Only the run of this number, from 0." };
        var command = new Command("work", "Does the runs of a work list; what a sweep's processes and SLURM's tasks do.") { list, task };
        command.Hidden = true;
        command.SetAction((parsed, token) => Task.Run(
            () =>
            {
                WorkList work = WorkList.Read(parsed.GetValue(list)!);
                if (parsed.GetValue(task) is int number)
                {
                    work = number >= 0 && number < work.List.Count
                        ? work with { List = [work.List[number]] }
                        : throw new ArgumentException($"--task is {number}; '{parsed.GetValue(list)}' has {work.List.Count} runs, from 0.");
                }
                ComputeDevice.Choose(work.Device);
                return Here(work.Queue(), Source(work.Size, work.Data, work.Models, work.DataSet, new RunStore(work.Runs), token), token);
            },
            token));
        return command;
    }

    /// <summary>Image model and data of a size, made where they are missing; or a public data set.</summary>
    internal static SweepSource Source(MicroSize size, string data, string models, DataSetChoice? set, RunStore store, CancellationToken token)
    {
        if (set is not null)
            return SweepSource.Of(set, size, data, store);
        var line = new ProgressLine();
        try
        {
            return SweepSource.Ensure(
                size, data, models,
                new ImmediateProgress<MicroProgress>(p => line.Report(p.ToString())),
                new ImmediateProgress<TrainingProgress>(p => line.Report($"Image model: {p.InWords("stills")}")),
                token);
        }
        finally
        {
            line.Clear();
        }
    }

    /// <summary>Does what nobody else does, in this process.</summary>
    internal static int Here(IReadOnlyList<SweepRun> runs, SweepSource source, CancellationToken token)
    {
        var line = new ProgressLine();
        int ended = 0;
        var told = new ImmediateProgress<QueueProgress>(p =>
        {
            if (p.Ended is QueueResult result)
            {
                ended++;
                line.Clear();
                if (result.Failure is { } failure)
                    Console.Error.WriteLine($"{result.Run.Title}: {failure.Message}");
                else if (!result.Reused)
                    AnsiConsole.WriteLine(FormattableString.Invariant($"{result.Run.Title}: top-1 {100 * result.Result!.Evaluation.Overall.Top1:0.0} %, {result.Result.TrainingSeconds:0} s ({ended} of {runs.Count})"));
            }
            else if (p is { Run: { } run, Training: { } training })
            {
                line.Report($"{run.Title}: {training.InWords()}");
            }
            else
            {
                line.Report($"{ended} of {runs.Count} runs; waiting for those that other processes do");
            }
        });
        var decoding = new ImmediateProgress<DecodingProgress>(p =>
        {
            if (p.Note is null)
                line.Report(FormattableString.Invariant($"Decoding: {p.Done} of {p.Total} videos, {p.Left:m\\:ss} left"));
            else
                line.Note(p.Note);
        });
        try
        {
            IReadOnlyList<QueueResult> results = source.Execute(runs, told, decoding, token);
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

    /// <summary>Does a list on this machine, in as many processes as it pays to have.</summary>
    /// <param name="work">The runs.</param>
    /// <param name="source">Image model and data, for this process.</param>
    /// <param name="jobs">How many processes; null for as many as there are cores, on a public data set for one: its models take the machine.</param>
    /// <param name="files">The start of the paths of lists and logs.</param>
    /// <param name="token">Stops them at their next step.</param>
    internal static int Here(WorkList work, SweepSource source, int? jobs, string files, CancellationToken token)
    {
        IReadOnlyList<SweepRun> queue = work.Queue();
        int open = queue.Count(run => !new RunFolder(run.Folder).HasResult);
        int processes = Math.Min(jobs ?? (work.DataSet is null ? Environment.ProcessorCount : 1), Math.Max(1, open));
        return processes == 1 ? Here(queue, source, token) : InProcesses(processes, work, files, token);
    }

    /// <summary>Shares the runs among processes of this machine.</summary>
    private static int InProcesses(int processes, WorkList work, string files, CancellationToken token)
    {
        var line = new ProgressLine();
        string[] folders = [.. work.Queue().Select(run => run.Folder)];
        string list = files + ".work";
        work.Write(list);
        long last = 0;
        IReadOnlyList<WorkerFailure> failures;
        try
        {
            failures = SweepWorkers.Run(processes, ["sweep", "work", list], files, Tell, token);
        }
        finally
        {
            line.Clear();
        }
        foreach (WorkerFailure failure in failures)
            Console.Error.WriteLine($"lab: worker {failure.Number} ended with status {failure.Status}. {LastWords(failure.Log)}");
        int open = folders.Count(folder => !new RunFolder(folder).HasResult);
        if (open > 0)
            Console.Error.WriteLine($"lab: {folders.Length - open} of {folders.Length} runs are finished. Start the sweep again: it does the rest.");
        return open == 0 ? 0 : 1;

        void Tell()
        {
            // Reading the store costs a little; once in a few seconds is enough.
            if (Environment.TickCount64 - last < 3000)
                return;
            last = Environment.TickCount64;
            line.Report($"{folders.Count(folder => new RunFolder(folder).HasResult)} of {folders.Length} runs finished, {processes} processes; lab sweep status shows more");
        }
    }

    /// <summary>Gives the runs to SLURM and waits for them.</summary>
    internal static int OnSlurm(SlurmSweep slurm, WorkList work, SlurmSettings settings, string name, CancellationToken token)
    {
        var line = new ProgressLine();
        try
        {
            IReadOnlyList<SlurmFailure> failures = slurm.Execute(
                work, settings,
                progress: new ImmediateProgress<SlurmProgress>(p => line.Report($"{p.Finished} of {p.Total} runs finished; {p.Note ?? $"SLURM runs {p.Running}, {p.Waiting} wait; lab sweep status {name} shows more"}")),
                cancellationToken: token);
            line.Clear();
            foreach (SlurmFailure failure in failures)
                Console.Error.WriteLine($"lab: {failure.Title}: {(failure.Task is { } task ? $"SLURM's task {task.Id} {task}. {LastWords(failure.Log)}" : "SLURM knows of no task.")}");
            if (failures.Count > 0)
                Console.Error.WriteLine($"lab: {work.List.Count - failures.Count} of {work.List.Count} runs are finished. Start the sweep again: it does the rest.");
            return failures.Count == 0 ? 0 : 1;
        }
        catch (OperationCanceledException)
        {
            line.Clear();
            Console.Error.WriteLine($"lab: no longer waiting; SLURM's tasks go on. lab sweep cancel {name} ends them.");
            throw;
        }
    }

    private static string LastWords(string log) => File.Exists(log) ? $"Its last words ({log}):\n{string.Join('\n', File.ReadLines(log).TakeLast(8))}" : "";
}
