using System.Diagnostics;
using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.Tests.DataSets;

public sealed class DiskFullTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_disk_that_fills_up_while_a_list_is_written_leaves_the_old_list_and_one_error()
    {
        var list = new ClipList
        {
            Name = "many", Synthetic = true, Classes = ["a"], ClassGroups = [""], ReversedClass = [-1],
            Clips = [.. Enumerable.Range(0, 4000).Select(i => new ClipRecord { Path = $"{i:0000}.mp4", Label = 0, Frames = 8 })],
        };
        list.Save(_folder["train.json"]);
        File.WriteAllText(_folder["train-3000shot-seed0.json"], "the old one");
        // A limit on the size of files stands for the full disk: writing fails half way in the same manner.
        using Process lab = Process.Start(new ProcessStartInfo("bash", [
            "-c", "trap '' XFSZ; ulimit -f 64; exec dotnet \"$0\" data few-shot \"$1\" --shots 3000",
            Path.Combine(AppContext.BaseDirectory, "ZeroI2V.Lab.dll"), _folder["train.json"]])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            // The runtime keeps its code in a file of its own otherwise, which the limit would meet first.
            Environment = { ["DOTNET_EnableWriteXorExecute"] = "0" },
        })!;
        string said = await lab.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await lab.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, lab.ExitCode);
        Assert.StartsWith("lab: ", said, StringComparison.Ordinal);
        Assert.Equal("the old one", File.ReadAllText(_folder["train-3000shot-seed0.json"]));
        Assert.Equal(2, Directory.GetFiles(_folder.Path).Length);
    }
}
