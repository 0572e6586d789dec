using TorchSharp;
using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.Tests.MicroWorld;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.Tests.Ablations;

/// <summary>Counts every tensor of the process, so nothing else may run.</summary>
[CollectionDefinition(nameof(RunMemoryTests), DisableParallelization = true)]
public sealed class AloneWithRuns;

[Collection(nameof(RunMemoryTests))]
public sealed class RunMemoryTests(QuickData data)
{
    [Fact]
    public void Runs_one_after_another_leave_no_tensors()
    {
        _ = (data.Clips, data.Stills);
        using var root = new TemporaryFolder();
        CancellationToken token = TestContext.Current.CancellationToken;
        SweepSource source = SweepSource.Ensure(MicroSize.Quick, data.Root, root["models"], cancellationToken: token);
        SweepDefinition toy = SweepDefinition.Parse(
            """
            {
              "name": "toy", "question": "?", "data": ["micro-ssv2"], "settings": { "training.epochs": 1, "training.warmUpEpochs": 0.5 },
              "axes": { "method": { "ZeroI2V": {}, "AIM": { "method": "aim" } } }, "baseline": { "method": "ZeroI2V" }
            }
            """,
            "toy");
        SweepPlan plan = SweepPlan.Make(toy, MicroSize.Quick, 2, source, new RunStore(root["runs"]));
        // What tests before this one left to the finaliser is not counted.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var counts = new List<long>();
        foreach (SweepRun run in plan.Runs)
        {
            QueuedRuns.Execute([run], queued => source.Decoded(queued.Data, cancellationToken: token), source.Image.Path, cancellationToken: token);
            counts.Add(torch.Tensor.TotalCount);
        }
        Assert.Single(counts.Distinct());
    }
}
