using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;

namespace ZeroI2V.Lab.Training;

/// <summary>By what and where something is computed.</summary>
public sealed record Surroundings
{
    /// <summary>The commit of the sources; null outside a git repository.</summary>
    public required string? Commit { get; init; }

    /// <summary>Whether tracked files differed from that commit; null outside a git repository.</summary>
    public required bool? UncommittedChanges { get; init; }

    /// <summary>The machine: system, processor, cores, memory.</summary>
    public required IReadOnlyDictionary<string, string> Machine { get; init; }

    /// <summary>Versions of .NET and of the packages that make numbers and figures, as far as they are loaded.</summary>
    public required IReadOnlyDictionary<string, string> Versions { get; init; }

    /// <summary>Collects what can be known here and now.</summary>
    /// <param name="repository">A folder inside the repository; null for the current one.</param>
    public static Surroundings Here(string? repository = null)
    {
        string folder = repository ?? Directory.GetCurrentDirectory();
        string? commit = Git(folder, "rev-parse", "HEAD");
        return new Surroundings
        {
            Commit = commit,
            UncommittedChanges = commit is null ? null : Git(folder, "status", "--porcelain", "--untracked-files=no") is { Length: > 0 },
            Machine = ThisMachine(),
            Versions = ThisSoftware(),
        };
    }

    private static Dictionary<string, string> ThisMachine() => new()
    {
        ["system"] = RuntimeInformation.OSDescription,
        ["architecture"] = RuntimeInformation.ProcessArchitecture.ToString(),
        ["processor"] = Processor(),
        ["cores"] = Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture),
        ["memoryGiB"] = (GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1L << 30)).ToString("0.0", CultureInfo.InvariantCulture),
    };

    /// <summary>The processor's name; "unknown" where the system does not say it.</summary>
    internal static string Processor()
    {
        const string Cpus = "/proc/cpuinfo";
        string? line = File.Exists(Cpus) ? File.ReadLines(Cpus).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?.Split(':', 2)[1].Trim() ?? "unknown";
    }

    private static Dictionary<string, string> ThisSoftware()
    {
        var versions = new Dictionary<string, string> { [".NET"] = Environment.Version.ToString() };
        foreach (string name in (string[])["ZeroI2V.Lab", "TorchSharp", "FFMpegCore", "Plotly.NET", "ScottPlot"])
        {
            Assembly? assembly = AppDomain.CurrentDomain.GetAssemblies().FirstOrDefault(a => a.GetName().Name == name);
            if (assembly is null)
                continue;
            bool standIn = assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Any(a => a.Key == "LabStandIn");
            string version = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? assembly.GetName().Version?.ToString() ?? "unknown";
            versions[name] = standIn ? "stand-in" : version;
        }
        return versions;
    }

    // Null outside a repository, or where there is no git: a figure can be made from an unpacked archive too.
    private static string? Git(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", ["-C", folder, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using Process git = Process.Start(start)!;
            Task<string> errors = git.StandardError.ReadToEndAsync();
            string output = git.StandardOutput.ReadToEnd();
            git.WaitForExit();
            _ = errors.GetAwaiter().GetResult();
            return git.ExitCode == 0 ? output.Trim() : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
