using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ZeroI2V.Lab.Tests.Ablations;

/// <summary>
/// A SLURM of its own on loopback, with two slots: munged, slurmctld, slurmd and, where their programs are, slurmdbd over MariaDB,
/// so that sacct answers. Nothing outside a temporary folder is read or written.
/// </summary>
internal sealed class SlurmCluster : IDisposable
{
    private const string SystemTables = "/usr/share/mysql/mysql_system_tables.sql";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly List<Process> _started = [];
    private readonly string? _before = Environment.GetEnvironmentVariable(Configuration);
    private Process? _controller;

    private const string Configuration = "SLURM_CONF";

    private SlurmCluster()
    {
    }

    /// <summary>Whether it keeps accounts.</summary>
    public static bool HasAccounting => Find("slurmdbd") is not null && Find("mariadbd") is not null && File.Exists(SystemTables);

    /// <summary>Starts one, or skips the test with the reason why there is none here.</summary>
    /// <param name="accounting">Whether it keeps accounts.</param>
    /// <param name="more">More lines of its slurm.conf.</param>
    public static SlurmCluster StartOrSkip(bool accounting, string more = "")
    {
        string[] missing = [.. ((string[])["munged", "slurmctld", "slurmd", "sbatch", "squeue", "sacct", "scancel"]).Where(program => Find(program) is null)];
        Assert.SkipUnless(missing.Length == 0, $"SLURM is not here; missing: {string.Join(", ", missing)}. ./lab test installs it where it can.");
        Assert.SkipWhen(accounting && !HasAccounting, "SLURM's accounting is not here: slurmdbd and mariadbd.");
        var cluster = new SlurmCluster();
        try
        {
            cluster.Start(accounting, more);
            return cluster;
        }
        catch (Exception reason) when (reason is TimeoutException or System.ComponentModel.Win32Exception or IOException)
        {
            cluster.Dispose();
            Assert.SkipUnless(Environment.GetEnvironmentVariable("LAB_TEST_CLIENTS") == "required", $"SLURM does not start on this machine: {reason.Message}");
            throw;
        }
    }

    /// <summary>
    /// Waits until what the controller knows of its jobs stands on its disk: it writes seconds after something changed. One that were
    /// ended before would start the tasks again that already run.
    /// </summary>
    public void AwaitSavedJobs()
    {
        DateTime asked = DateTime.UtcNow;
        string job = Run("squeue", "--noheader", "--format=%F").Output.Split('\n')[0].Trim();
        Run("scontrol", "update", $"JobId={job}", "Comment=saved");
        Await("the controller's state", () => File.GetLastWriteTimeUtc(Path.Combine(_folder["state"], "job_state")) > asked);
    }

    /// <summary>Ends the controller without a word and starts it again; what it knew stands on its disk.</summary>
    /// <param name="meanwhile">What happens while it is away.</param>
    public void RestartController(Action meanwhile)
    {
        _controller!.Kill();
        _controller.WaitForExit();
        meanwhile();
        StartController();
    }

