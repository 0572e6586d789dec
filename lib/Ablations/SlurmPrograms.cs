using System.Globalization;
using ZeroI2V.Lab.Files;

namespace ZeroI2V.Lab.Ablations;

/// <summary>
/// SLURM through its own programs: <c>sbatch</c>, <c>squeue</c>, <c>sacct</c>, <c>scancel</c>, <c>scontrol</c>. Arrays are found by a name of
/// their own, which is known before they are submitted: so none is lost where a process ends between the submission and a note of it.
/// </summary>
public static class SlurmPrograms
{
    /// <summary>Most tasks of one array here, whatever the cluster would take.</summary>
    private const int MostTasks = 10_000;

    /// <summary>A program that asks a controller that is away gives up by itself after some seconds; one whose node hangs does not.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    /// <summary>Most tasks that the cluster takes in one array.</summary>
    /// <returns>Its MaxArraySize, tasks being numbered from 0; less where that is very large.</returns>
    /// <exception cref="SlurmException">The controller does not answer, or takes no arrays.</exception>
    public static int LargestArray()
    {
        const string name = "MaxArraySize";
        string line = Ask(["scontrol", "show", "config"]).Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) ?? "";
        if (!int.TryParse(line.AsSpan(line.IndexOf('=', StringComparison.Ordinal) + 1), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out int most) || most < 1)
            throw new SlurmException($"The cluster must take job arrays; its {name} is '{line.Trim()}'. Have it set above 0 in slurm.conf, or leave --on out.");
        return Math.Min(most, MostTasks);
    }

    /// <summary>Submits an array of tasks, numbered from 0.</summary>
    /// <param name="name">The array's name.</param>
    /// <param name="count">How many tasks.</param>
    /// <param name="most">How many may run at once; null for as many as the cluster gives.</param>
    /// <param name="command">What every task does, words of a command line; its number follows as the last one.</param>
    /// <param name="log">Where a task's output goes; <c>%a</c> is its number.</param>
    /// <param name="options">More options of <c>sbatch</c>, such as <c>--partition=gpu</c>; they win.</param>
    /// <returns>The job's number.</returns>
    /// <exception cref="SlurmException">It was not accepted, or that is not known.</exception>
    public static string Submit(string name, int count, int? most, IReadOnlyList<string> command, string log, IReadOnlyList<string> options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentNullException.ThrowIfNull(command);
        string array = string.Create(CultureInfo.InvariantCulture, $"0-{count - 1}{(most is int m ? $"%{m}" : "")}");
        // exec: signals reach the program itself, and it leaves a checkpoint.
        string script = $"#!/bin/sh\nexec {string.Join(' ', command.Select(Quoted))} \"$SLURM_ARRAY_TASK_ID\"\n";
        return Ask(
            ["sbatch", "--parsable", $"--job-name={name}", $"--array={array}", "--ntasks=1", "--cpus-per-task=1", "--requeue", "--open-mode=append", $"--output={log}", .. options],
            script).Trim().Split(';')[0];
    }

    /// <summary>What the tasks of arrays are doing, by the array's name and the task's number.</summary>
    /// <param name="names">The arrays' names.</param>
    /// <returns>Every task that SLURM knows: first what the controller holds; of those it has forgotten, what accounting kept, where the cluster keeps any.</returns>
    /// <exception cref="SlurmException">The controller does not answer.</exception>
    public static IReadOnlyDictionary<(string Name, int Index), SlurmTask> Tasks(IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        var tasks = new Dictionary<(string, int), SlurmTask>();
        if (names.Count == 0)
            return tasks;
        string wanted = string.Join(',', names);
        // Accounting first, so that the controller, which is never behind, has the last word.
        (int status, string kept, _) = Run(["sacct", "--allocations", "--noheader", "--parsable2", "--starttime=now-90days", $"--name={wanted}", "--format=JobName,JobID,State,NodeList"]);
        if (status == 0)
        {
            foreach (string[] fields in Lines(kept, 4))
            {
                // "CANCELLED by 1000"; what still waits stands as 12_[3-5]. What accounting alone holds to be alive, the controller has lost.
                string state = fields[2].Split(' ')[0];
                if (IndexOf(fields[1]) is int index)
                    tasks[(fields[0], index)] = new SlurmTask(fields[1], new SlurmTask("", state, "").IsAlive ? "FAILED" : state, fields[3] == "None assigned" ? "" : fields[3]);
            }
        }
        foreach (string[] fields in Lines(Ask(["squeue", "--noheader", "--array", "--states=all", $"--name={wanted}", "--format=%j|%i|%T|%N|%r"]), 5))
        {
            if (IndexOf(fields[1]) is int index)
                tasks[(fields[0], index)] = new SlurmTask(fields[1], fields[2], fields[3].Length > 0 ? fields[3] : fields[4]);
        }
        return tasks;
    }

    /// <summary>Cancels arrays by name.</summary>
    /// <param name="names">Their names.</param>
    /// <exception cref="SlurmException">SLURM did not do it.</exception>
    public static void Cancel(IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        foreach (string name in names)
            Ask(["scancel", $"--name={name}"]);
    }

    /// <summary>Cancels one task.</summary>
    /// <param name="task">The task.</param>
    /// <exception cref="SlurmException">SLURM did not do it.</exception>
    public static void Cancel(SlurmTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        Ask(["scancel", task.Id]);
    }

    // Of an array of one task that was cancelled before it began SLURM tells the job's number alone.
    private static int? IndexOf(string id) => id.IndexOf('_', StringComparison.Ordinal) is var mark && mark < 0 ? 0
        : int.TryParse(id.AsSpan(mark + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int index) ? index : null;

    private static IEnumerable<string[]> Lines(string output, int fields) =>
        output.Split('\n').Select(line => line.Split('|')).Where(line => line.Length == fields);

    private static string Ask(IReadOnlyList<string> command, string? input = null)
    {
        (int status, string output, string errors) = Run(command, input);
        return status == 0 ? output : throw new SlurmException($"SLURM's {command[0]} ended with status {status}: {(errors.Length > 0 ? errors : "it said nothing")}");
    }

    private static (int Status, string Output, string Errors) Run(IReadOnlyList<string> command, string? input = null)
    {
        try
        {
            return LabProcess.Run(command, input, s_patience);
        }
        catch (TimeoutException silent)
        {
            throw new SlurmException($"SLURM does not answer: {silent.Message}");
        }
        catch (FileNotFoundException)
        {
            throw new SlurmException($"'{command[0]}' is not on the PATH: --on slurm needs a machine on which SLURM's programs are (on Debian, the package slurm-client). Without a cluster, leave --on out; --jobs N runs N processes here.");
        }
    }

    // For the shell of a batch script.
    private static string Quoted(string word) => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
