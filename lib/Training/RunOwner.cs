using System.Collections.Concurrent;
using System.Globalization;

namespace ZeroI2V.Lab.Training;

/// <summary>
/// A process that works on a run, as <c>owners/NUMBER.json</c> in the run's folder tells others. Nothing is judged by a
/// clock on the wall: machines that share a disk have different ones, and they jump.
/// </summary>
public sealed record RunOwner
{
    private static readonly ConcurrentDictionary<string, int> s_held = new();

    /// <summary>What tells one machine, and one container on it, from another: the boot and the space of process numbers.</summary>
    public required string Machine { get; init; }

    /// <summary>The machine's name, for people.</summary>
    public required string Host { get; init; }

    /// <summary>The process's number on that machine.</summary>
    public required int Process { get; init; }

    /// <summary>When the process began, in the kernel's ticks since the boot: numbers of processes come again.</summary>
    public required long ProcessStarted { get; init; }

    /// <summary>When it took the run, by its own clock; for people.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Counts up while it lives.</summary>
    public long Beat { get; init; }

    /// <summary>Seconds that it has worked on the run.</summary>
    public double Seconds { get; init; }

    /// <summary>Whether it has let go of the run, finished or not.</summary>
    public bool Released { get; init; }

    /// <summary>This process.</summary>
    public static RunOwner ThisProcess() => new()
    {
        Machine = ThisMachine,
        Host = Environment.MachineName,
        Process = Environment.ProcessId,
        ProcessStarted = StartOf(Environment.ProcessId) ?? 0,
        Since = DateTimeOffset.UtcNow,
    };

    /// <summary>Host and process as messages name them.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"process {Process} on {Host}, since {Since:yyyy-MM-dd HH:mm:ss} UTC");

    /// <summary>Whether it still works on the run of a file; null where that cannot be known from this machine.</summary>
    /// <param name="file">The owner's file.</param>
    internal bool? IsAtWork(string file)
    {
        if (Released)
            return false;
        if (Machine != ThisMachine)
            return null;
        if (Process == Environment.ProcessId && ProcessStarted == (StartOf(Process) ?? 0))
            return s_held.GetValueOrDefault(file) > 0;
        return StartOf(Process) is long started && started == ProcessStarted;
    }

    /// <summary>Notes that this process holds the run of a file; a process that lives on may have let go of a run without a word.</summary>
    internal static void Hold(string file) => s_held.AddOrUpdate(file, 1, (_, held) => held + 1);

    /// <summary>Notes that it does so no more.</summary>
    internal static void LetGo(string file) => s_held.AddOrUpdate(file, 0, (_, held) => held - 1);

    private static string ThisMachine { get; } = Identity();

    private static string Identity()
    {
        const string Boot = "/proc/sys/kernel/random/boot_id", Space = "/proc/self/ns/pid";
        return File.Exists(Boot)
            ? $"{File.ReadAllText(Boot).Trim()} {new FileInfo(Space).LinkTarget}"
            : Environment.MachineName;
    }

    /// <summary>When a living process of this machine began, in ticks since the boot; null where there is none.</summary>
    private static long? StartOf(int process)
    {
        string text;
        try
        {
            text = File.ReadAllText($"/proc/{process}/stat");
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException or IOException { HResult: NoSuchProcess })
        {
            return null;
        }
        // "number (name) state …": the name may hold anything, brackets and spaces too.
        string[] fields = text[(text.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields[0] is "Z" or "X" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
    }

    // ESRCH: the process ended between opening its file and reading it.
    private const int NoSuchProcess = 3;
}
