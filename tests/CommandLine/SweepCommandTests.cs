namespace ZeroI2V.Lab.Tests.CommandLine;

public sealed class SweepCommandTests
{
    [Theory]
    [InlineData("search")]
    [InlineData("status")]
    public void A_sweep_named_before_a_verb_of_sweeps_is_an_error_and_not_another_sweep(string verb)
    {
        using var folder = new TemporaryFolder();
        (int status, _, string errors) = LabProgram.Run(folder.Path, "sweep", "delta-t", verb);
        Assert.Equal(1, status);
        Assert.Contains($"'delta-t' stands before '{verb}'; expected lab sweep {verb}, and after it what it takes.", errors, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("lab sweep <name> [command] [options]", "sweep")]
    [InlineData("lab sweep search [<name>] [options]", "sweep", "search")]
    [InlineData("lab kernel install [options]", "kernel", "install")]
    public void Usage_says_what_is_typed(string usage, params string[] verbs)
    {
        using var folder = new TemporaryFolder();
        (int status, string output, _) = LabProgram.Run(folder.Path, [.. verbs, "--help"]);
        Assert.Equal(0, status);
        Assert.Contains($"Usage:{Environment.NewLine}  {usage}{Environment.NewLine}", output, StringComparison.Ordinal);
    }
}
