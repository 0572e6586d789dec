using ZeroI2V.Lab.Files;

namespace ZeroI2V.Lab.Tests.Files;

public sealed class LabProcessTests
{
    [Theory]
    [InlineData("/opt/lab/bin/lab/ZeroI2V.Lab", "/opt/lab/bin/lab/ZeroI2V.Lab")]
    [InlineData("/opt/lab/ZeroI2V.Lab.exe", "/opt/lab/ZeroI2V.Lab.exe")]
    [InlineData("/usr/share/dotnet/dotnet", "/usr/share/dotnet/dotnet /opt/lab/ZeroI2V.Lab.dll")]
    [InlineData("/opt/lab/ZeroI2V.Lab.Tests", null)]
    [InlineData(null, null)]
    public void The_lab_is_started_as_what_runs(string? running, string? expected) =>
        Assert.Equal(expected, LabProcess.Start(running, "/opt/lab/ZeroI2V.Lab.dll") is { } start ? string.Join(' ', start) : null);

    [Fact]
    public void Another_program_starts_it_by_the_host_of_its_runtime()
    {
        IReadOnlyList<string> command = LabProcess.Command("--version");
        Assert.Equal(3, command.Count);
        Assert.True(Path.IsPathRooted(command[0]) && File.Exists(command[0]), command[0]);
        (int status, string output, _) = LabProcess.Run(command, null, TimeSpan.FromMinutes(1));
        Assert.Equal(0, status);
        Assert.Matches(@"^\d+\.\d+", output);
    }
}
