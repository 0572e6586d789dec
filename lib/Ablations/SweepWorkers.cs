using System.Diagnostics;
using System.Globalization;
using ZeroI2V.Lab.Files;

namespace ZeroI2V.Lab.Ablations;

/// <summary>A sweep's worker that did not end well.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Status">Its exit status; negative or above 128 where a signal ended it.</param>
/// <param name="Log">What it said.</param>
public sealed record WorkerFailure(int Number, int Status, string Log);

/// <summary>
/// Processes that do one sweep together: each is this program again and takes runs that nobody has. One that is killed leaves its
/// run to the others; when the starting process is killed, they end the sweep without it.
/// </summary>
public static class SweepWorkers
{
    /// <summary>Most processes on one machine.</summary>
    public const int Most = 256;

    /// <summary>Starts processes and waits until all have ended.</summary>
    /// <param name="count">How many.</param>
    /// <param name="arguments">Arguments of <c>lab</c> that make it do the sweep alone.</param>
    /// <param name="logs">The start of their logs' paths.</param>
    /// <param name="told">Called now and then while they work.</param>
    /// <param name="cancellationToken">Has them stop at their next step and leave a checkpoint.</param>
    /// <returns>Those that did not end well.</returns>
    /// <exception cref="OperationCanceledException">They were stopped.</exception>
    public static IReadOnlyList<WorkerFailure> Run(int count, IReadOnlyList<string> arguments, string logs, Action? told = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        var workers = new List<(Process Process, string Log, Task Output)>();
        try
        {
            for (int number = 1; number <= count; number++)
                workers.Add(Start(arguments, string.Create(CultureInfo.InvariantCulture, $"{logs}-worker{number}.log")));
            bool asked = false;
            while (workers.Any(worker => !worker.Process.HasExited))
            {
                if (cancellationToken.IsCancellationRequested && !asked)
                {
                    asked = true;
                    workers.ForEach(worker => Stop(worker.Process));
                }
                workers.First(worker => !worker.Process.HasExited).Process.WaitForExit(500);
                told?.Invoke();
            }
            Task.WaitAll([.. workers.Select(worker => worker.Output)], CancellationToken.None);
            cancellationToken.ThrowIfCancellationRequested();
            return [.. workers.Select((worker, i) => new WorkerFailure(i + 1, worker.Process.ExitCode, worker.Log)).Where(worker => worker.Status != 0)];
        }
        finally
        {
            foreach ((Process process, _, _) in workers)
            {
                if (!process.HasExited)
                    Stop(process);
                process.Dispose();
            }
        }
    }

    private static (Process Process, string Log, Task Output) Start(IReadOnlyList<string> arguments, string log)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(log))!);
        IReadOnlyList<string> command = LabProcess.Command(arguments);
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process process = Process.Start(start) ?? throw new InvalidOperationException($"The program '{start.FileName}' did not start.");
        return (process, log, Keep(process, log));
    }

    private static async Task Keep(Process process, string log)
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string errors = await process.StandardError.ReadToEndAsync().ConfigureAwait(false);
        AtomicFile.WriteText(log, errors + await output.ConfigureAwait(false));
    }

    // As Ctrl-C does: the worker leaves a checkpoint. A sweep started in a shell's background ignores Ctrl-C's signal, and so do its workers.
    private static void Stop(Process process)
    {
        using Process? kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill?.WaitForExit();
    }
}
