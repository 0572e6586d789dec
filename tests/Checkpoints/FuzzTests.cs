using ZeroI2V.Lab.Fuzz;

namespace ZeroI2V.Lab.Tests.Checkpoints;

public sealed class FuzzTests
{
    [Fact]
    public void Readers_survive_files_that_were_damaged_at_random()
    {
        using var folder = new TemporaryFolder();
        int cases = 0;
        Finding[] findings = [.. FuzzRun.Cases(seed: 20_240_708, folder.Path, number => (cases = number) < 1500, alone: false)];
        Assert.Equal(1500, cases);
        Assert.Empty(findings.Select(finding => finding.What));
    }

    [Fact]
    public void Sound_files_are_read_by_some_reader()
    {
        // Damaging files that no reader takes would prove nothing.
        using var folder = new TemporaryFolder();
        foreach (byte[] seed in SeedFiles.All(folder.Path).SkipLast(1))
            Lab.Checkpoints.WeightFile.Read(folder.Write("sound", seed)).Dispose();
        Lab.Checkpoints.NumpyArray.Read(folder.Write("sound", SeedFiles.All(folder.Path)[^1])).Dispose();
    }

    [Fact]
    public void Cases_that_were_found_stay_mended()
    {
        string corpus = Path.Combine(AppContext.BaseDirectory, "corpus");
        string[] files = Directory.GetFiles(corpus);
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.Null(ReaderCheck.Run(file, alone: false)));
    }
}
