using System.Text.Json;
using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.Tests.Training;
using ZeroI2V.Lab.Training;

namespace ZeroI2V.Lab.Tests.Ablations;

public sealed class SlurmTaskWatchTests : IDisposable
{
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(60);
    private static readonly SlurmTask s_running = new("7_0", "RUNNING", "node1"), s_waiting = new("7_0", "PENDING", "Resources");

    private readonly TemporaryFolder _root = new();
    private readonly JumpingTime _time = new();
    private readonly SlurmTaskWatch _watch;

    public SlurmTaskWatchTests() => _watch = new SlurmTaskWatch(s_grace, new OwnerWatch(TimeSpan.FromSeconds(60), _time), _time);

    public void Dispose() => _root.Dispose();

    private bool LivesAfter(double seconds, SlurmTask task)
    {
        _time.Count += TimeSpan.FromSeconds(seconds);
        return _watch.Lives("log", task, _root.Path);
    }

    private void Own(RunOwner owner)
    {
        Directory.CreateDirectory(_root["owners"]);
        File.WriteAllText(Path.Combine(_root["owners"], "1.json"), JsonSerializer.Serialize(owner, RunJson.Options));
    }

    [Fact]
    public void A_running_task_whose_run_nobody_works_on_is_over_after_the_grace_whatever_clocks_say()
    {
        Own(RunOwner.ThisProcess() with { Released = true });
        Assert.True(LivesAfter(0, s_running));
        _time.Clock += TimeSpan.FromDays(400);
        Assert.True(LivesAfter(59, s_running));
        Assert.False(_watch.WasGivenUp("log"));
        Assert.False(LivesAfter(1, s_running));
        Assert.True(_watch.WasGivenUp("log"));
    }

    [Fact]
    public void A_task_that_waits_or_starts_again_has_its_whole_grace()
    {
        Assert.True(LivesAfter(0, s_waiting));
        Assert.True(LivesAfter(500, s_waiting));
        Assert.True(LivesAfter(0, s_running));
        Assert.True(LivesAfter(59, s_running));
        // Its node failed and SLURM puts it back.
        Assert.True(LivesAfter(0, s_waiting));
        Assert.True(LivesAfter(59, s_running));
        Assert.True(LivesAfter(59, s_running));
        Assert.False(LivesAfter(1, s_running));
    }

    [Fact]
    public void The_claim_of_another_node_keeps_a_task_alive_as_long_as_it_beats()
    {
        RunOwner far = RunOwner.ThisProcess() with { Machine = "another boot", Host = "node1", Process = 1 };
        for (int beat = 0; beat < 10; beat++)
        {
            Own(far with { Beat = beat });
            Assert.True(LivesAfter(59, s_running));
        }
        // Silent: first its owner is taken for gone, then its task.
        Assert.True(LivesAfter(60, s_running));
        Assert.True(LivesAfter(59, s_running));
        Assert.False(LivesAfter(1, s_running));
    }

    [Fact]
    public void A_task_that_stays_after_its_run_is_finished_is_over_too()
    {
        Own(RunOwner.ThisProcess() with { Machine = "another boot" });
        _root.Write("result.json", "{}"u8);
        Assert.True(LivesAfter(0, s_running));
        Assert.False(LivesAfter(60, s_running));
    }
}
