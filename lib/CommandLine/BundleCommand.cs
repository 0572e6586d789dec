using System.CommandLine;
using System.Diagnostics;
using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using Spectre.Console;
using ZeroI2V.Lab.Files;

namespace ZeroI2V.Lab.CommandLine;

/// <summary>
/// <c>lab bundle</c>: the lab in one archive for a machine without .NET, NuGet and internet: the program with its runtime, the
/// native sources, notebooks, the small image model, and a <c>setup</c> that compiles against the PyTorch of that machine.
/// </summary>
internal static class BundleCommand
{
    private const long Largest = 60_000_000;
    private const UnixFileMode Runs = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>What a build needs of a checkout.</summary>
    private static readonly string[] s_sources = ["lib", "standins", "data-manifests", "node_modules/plotly.js-dist-min", "ZeroI2V.Lab.csproj", "Directory.Build.props", "Directory.Packages.props", "LabPackages.props", "global.json", ".editorconfig", "nuget.config"];

    /// <summary>What goes along as it is.</summary>
    private static readonly string[] s_along = ["native", "notebooks", "benchmarks/results", "models", "figures", "README.md", "LICENSE"];

    internal static Command Create()
    {
        Option<string> output = new("--out") { Description = "The archive.", DefaultValueFactory = _ => Path.Combine("runs", "zeroi2v-lab-bundle.tar.gz") };
        var command = new Command("bundle", "Packs the lab into one archive for a machine (a GPU server, say) without .NET, NuGet and internet, where ./setup compiles it against the PyTorch that is there.") { output };
        command.SetAction((parsed, token) => Task.Run(
            () =>
            {
                string path = parsed.GetValue(output)!;
                foreach (string needed in (string[])["ZeroI2V.Lab.csproj", "native/labtorch.cpp"])
                    if (!File.Exists(needed))
                        throw new InvalidOperationException($"{needed} is not here. A bundle is made from a checkout of the sources: run ./lab bundle in it.");
                string work = Directory.CreateTempSubdirectory("lab-bundle-").FullName;
                try
                {
                    long bytes = Make(work, path, token);
                    AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{path}: {bytes / 1e6:0.0} MB. There: tar xzf {Path.GetFileName(path)} && bundle/setup && bundle/lab bench --quick"));
                    if (bytes > Largest)
                        throw new InvalidOperationException($"The bundle is {bytes / 1_000_000} MB; expected at most {Largest / 1_000_000}. See what is large in notebooks/ and models/.");
                    return 0;
                }
                finally
                {
                    Directory.Delete(work, recursive: true);
                }
            },
            token));
        return command;
    }

    private static long Make(string work, string path, CancellationToken token)
    {
        string sources = Path.Combine(work, "sources"), bundle = Path.Combine(work, "bundle"), program = Path.Combine(bundle, "bin", "lab");
        // A copy, so that publishing for another runtime leaves this checkout's own build alone.
        foreach (string part in s_sources)
            Copy(part, Path.Combine(sources, part), token);
        Publish(sources, program);
        foreach (string unneeded in Directory.EnumerateFiles(program).Where(file => Path.GetExtension(file) is ".pdb" or ".xml" || Path.GetFileName(file) == "createdump").ToArray())
            File.Delete(unneeded);
        foreach (string part in s_along)
            Copy(part, Path.Combine(bundle, part), token);
        Script("bundle-setup.sh", Path.Combine(bundle, "setup"));
        Script("bundle-lab.sh", Path.Combine(bundle, "lab"));
        AtomicFile.Write(path, stream =>
        {
            using var gzip = new GZipStream(stream, CompressionLevel.SmallestSize, leaveOpen: true);
            TarFile.CreateFromDirectory(bundle, gzip, includeBaseDirectory: true);
        });
        return new FileInfo(path).Length;
    }

    private static void Publish(string sources, string program)
    {
        var start = new ProcessStartInfo("dotnet", ["publish", "ZeroI2V.Lab.csproj", "-c", "Release", "-r", "linux-x64", "--self-contained", "-o", program, "-p:LabPackages=standin", "-p:DebugType=none", "-v", "quiet", "-nologo"])
        {
            WorkingDirectory = sources,
            RedirectStandardOutput = true,
        };
        using Process publish = Process.Start(start)!;
        string said = publish.StandardOutput.ReadToEnd();
        publish.WaitForExit();
        if (publish.ExitCode != 0)
            throw new InvalidOperationException($"dotnet publish failed: {said.Split('\n').FirstOrDefault(line => line.Contains("error", StringComparison.Ordinal)) ?? said}. The feed must have the runtime packages of linux-x64.");
    }

    /// <summary>A file, or a folder without what builds left in it; nothing where there is none.</summary>
    private static void Copy(string from, string to, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        if (File.Exists(from))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(from, to);
        }
        else if (Directory.Exists(from))
        {
            foreach (string entry in Directory.EnumerateFileSystemEntries(from).Where(entry => Path.GetFileName(entry) is not ("bin" or "obj" or "build" or ".ipynb_checkpoints")))
                Copy(entry, Path.Combine(to, Path.GetFileName(entry)), token);
        }
    }

    private static void Script(string resource, string path)
    {
        using (Stream source = typeof(BundleCommand).Assembly.GetManifestResourceStream(resource)!)
        using (FileStream target = File.Create(path))
            source.CopyTo(target);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, Runs);
    }
}
