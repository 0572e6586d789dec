using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ZeroI2V.Lab.Files;

/// <summary>This program again, in another process.</summary>
internal static class LabProcess
{
    /// <summary>
    /// The command line: the program that the build made of the lab, where that is what runs (a bundle has nothing else), otherwise the
    /// .NET host and the lab's assembly; then its arguments.
    /// </summary>
    /// <param name="arguments">Arguments of <c>lab</c>.</param>
    internal static IReadOnlyList<string> Command(params IEnumerable<string> arguments)
    {
        string assembly = typeof(LabProcess).Assembly.Location;
        return [.. Start(Environment.ProcessPath, assembly) ?? [Host(), assembly], .. arguments];
    }

    /// <summary>The .NET host whose runtime this is: beside the folder <c>shared/NAME/VERSION</c> that the runtime lies in.</summary>
    private static string Host()
    {
        string host = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        return File.Exists(host) ? host : "dotnet";
    }

    /// <summary>How what runs is started; null where it is another program that uses the lab.</summary>
    /// <param name="running">The file that runs.</param>
    /// <param name="assembly">The lab's assembly.</param>
    internal static string[]? Start(string? running, string assembly)
    {
        // The build names the program as the assembly, without .dll; what follows the last dot is no extension.
        string? program = Path.GetFileName(running);
        string name = Path.GetFileNameWithoutExtension(assembly);
        return program == name || program == $"{name}.exe" ? [running!]
            : program is "dotnet" or "dotnet.exe" ? [running!, assembly]
            : null;
    }

    /// <summary>Runs a program to its end.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="input">What it reads from standard input; null for nothing.</param>
    /// <param name="limit">How long it may take.</param>
    /// <returns>Its exit status and what it wrote.</returns>
    /// <exception cref="FileNotFoundException">There is no such program.</exception>
    /// <exception cref="TimeoutException">It took longer, and was ended.</exception>
    internal static (int Status, string Output, string Errors) Run(IReadOnlyList<string> command, string? input, TimeSpan limit)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            try
            {
                using StreamWriter writer = process.StandardInput;
                writer.Write(input);
            }
            catch (IOException)
            {
                // It ended before it read; its status and words say why.
            }
            // Its output ends with it, or with what it left running; both are waited for.
            if (!Task.WaitAll([process.WaitForExitAsync(), errors, output], limit))
            {
                process.Kill(entireProcessTree: true);
                throw new TimeoutException($"'{command[0]}' did not end within {limit.TotalSeconds:0} s.");
            }
            return (process.ExitCode, output.GetAwaiter().GetResult(), errors.GetAwaiter().GetResult().Trim());
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new FileNotFoundException($"The program '{command[0]}' cannot be started: {missing.Message}.", command[0], missing);
        }
    }
}
