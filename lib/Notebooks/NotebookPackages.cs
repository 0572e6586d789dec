using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ZeroI2V.Lab.Notebooks;

/// <summary>
/// <c>#r "nuget: Name, Version"</c>: of a package that the lab was built with, the assembly that it itself uses, so that a
/// cell sees the same types, whatever version it names and whether the build chose the package or its stand-in. Any other
/// package is restored from the feeds that <c>dotnet</c> is configured for.
/// </summary>
internal static partial class NotebookPackages
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(5);
    private static readonly ConcurrentDictionary<string, IReadOnlyList<string>> Restored = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The files of a package's assemblies, and of those that it needs.</summary>
    /// <param name="package">The package's name.</param>
    /// <param name="version">Its version, or a range; empty for the newest.</param>
    /// <param name="line">The line of the cell that names it.</param>
    /// <exception cref="CellSourceException">No feed has it.</exception>
    public static IReadOnlyList<string> Locate(string package, string version, int line)
    {
        // TorchSharp comes in packages named for what they run on; all bring TorchSharp.dll.
        string name = package.StartsWith("TorchSharp-", StringComparison.OrdinalIgnoreCase) ? "TorchSharp" : package;
        Assembly? loaded = AppDomain.CurrentDomain.GetAssemblies()
            .FirstOrDefault(a => !a.IsDynamic && a.Location.Length > 0 && string.Equals(a.GetName().Name, name, StringComparison.OrdinalIgnoreCase));
        if (loaded is not null)
            return [loaded.Location];

        string file = Path.Combine(AppContext.BaseDirectory, name + ".dll");
        // A name is looked up in this one folder: it is no path.
        if (name.AsSpan().IndexOfAny('/', '\\') < 0 && File.Exists(file))
            return [file];
        if (!Name().IsMatch(package) || !Version().IsMatch(version))
            throw new CellSourceException(line, $"\"nuget: {package}, {version}\" is no package and version; expected something like \"nuget: Humanizer.Core, 3.0.1\".");
        return Restored.GetOrAdd($"{Directory.GetCurrentDirectory()} {package} {version}", _ => Restore(package, version, line));
    }

    /// <summary>Lets <c>dotnet</c> restore a project that has nothing but this package, and asks it for the files.</summary>
    private static IReadOnlyList<string> Restore(string package, string version, int line)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("lab-package-");
        try
        {
            string project = Path.Combine(folder.FullName, "package.csproj");
            File.WriteAllText(project, $"""
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup>
                    <TargetFramework>net{Environment.Version.Major}.0</TargetFramework>
                    <RuntimeIdentifier>{RuntimeInformation.RuntimeIdentifier}</RuntimeIdentifier>
                    <SelfContained>false</SelfContained>
                    <UseAppHost>false</UseAppHost>
                    {(FeedsOf(Directory.GetCurrentDirectory()) is { } feeds ? $"<RestoreConfigFile>{SecurityElement.Escape(feeds)}</RestoreConfigFile>" : "")}
                  </PropertyGroup>
                  <ItemGroup>
                    <PackageReference Include="{package}" Version="{(version.Length == 0 ? "*" : version)}" />
                  </ItemGroup>
                </Project>
                """);
            (int status, string output) = Run(project);
            if (status != 0)
            {
                string[] errors = [.. RestoreError().Matches(output).Select(m => m.Groups["message"].Value.Trim()).Distinct()];
                throw new CellSourceException(line, $"the package {package} could not be restored: {(errors.Length > 0 ? string.Join(" ", errors) : output.Trim())} The feeds are those of nuget.config (dotnet nuget list source shows them). A package that the lab itself is to use goes into ZeroI2V.Lab.csproj and Directory.Packages.props.");
            }

            using JsonDocument items = JsonDocument.Parse(output);
            return [.. items.RootElement.GetProperty("Items").GetProperty("RuntimeCopyLocalItems").EnumerateArray().Select(item => item.GetProperty("FullPath").GetString()!)];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static (int Status, string Output) Run(string project)
    {
        var start = new ProcessStartInfo("dotnet", ["msbuild", project, "-restore", "-nologo", "-verbosity:quiet", "-target:ResolvePackageAssets", "-getItem:RuntimeCopyLocalItems"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // What the lab's own build was told must not reach this one.
            WorkingDirectory = Path.GetDirectoryName(project)!,
        };
        foreach (string name in start.Environment.Keys.Where(key => key.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeLimit))
        {
            process.Kill(entireProcessTree: true);
            return (1, $"dotnet did not answer within {TimeLimit.TotalMinutes:0} minutes.");
        }

        string said = errors.GetAwaiter().GetResult();
        return (process.ExitCode, process.ExitCode == 0 ? output.GetAwaiter().GetResult() : output.GetAwaiter().GetResult() + said);
    }

    private static string? FeedsOf(string folder)
    {
        for (DirectoryInfo? at = new(folder); at is not null; at = at.Parent)
        {
            if (at.GetFiles().FirstOrDefault(file => file.Name.Equals("nuget.config", StringComparison.OrdinalIgnoreCase)) is { } found)
                return found.FullName;
        }

        return null;
    }

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_.-]*$")]
    private static partial Regex Name();

    [GeneratedRegex(@"^[A-Za-z0-9.*+,\[\]() -]*$")]
    private static partial Regex Version();

    [GeneratedRegex(@"error (?<message>NU\d+: .*?)( \[[^\]]*\])?\r?$", RegexOptions.Multiline)]
    private static partial Regex RestoreError();
}
