using System.Diagnostics;
using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.Reporting;
using ZeroI2V.Lab.Tests.MicroWorld;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.Tests.Ablations;

public sealed class SlurmTests(QuickData data) : IDisposable
{
    private static readonly SlurmSettings s_settings = new([], MostAtOnce: null, Retries: 2);
    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(500);

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

    private static CancellationTokenSource Limit()
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(3));
        return limit;
    }

    private static async Task<IReadOnlyList<SlurmFailure>> InTime(Task<IReadOnlyList<SlurmFailure>> sweep)
    {
        try
        {
            return await sweep;
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            // A task that ends while the controller is away can stay RUNNING to it for longer than a test can wait.
            Assert.Skip($"After 3 minutes SLURM says: {SlurmCluster.Run("squeue", "--noheader").Output}");
            throw;
        }
    }

    [Fact]
    public async Task A_killed_task_and_a_restarted_controller_lose_nothing_and_do_nothing_twice()
    {
        (SweepPlan plan, WorkList work, RunStore store, SlurmSweep slurm) = Make(epochs: 10);
        using SlurmCluster cluster = SlurmCluster.StartOrSkip(SlurmCluster.HasAccounting);
        using CancellationTokenSource limit = Limit();
        CancellationToken token = limit.Token;
        Task<IReadOnlyList<SlurmFailure>> sweep = Task.Run(() => slurm.Execute(work, s_settings, s_pace, cancellationToken: token), token);

        string? killed = null;
        Await(() => (killed = plan.Runs.Select(run => run.Folder).FirstOrDefault(folder => File.Exists(Path.Combine(folder, "checkpoint.safetensors")) && StoredRun.Read(folder).State == RunState.Running)) is not null, "no task came to a checkpoint");
        Process.GetProcessById(StoredRun.Read(killed!).Owner!.Process).Kill();
        Await(() => slurm.Tasks().TryGetValue(Path.GetFileName(killed!), out SlurmTask? task) && task.State is "FAILED" or "PENDING" or "RUNNING", "SLURM knows of no task");
        cluster.RestartController();

        Assert.Empty(await InTime(sweep));
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
        using SlurmCluster cluster = SlurmCluster.StartOrSkip(accounting: false);
        using CancellationTokenSource limit = Limit();
        CancellationToken token = limit.Token;
        Assert.Equal(3, slurm.Submit(work, s_settings));
        Assert.Equal(0, slurm.Submit(work, s_settings));
        Await(() => plan.Runs.Count(run => File.Exists(Path.Combine(run.Folder, "checkpoint.safetensors"))) == 2, "two slots did not take two tasks");

        SweepResults results = SweepResults.Read(store, SweepRecord.Open(store, "toy", MicroSize.Quick));
        ResultTable status = SweepTables.Status(results, slurm.Tasks());
        Assert.Contains("SLURM RUNNING", status.Rows[0][3], StringComparison.Ordinal);
        Assert.Contains("SLURM PENDING", status.Rows[2][3], StringComparison.Ordinal);

        Task<IReadOnlyList<SlurmFailure>> waiting = Task.Run(() => slurm.Execute(work, s_settings, s_pace, cancellationToken: token), token);
        Assert.Equal(3, slurm.Cancel());
        Assert.Equal(3, (await InTime(waiting)).Count);
        Assert.All(slurm.Tasks().Values, task => Assert.True(task.IsCancelled, task.ToString()));
        // Whoever asks gets them again.
        Assert.Equal(3, slurm.Submit(work, s_settings));
        slurm.Cancel();
    }
}
