using System.Diagnostics;

namespace ZeroI2V.Lab.Tests.CommandLine;

/// <summary>The <c>lab</c> program as a user runs it: its own process, its exit status, what it prints.</summary>
internal static class LabProgram
{
    internal static string Assembly { get; } = Path.Combine(AppContext.BaseDirectory, "ZeroI2V.Lab.dll");

    internal static (int Status, string Output, string Errors) Run(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Assembly, .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process lab = Process.Start(start)!;
        Task<string> errors = lab.StandardError.ReadToEndAsync();
        string output = lab.StandardOutput.ReadToEnd();
        lab.WaitForExit();
        return (lab.ExitCode, output, errors.GetAwaiter().GetResult());
    }
}
