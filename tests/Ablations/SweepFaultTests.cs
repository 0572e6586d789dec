using System.Diagnostics;
using System.Globalization;
using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.Tests.MicroWorld;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.Tests.Ablations;

/// <summary>What a sweep does when the machine does not do its part.</summary>
public sealed class SweepFaultTests(QuickData data) : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    private SweepPlan Make(int epochs, int seeds, out SweepSource source)
    {
        _ = (data.Clips, data.Stills);
        string json = $$"""
            {
              "name": "toy", "question": "?", "data": ["micro-ssv2"],
              "settings": { "training.epochs": {{epochs}}, "training.warmUpEpochs": 0.5 },
              "axes": { "heads": { "none": { "recognizer.heads.lowestByLayer": [[]] }, "two": {} } },
              "baseline": { "heads": "none" }
            }
            """;
        File.WriteAllText(_root["toy.json"], json);
        source = SweepSource.Ensure(MicroSize.Quick, data.Root, _root["models"], cancellationToken: TestContext.Current.CancellationToken);
        var store = new RunStore(_root["runs"]);
        SweepPlan plan = SweepPlan.Make(SweepDefinition.Parse(json, "toy"), MicroSize.Quick, seeds, source, store);
        WorkList.Of(plan.Size, plan.Runs, data.Root, _root["models"], store).Write(_root["toy.work"]);
        return plan;
    }

    private static Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        // Under a limit of file sizes the runtime cannot map code twice.
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        return Process.Start(start)!;
    }

    private static async Task<(int Status, string Errors)> End(Process process)
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await output;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, errors);
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_ends_the_worker_with_an_error_and_the_next_one_goes_on()
    {
        SweepPlan plan = Make(epochs: 2, seeds: 1, out _);
        string lab = typeof(SweepPlan).Assembly.Location;
        // As on a full disk: the largest file, the model, does not fit. The signal is ignored, the write fails.
        using (Process full = Start("/bin/sh", "-c", "trap '' XFSZ; ulimit -f 1200; exec \"$0\" \"$@\"", "dotnet", lab, "sweep", "work", _root["toy.work"]))
        {
            (int status, string errors) = await End(full);
            Assert.Equal(1, status);
            Assert.Contains("toy: none, MicroSSv2, seed 0: ", errors, StringComparison.Ordinal);
        }
        Assert.All(plan.Runs, run => Assert.False(File.Exists(Path.Combine(run.Folder, "result.json"))));
        Assert.Empty(Directory.GetFiles(_root["runs"], "*.tmp", SearchOption.AllDirectories));
        Assert.All(plan.Runs, run => Assert.Equal(RunState.Interrupted, StoredRun.Read(run.Folder).State));

        using Process room = Start("dotnet", lab, "sweep", "work", _root["toy.work"]);
        Assert.Equal(0, (await End(room)).Status);
        Assert.All(plan.Runs, run => Assert.Equal(RunState.Finished, StoredRun.Read(run.Folder).State));
    }

    [Theory]
    [InlineData("--default-signal=INT", "-INT")]
    // As a sweep that a shell runs in its background: it and its workers never hear of Ctrl-C.
    [InlineData("--ignore-signal=INT", "-TERM")]
    public async Task A_signal_stops_every_process_of_a_sweep_and_leaves_checkpoints(string shell, string signal)
    {
        // More epochs than any machine does before both workers have begun.
        const int Epochs = 20_000;
        SweepPlan plan = Make(Epochs, seeds: 1, out _);
        using Process sweep = Start(
            "env", shell, "dotnet", typeof(SweepPlan).Assembly.Location, "sweep", _root["toy.json"], "--size", "quick", "--seeds", "1", "--jobs", "2",
            "--data", data.Root, "--models", _root["models"], "--runs", _root["runs"]);
        Task<(int Status, string Errors)> ended = End(sweep);
        if (!SpinWait.SpinUntil(() => sweep.HasExited || plan.Runs.All(run => new RunFolder(run.Folder).HasCheckpoint), TimeSpan.FromSeconds(90)))
        {
            sweep.Kill(entireProcessTree: true);
            Assert.Fail("The sweep has written no checkpoints.");
        }
        int[] workers = [.. plan.Runs.Select(run => StoredRun.Read(run.Folder).Owner!.Process)];
        Assert.Equal(2, workers.Distinct().Count());

        using (Process interrupt = Process.Start("kill", [signal, sweep.Id.ToString(CultureInfo.InvariantCulture)]))
            await interrupt.WaitForExitAsync(TestContext.Current.CancellationToken);

        if (await Task.WhenAny(ended, Task.Delay(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken)) != ended)
            sweep.Kill(entireProcessTree: true);
        (int status, string errors) = await ended;
        Assert.Equal(130, status);
        Assert.Contains("goes on from here", errors, StringComparison.Ordinal);
        Assert.All(workers, worker => Assert.Throws<ArgumentException>(() => Process.GetProcessById(worker)));
        Assert.All(plan.Runs, run =>
        {
            StoredRun stored = StoredRun.Read(run.Folder);
            Assert.Equal(RunState.Interrupted, stored.State);
            Assert.InRange(stored.Epochs, 1, Epochs - 1);
        });
    }
}
