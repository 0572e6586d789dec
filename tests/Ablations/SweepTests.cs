using System.Diagnostics;
using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.Files;
using ZeroI2V.Lab.Reporting;
using ZeroI2V.Lab.Tests.MicroWorld;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.Tests.Ablations;

public sealed class SweepTests(QuickData data) : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    private static string Json(int epochs) => $$"""
        {
          "name": "toy", "question": "?", "data": ["micro-ssv2"],
          "settings": { "training.epochs": {{epochs}}, "training.warmUpEpochs": 0.5 },
          "axes": { "heads": { "none": { "recognizer.heads.lowestByLayer": [[]] }, "two": {} } },
          "baseline": { "heads": "none" }
        }
        """;

    private (SweepPlan Plan, SweepSource Source, RunStore Store) Make(int epochs, int seeds, string runs = "runs")
    {
        _ = (data.Clips, data.Stills);
        SweepSource source = SweepSource.Ensure(MicroSize.Quick, data.Root, _root["models"], cancellationToken: TestContext.Current.CancellationToken);
        var store = new RunStore(_root[runs]);
        return (SweepPlan.Make(SweepDefinition.Parse(Json(epochs), "toy"), MicroSize.Quick, seeds, source, store), source, store);
    }

    private static IReadOnlyList<QueueResult> Execute(SweepPlan plan, SweepSource source) => QueuedRuns.Execute(
        plan.Runs, run => run.Settings.Clips(source.Decoded(run.Data), run.Seed), source.Image.Path, cancellationToken: TestContext.Current.CancellationToken);

    [Fact]
    public void A_sweep_is_done_once_and_the_same_seed_gives_the_same_bits()
    {
        (SweepPlan plan, SweepSource source, RunStore store) = Make(epochs: 2, seeds: 2);
        SweepRecord record = SweepRecord.Keep(store, plan);
        Assert.Equal((0, 4), (SweepResults.Read(store, record).Done, SweepResults.Read(store, record).Total));
        IReadOnlyList<QueueResult> first = Execute(plan, source);
        Assert.All(first, result => Assert.False(result.Reused));

        IReadOnlyList<QueueResult> again = Execute(plan, source);
        Assert.All(again, result => Assert.True(result.Reused));
        Assert.Equal(first.Select(result => result.Result!.Evaluation.Overall), again.Select(result => result.Result!.Evaluation.Overall));

        SweepResults results = SweepResults.Read(store, record);
        Assert.Equal(4, results.Done);
        Assert.Same(results.Rows[0], results.BaselineOf(results.Rows[1]));
        Assert.Contains("4 of 4", SweepTables.Status(results).FullCaption, StringComparison.Ordinal);
        ResultTable table = SweepTables.Results(results, "micro-ssv2");
        Assert.Equal(["none", "two"], table.Rows.Select(row => row[0]));
        Assert.Contains("baseline", table.Rows[0]);

        StoredRun run = store.Find(Path.GetFileName(plan.Runs[0].Folder));
        Assert.NotNull(run.Result!.Surroundings);
        Assert.Contains("TorchSharp", run.Result.Surroundings.Versions.Keys);
        Assert.Equal(1, run.Result.Parts);
        Assert.True(run.Result.WallSeconds >= run.Result.TrainingSeconds);
        Assert.True(run.Result.PeakMemoryBytes > 1 << 20);

        // The same runs elsewhere: the same file, byte for byte.
        (SweepPlan other, _, _) = Make(epochs: 2, seeds: 1, runs: "elsewhere");
        Execute(other with { Runs = [other.Runs[1]] }, source);
        Assert.Equal(Path.GetFileName(plan.Runs[2].Folder), Path.GetFileName(other.Runs[1].Folder));
        Assert.Equal(FileHash.Sha256(Path.Combine(plan.Runs[2].Folder, "model.safetensors")), FileHash.Sha256(Path.Combine(other.Runs[1].Folder, "model.safetensors")));
    }

    [Fact]
    public void A_damaged_run_does_not_keep_the_others_from_being_done()
    {
        (SweepPlan plan, SweepSource source, RunStore store) = Make(epochs: 1, seeds: 1);
        Directory.CreateDirectory(plan.Runs[0].Folder);
        File.WriteAllText(Path.Combine(plan.Runs[0].Folder, "options.json"), "{ \"recog");

        IReadOnlyList<QueueResult> results = Execute(plan, source);

        Assert.Contains("is not JSON", results[0].Failure!.Message, StringComparison.Ordinal);
        Assert.NotNull(results[1].Result);
        Assert.Equal(RunState.Damaged, store.Find(Path.GetFileName(plan.Runs[0].Folder)).State);
    }

    [Fact]
    public void Processes_share_a_sweep_and_do_again_only_what_a_killed_one_left()
    {
        (SweepPlan plan, _, RunStore store) = Make(epochs: 10, seeds: 2);
        WorkList.Of(plan, data.Root, _root["models"], store).Write(_root["toy.work"]);
        string[] arguments = ["sweep", "work", _root["toy.work"]];

        using (Process killed = Process.Start(new ProcessStartInfo("dotnet", [typeof(SweepPlan).Assembly.Location, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!)
        {
            Assert.True(SpinWait.SpinUntil(() => killed.HasExited || new RunFolder(plan.Runs[0].Folder).HasCheckpoint, TimeSpan.FromSeconds(90)));
            killed.Kill();
            killed.WaitForExit();
        }
        string[] begun = [.. plan.Runs.Select(run => run.Folder).Where(folder => Directory.Exists(Path.Combine(folder, "owners")) && !new RunFolder(folder).HasResult)];
        Assert.Single(begun);

        IReadOnlyList<WorkerFailure> failures = SweepWorkers.Run(2, arguments, _root["log"], cancellationToken: TestContext.Current.CancellationToken);

        Assert.Empty(failures.Select(failure => File.ReadAllText(failure.Log)));
        Assert.All(plan.Runs, run => Assert.Equal(RunState.Finished, StoredRun.Read(run.Folder).State));
        Assert.Equal(2, StoredRun.Read(begun[0]).Result!.Parts);
        // Each of the others had one owner: none was done twice.
        Assert.All(plan.Runs.Where(run => run.Folder != begun[0]), run => Assert.Single(Directory.GetFiles(Path.Combine(run.Folder, "owners"))));
    }
}
