using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.Reporting;
using ZeroI2V.Lab.Tests.MicroWorld;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.Tests.Ablations;

public sealed class SlurmTests(QuickData data) : IDisposable
{
    // A task that is given up while it starts, on a busy machine, only costs another one: there may be many.
    private static readonly SlurmSettings s_settings = new([], MostAtOnce: null, Retries: 9) { Grace = TimeSpan.FromSeconds(6) };
    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(500), s_limit = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    private (SweepPlan Plan, WorkList Work, RunStore Store, SlurmSweep Slurm) Make(int epochs)
    {
        _ = (data.Clips, data.Stills);
        SweepSource source = SweepSource.Ensure(MicroSize.Quick, data.Root, _root["models"], cancellationToken: TestContext.Current.CancellationToken);
        var store = new RunStore(_root["runs"]);
        string json = $$"""
            {
              "name": "toy", "question": "?", "data": ["micro-ssv2"],
              "settings": { "training.epochs": {{epochs}}, "training.warmUpEpochs": 0.5 },
              "axes": { "heads": { "none": { "recognizer.heads.lowestByLayer": [[]] }, "two": {}, "scaled": { "recognizer.adapters.scale": 2 } } },
              "baseline": { "heads": "none" }
            }
            """;
        SweepPlan plan = SweepPlan.Make(SweepDefinition.Parse(json, "toy"), MicroSize.Quick, 1, source, store);
        SweepRecord.Keep(store, plan);
        return (plan, WorkList.Of(plan.Size, plan.Runs, data.Root, _root["models"], store), store, new SlurmSweep(store, "toy", MicroSize.Quick));
    }

    private static void Await(Func<bool> condition, string what) => Assert.True(SpinWait.SpinUntil(condition, TimeSpan.FromSeconds(60)), what);

    private static int Owners(string folder) => Directory.GetFiles(Path.Combine(folder, "owners"), "*.json").Length;

    // SLURM's programs are not ours and may hang: the test's own thread waits for none of them.
    private static async Task InTime(Action<CancellationToken> test)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task run = Task.Run(() => test(stop.Token), CancellationToken.None);
        if (await Task.WhenAny(run, Task.Delay(s_limit, TestContext.Current.CancellationToken)) != run)
        {
            await stop.CancelAsync();
            Assert.Fail($"Not over after {s_limit.TotalMinutes:0} minutes; SLURM says: {SlurmCluster.Run("squeue", "--noheader", "--array").Output}");
        }
        await run;
    }

    [Fact]
    public async Task A_task_that_dies_while_the_controller_is_away_is_done_again_and_nothing_is_done_twice()
    {
        (SweepPlan plan, WorkList work, RunStore store, SlurmSweep slurm) = Make(epochs: 60);
        using SlurmCluster cluster = SlurmCluster.StartOrSkip(SlurmCluster.HasAccounting);
        var notes = new ConcurrentQueue<string>();
        string? killed = null;
        await InTime(token =>
        {
            Task<IReadOnlyList<SlurmFailure>> sweep = Task.Run(
                () => slurm.Execute(work, s_settings, s_pace, new ImmediateProgress<SlurmProgress>(p => notes.Enqueue(p.Note ?? "")), token), token);
            Await(() => plan.Runs.Count(run => File.Exists(Path.Combine(run.Folder, "checkpoint.safetensors"))) == 2, "two slots did not take two tasks");
            cluster.AwaitSavedJobs();
            Await(() => (killed = plan.Runs.Select(run => run.Folder).FirstOrDefault(folder => File.Exists(Path.Combine(folder, "checkpoint.safetensors")) && StoredRun.Read(folder).State == RunState.Running)) is not null, "no task came to a checkpoint");
            // Its step manager first, so that nobody is left to tell the controller, to which the task runs on.
            cluster.RestartController(() => Array.ForEach(WithParent(StoredRun.Read(killed!).Owner!.Process), process => Process.GetProcessById(process).Kill()));
            Assert.Empty(sweep.GetAwaiter().GetResult());
        });

        Assert.Contains(notes, note => note.Contains("RUNNING to its controller, but nobody works on its run", StringComparison.Ordinal));
        Assert.All(plan.Runs, run => Assert.Equal(RunState.Finished, StoredRun.Read(run.Folder).State));
        Assert.Equal(2, StoredRun.Read(killed!).Result!.Parts);
        Assert.All(plan.Runs.Where(run => run.Folder != killed), run => Assert.Equal(1, Owners(run.Folder)));
        // A finished sweep submits nothing.
        Assert.Equal(0, slurm.Submit(work, s_settings));
        Assert.Equal("3 of 3", Assert.Single(SweepTables.List("", [SweepResults.Read(store, SweepRecord.Open(store, "toy", MicroSize.Quick))]).Rows)[3]);
    }

    [Fact]
    public async Task A_cancelled_sweep_keeps_its_checkpoints_and_is_not_submitted_again_unasked()
    {
        (SweepPlan plan, WorkList work, RunStore store, SlurmSweep slurm) = Make(epochs: 400);
        // A list longer than the cluster's arrays becomes several.
        using SlurmCluster cluster = SlurmCluster.StartOrSkip(accounting: false, "MaxArraySize=2");
        await InTime(token =>
        {
            Assert.Equal(3, slurm.Submit(work, s_settings));
            Assert.Equal(2, Directory.GetFiles(Path.Combine(store.Root, "sweeps", "toy-quick.slurm"), "*.json").Length);
            Assert.Equal(0, slurm.Submit(work, s_settings));
            Await(() => plan.Runs.Count(run => File.Exists(Path.Combine(run.Folder, "checkpoint.safetensors"))) == 2, "two slots did not take two tasks");

            SweepResults results = SweepResults.Read(store, SweepRecord.Open(store, "toy", MicroSize.Quick));
            ResultTable status = SweepTables.Status(results, slurm.Tasks());
            Assert.Contains("SLURM RUNNING", status.Rows[0][3], StringComparison.Ordinal);
            Assert.Contains("SLURM PENDING", status.Rows[2][3], StringComparison.Ordinal);

            int told = 0;
            Task<IReadOnlyList<SlurmFailure>> waiting = Task.Run(
                () => slurm.Execute(work, s_settings, s_pace, new ImmediateProgress<SlurmProgress>(_ => Interlocked.Increment(ref told)), token), token);
            // It asks for all tasks that are not alive before it waits.
            Await(() => Volatile.Read(ref told) > 0, "nothing was told");
            Assert.Equal(3, slurm.Cancel());
            Assert.Equal(3, waiting.GetAwaiter().GetResult().Count);
            Assert.All(slurm.Tasks().Values, task => Assert.True(task.IsCancelled, task.ToString()));
            // Whoever asks gets them again.
            Assert.Equal(3, slurm.Submit(work, s_settings));
            slurm.Cancel();
        });
    }

    private static int[] WithParent(int process)
    {
        string stat = File.ReadAllText($"/proc/{process}/stat");
        return [int.Parse(stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture), process];
    }
}