    /// <summary>Runs a program of SLURM.</summary>
    public static (int Status, string Output) Run(params string[] command)
    {
        using Process process = Process.Start(new ProcessStartInfo(Find(command[0])!, command.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(s_patience))
        {
            process.Kill();
            return (-1, $"{command[0]} did not end within {s_patience.TotalSeconds:0} s.");
        }
        return (process.ExitCode, output.GetAwaiter().GetResult() + errors.GetAwaiter().GetResult());
    }

    public void Dispose()
    {
        if (_controller is { HasExited: false })
        {
            Run("scancel", $"--user={Environment.UserName}");
            SpinWait.SpinUntil(() => Run("squeue", "--noheader").Output.Length == 0, TimeSpan.FromSeconds(10));
        }
        foreach (Process process in Enumerable.Reverse(_started))
        {
            if (!process.HasExited)
                process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
        Environment.SetEnvironmentVariable(Configuration, _before);
        _folder.Dispose();
    }

    private void Start(bool accounting, string more)
    {
        string host = Environment.MachineName.Split('.')[0], user = Environment.UserName, socket = _folder["munge.sock"];
        int[] ports = FreePorts(4);
        _folder.Write("munge.key", System.Security.Cryptography.RandomNumberGenerator.GetBytes(1024));
        MakePrivate(_folder["munge.key"]);
        Begin("munged", "--foreground", "--force", $"--key-file={_folder["munge.key"]}", $"--socket={socket}", $"--pid-file={_folder["munged.pid"]}", $"--log-file={_folder["munged.log"]}", $"--seed-file={_folder["munged.seed"]}");
        Await("munged", () => File.Exists(socket));
        File.WriteAllText(_folder["slurm.conf"], $"""
            ClusterName=lab
            SlurmctldHost={host}(127.0.0.1)
            SlurmctldPort={ports[0]}
            SlurmdPort={ports[1]}
            SlurmUser={user}
            SlurmdUser={user}
            AuthType=auth/munge
            AuthInfo=socket={socket}
            StateSaveLocation={Directory.CreateDirectory(_folder["state"]).FullName}
            SlurmdSpoolDir={Directory.CreateDirectory(_folder["spool"]).FullName}
            SlurmctldPidFile={_folder["slurmctld.pid"]}
            SlurmdPidFile={_folder["slurmd.pid"]}
            ProctrackType=proctrack/linuxproc
            TaskPlugin=task/none
            JobAcctGatherType=jobacct_gather/none
            MpiDefault=none
            SelectType=select/cons_tres
            SelectTypeParameters=CR_CPU
            SlurmdParameters=config_overrides
            SchedulerParameters=sched_interval=1,batch_sched_delay=0
            ReturnToService=2
            KillWait=3
            {(accounting ? $"AccountingStorageType=accounting_storage/slurmdbd\nAccountingStorageHost=127.0.0.1\nAccountingStoragePort={ports[2]}\nAccountingStoragePass={socket}" : "AccountingStorageType=accounting_storage/none")}
            NodeName={host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
            {more}
            PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
            """.ReplaceLineEndings("\n") + "\n");
        Environment.SetEnvironmentVariable(Configuration, _folder["slurm.conf"]);
        if (accounting)
            StartAccounting(host, user, socket, ports[2], ports[3]);
        StartController();
        Begin("slurmd", "-D");
        Await("slurmd", () => Run("sinfo", "--noheader", "--format=%T").Output.Trim() == "idle");
    }

    private void StartAccounting(string host, string user, string socket, int port, int database)
    {
        string tables = Directory.CreateDirectory(_folder["db"]).FullName;
        string[] common = ["--no-defaults", $"--datadir={tables}", $"--user={user}", "--skip-grant-tables", "--innodb-buffer-pool-size=16M", "--innodb-log-file-size=8M"];
        File.WriteAllText(_folder["boot.sql"], "create database mysql;\nuse mysql;\n" + File.ReadAllText(SystemTables));
        Process bootstrap = Begin("mariadbd", [.. common, "--bootstrap"], _folder["boot.sql"]);
        Await("MariaDB's first start", () => bootstrap.HasExited);
        Begin("mariadbd", [.. common, $"--port={database}", "--bind-address=127.0.0.1", $"--socket={_folder["db.sock"]}", $"--pid-file={_folder["db.pid"]}"]);
        Await("mariadbd", () => File.Exists(_folder["db.sock"]));
        File.WriteAllText(_folder["slurmdbd.conf"], $"""
            AuthType=auth/munge
            AuthInfo=socket={socket}
            DbdHost={host}
            DbdAddr=127.0.0.1
            DbdPort={port}
            SlurmUser={user}
            StorageType=accounting_storage/mysql
            StorageHost=127.0.0.1
            StoragePort={database}
            StorageUser=lab
            StoragePass=none
            StorageLoc=slurm
            PidFile={_folder["slurmdbd.pid"]}
            """.ReplaceLineEndings("\n") + "\n");
        MakePrivate(_folder["slurmdbd.conf"]);
        Begin("slurmdbd", "-D");
        Await("slurmdbd", () => Run("sacctmgr", "--immediate", "add", "cluster", "lab").Status == 0);
    }

    private void StartController()
    {
        _controller = Begin("slurmctld", "-D");
        Await("slurmctld", () => Run("scontrol", "ping").Status == 0);
    }

    private Process Begin(string program, params string[] arguments) => Begin(program, arguments, "/dev/null");

    private Process Begin(string program, string[] arguments, string input)
    {
        // Through a shell, whose exec leaves the program in its place: its words go to a file that nobody need empty.
        var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"exec \"$0\" \"$@\" <'{input}' >'{_folder[program + ".out"]}' 2>&1", Find(program)!, .. arguments]))!;
        _started.Add(process);
        return process;
    }

    private void Await(string what, Func<bool> ready)
    {
        long until = Environment.TickCount64 + (long)s_patience.TotalMilliseconds;
        while (!ready())
        {
            if (Environment.TickCount64 > until)
            {
                string said = string.Join('\n', Directory.GetFiles(_folder.Path, "*.out").Where(file => new FileInfo(file).Length > 0).Select(file => $"{Path.GetFileName(file)}: {File.ReadLines(file).Last()}"));
                throw new TimeoutException($"{what} is not ready after {s_patience.TotalSeconds:0} s.\n{said}");
            }
            Thread.Sleep(100);
        }
    }

    // Keys and passwords that others may read are refused.
    private static void MakePrivate(string file)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private static int[] FreePorts(int count)
    {
        TcpListener[] listeners = [.. Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        Array.ForEach(listeners, listener => listener.Start());
        int[] ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        Array.ForEach(listeners, listener => listener.Stop());
        return ports;
    }

    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin")
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
