using System.Globalization;
using System.Runtime.InteropServices;

namespace ZeroI2V.Lab.Evaluation;

/// <summary>The most memory that the process held while something ran. The operating system counts it (Linux, resident pages).</summary>
public static partial class PeakMemory
{
    private const string Status = "/proc/self/status";
    private const string Reset = "/proc/self/clear_refs";

    private static long s_before;

    /// <summary>Whether this system tells it.</summary>
    public static bool IsKnown => File.Exists(Status) && File.Exists(Reset);

    /// <summary>Runs something.</summary>
    /// <param name="action">What to run.</param>
    /// <returns>Bytes above what was held before; null where the system does not tell.</returns>
    public static long? Of(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        if (!IsKnown)
        {
            action();
            return null;
        }
        GC.Collect();
        GC.WaitForPendingFinalizers();
        // Otherwise the collector gives its memory back bit by bit in the seconds to come, and hides what is taken meanwhile.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        Trim();
        Restart();
        long before = Read("VmRSS:");
        action();
        return Math.Max(0, Read("VmHWM:") - before);
    }

    /// <summary>Counts anew from here on, for <see cref="SinceRestart"/>; <see cref="OfProcess"/> goes on.</summary>
    public static void Restart()
    {
        if (!IsKnown)
            return;
        s_before = OfProcess ?? 0;
        // "5" sets the peak back to what is held now.
        File.WriteAllText(Reset, "5");
    }

    /// <summary>The most bytes held since <see cref="Restart"/>; null where the system does not tell.</summary>
    public static long? SinceRestart => IsKnown ? Read("VmHWM:") : null;

    /// <summary>The most bytes held since the process began; null where the system does not tell.</summary>
    public static long? OfProcess => IsKnown ? Math.Max(s_before, Read("VmHWM:")) : null;

    /// <summary>Gives freed memory back: what allocators keep for themselves would be used again without being seen.</summary>
    private static void Trim()
    {
        try
        {
            _ = malloc_trim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // A C library without it, such as musl: peaks are then lower bounds.
        }
    }

    [LibraryImport("libc")]
    private static partial int malloc_trim(nuint pad);

    private static long Read(string name)
    {
        string line = File.ReadLines(Status).First(line => line.StartsWith(name, StringComparison.Ordinal));
        return 1024 * long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
    }
}
