using System.Runtime.InteropServices;

namespace ZeroI2V.Lab.Notebooks.Jupyter;

/// <summary>Ends this process when the one that started it has gone: a client that was killed leaves no kernel behind.</summary>
internal static partial class ParentProcess
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Watches until disposed of.</summary>
    /// <param name="gone">What to do then.</param>
    public static IDisposable Watch(Action gone)
    {
        // Who has no parent from the start was meant to live alone.
        int parent = OperatingSystem.IsWindows() ? 1 : GetParent();
        return new Timer(_ =>
        {
            if (parent != 1 && GetParent() != parent)
                gone();
        }, null, Interval, Interval);
    }

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int GetParent();
}
