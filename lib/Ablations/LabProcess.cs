using System.Diagnostics;

namespace ZeroI2V.Lab.Ablations;

/// <summary>This program again, in another process.</summary>
internal static class LabProcess
{
    /// <summary>The command line: the .NET host, the program, its arguments.</summary>
    /// <param name="arguments">Arguments of <c>lab</c>.</param>
    internal static IReadOnlyList<string> Command(params IEnumerable<string> arguments) =>
        [Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", typeof(LabProcess).Assembly.Location, .. arguments];

    /// <summary>Runs a program to its end.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="input">What it reads from standard input; null for nothing.</param>
    /// <returns>Its exit status and what it wrote.</returns>
    /// <exception cref="FileNotFoundException">There is no such program.</exception>
    internal static (int Status, string Output, string Errors) Run(IReadOnlyList<string> command, string? input = null)
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
            process.WaitForExit();
            return (process.ExitCode, output.GetAwaiter().GetResult(), errors.GetAwaiter().GetResult().Trim());
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new FileNotFoundException($"The program '{command[0]}' cannot be started: {missing.Message}.", command[0], missing);
        }
    }
}
