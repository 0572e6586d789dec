using System.Diagnostics;
using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.Files;
using ZeroI2V.Lab.Reporting;
using ZeroI2V.Lab.Tests.MicroWorld;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData;
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
        (SweepPlan plan, SweepSource source, RunStore store) = Make(epochs: 1, seeds: 2);
        SweepRecord record = SweepRecord.Keep(store, plan);
        Directory.CreateDirectory(plan.Runs[0].Folder);
        File.WriteAllText(Path.Combine(plan.Runs[0].Folder, "options.json"), "{ \"recog");
        RunFolder cut = store.Folder(plan.Runs[1].Options);
        cut.Begin(plan.Runs[1].Options);
        File.WriteAllBytes(cut.CheckpointFile, [200, 0, 0, 0, 0, 0, 0, 0, .. "{\"a\":"u8]);

        IReadOnlyList<QueueResult> results = Execute(plan, source);

        Assert.Contains("is not JSON", results[0].Failure!.Message, StringComparison.Ordinal);
        Assert.Contains("checkpoint.safetensors", results[1].Failure!.Message, StringComparison.Ordinal);
        Assert.All(results.Skip(2), result => Assert.NotNull(result.Result));
        Assert.Equal(RunState.Damaged, store.Find(Path.GetFileName(plan.Runs[0].Folder)).State);
        Assert.Equal(["1 damaged", "2"], SweepTables.Results(SweepResults.Read(store, record), "micro-ssv2").Rows.Select(row => row[1]));
    }

    [Fact]
    public void Processes_share_a_sweep_and_do_again_only_what_a_killed_one_left()
    {
        (SweepPlan plan, _, RunStore store) = Make(epochs: 10, seeds: 2);
        WorkList.Of(plan.Size, plan.Runs, data.Root, _root["models"], store).Write(_root["toy.work"]);
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

    [Fact]
    public void How_often_a_run_is_evaluated_on_the_way_changes_nothing_so_the_finished_one_is_taken()
    {
        (SweepPlan plan, SweepSource source, RunStore store) = Make(epochs: 2, seeds: 1);
        VideoRunOptions asked = plan.Runs[1].Options, often = asked with { Training = asked.Training with { EvaluateEvery = 1 } };
        var elsewhere = new RunFolder(Path.Combine(store.Root, "first-light", often.FolderName("stdha")));
        CancellationToken token = TestContext.Current.CancellationToken;
        VideoRunData clips = source.Decoded("micro-ssv2", cancellationToken: token);
        VideoRunResult finished = VideoRun.Execute(often, clips, source.Image.Path, elsewhere, cancellationToken: token);
        VideoRunResult own = VideoRun.Execute(asked, clips, source.Image.Path, new RunFolder(_root["own"]), cancellationToken: token);
        Assert.Equal(own.Evaluation.Overall, finished.Evaluation.Overall);

        (SweepPlan again, _, _) = Make(epochs: 2, seeds: 1);
        Assert.Equal(elsewhere.Path, again.Runs[1].Folder);
        Assert.True(Execute(again with { Runs = [again.Runs[1]] }, source)[0].Reused);
        Assert.Equal(1, SweepResults.Read(store, SweepRecord.Keep(store, again)).Done);
    }

    [Fact]
    public void A_search_keeps_the_better_half_never_sees_test_clips_and_says_what_it_cost()
    {
        (SweepPlan full, SweepSource source, RunStore store) = Make(epochs: 8, seeds: 2);
        var seen = new List<SweepRun>();
        // The second row is always better, by numbers of our own.
        RowSearchResult search = RowSearch.TryFind(full, "micro-ssv2", source, store, new RowSearchOptions { HoldOut = 0.25 }, runs =>
        {
            seen.AddRange(runs);
            foreach (SweepRun run in runs)
            {
                RunFolder folder = store.Folder(run.Options);
                folder.Begin(run.Options);
                folder.WriteResult(RunStoreTests.Result(run.Values[0] == "two" ? 0.6 : 0.4));
            }
            return true;
        })!;
        Assert.Equal(["two"], search.Chosen);
        Assert.Equal([1, 1], seen.Select(run => run.Options.Training.Epochs));
        int train = data.Clips.Train.Clips.Count;
        Assert.Equal(2 * 2 * 8L * train, search.FullSweep);
        Assert.Equal(2L * (int)(0.75 * train), search.Spent);
        ClipList test = data.Clips.Test;
        VideoRunData held = seen[0].Settings.Clips(source.Listed("micro-ssv2"), 0);
        Assert.Empty(held.Test.List.Clips.Select(clip => clip.Path).Intersect(held.Train.List.Clips.Select(clip => clip.Path)));
        Assert.Equal(train, held.Test.List.Clips.Count + held.Train.List.Clips.Count);
        Assert.DoesNotContain(held.Test.List.Clips, clip => test.Clips.Any(other => other.Sha256 == clip.Sha256));
        ResultTable table = SearchTables.Search(search, SweepResults.Of(store, full));
        Assert.Contains("0 of 4 runs", table.Caption, StringComparison.Ordinal);
        Assert.Equal("chosen", table.Rows[0][2]);
    }
}
