using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace ZeroI2V.Lab.Tests.CommandLine;

/// <summary>The <c>lab</c> program as a user runs it: its own process, its exit status, what it prints.</summary>
internal static class LabProgram
{
    internal static string Assembly { get; } = Path.Combine(AppContext.BaseDirectory, "ZeroI2V.Lab.dll");

    internal static (int Status, string Output, string Errors) Run(string folder, params string[] arguments) => Dotnet(folder, [Assembly, .. arguments]);

    /// <summary>What to start for some of these tests in a process of their own.</summary>
    internal static string[] Tests(params string[] filters) => [typeof(LabProgram).Assembly.Location, "-noColor", .. filters];

    /// <summary>How many tests such a process ran; fails where one of them did not pass.</summary>
    internal static int Passed(int status, string output)
    {
        Match total = Regex.Match(output, @"Total: (\d+), Errors: 0, Failed: 0, Skipped: 0, Not Run: 0");
        Assert.True(status == 0 && total.Success, output);
        return int.Parse(total.Groups[1].Value, CultureInfo.InvariantCulture);
    }

    /// <summary>Any program of .NET, with variables of its own; those without a value are left as they are.</summary>
    internal static (int Status, string Output, string Errors) Dotnet(string folder, IEnumerable<string> arguments, params (string Name, string? Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string? value) in environment.Where(variable => variable.Value is not null))
            start.Environment[name] = value;
        using Process lab = Process.Start(start)!;
        Task<string> errors = lab.StandardError.ReadToEndAsync();
        string output = lab.StandardOutput.ReadToEnd();
        lab.WaitForExit();
        return (lab.ExitCode, output, errors.GetAwaiter().GetResult());
    }
}
