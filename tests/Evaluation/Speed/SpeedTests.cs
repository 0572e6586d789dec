using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Evaluation.Speed;
using ZeroI2V.Lab.Stdha;
using ZeroI2V.Lab.Tests.Backbone;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.Evaluation.Speed;

public sealed class SpeedTests
{
    private sealed class LibtorchError(string message) : System.Runtime.InteropServices.ExternalException(message);

    [Fact]
    public void Quantiles_lie_between_values_in_proportion()
    {
        var samples = new Samples([4, 1, 3, 2]);
        Assert.Equal(2.5, samples.Median);
        Assert.Equal(1.75, samples.Quantile(0.25));
        Assert.Equal(4, samples.Quantile(1));
    }

    [Fact]
    public void Ratios_pair_the_rounds_and_count_batches()
    {
        SpeedEntry slow = Entry("slow", 1, 2, 4), fast = Entry("fast", 2, 1, 8);
        // Twice the clips in 1/2 and twice the time: 4 and 1 times as fast.
        Assert.Equal([4, 1], SpeedReport.SpeedUp(fast, slow)!.Values);
        Assert.Null(SpeedReport.SpeedUp(fast, slow with { Seconds = [1] }));
    }

    [Fact]
    public void Subjects_run_once_a_round_and_none_always_follows_the_same_other()
    {
        var order = new List<string>();
        var timing = new InterleavedTiming();
        foreach (string name in (string[])["a", "b", "c"])
            timing.Add(name, () =>
            {
                order.Add(name);
                return order.Count;
            });
        timing.Measure(warmUp: 1, rounds: 6, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("abc", string.Concat(order.Take(3)));
        string[] rounds = [.. order.Skip(3).Chunk(6).Select(round => string.Concat(round.Where((_, i) => i % 2 == 0)))];
        Assert.Equal(rounds, order.Skip(3).Chunk(6).Select(round => string.Concat(round.Where((_, i) => i % 2 == 1))));
        Assert.All(rounds, round => Assert.Equal("abc", string.Concat(round.Order())));
        foreach (char subject in "abc")
            Assert.True(rounds.Select(round => subject == round[0] ? '-' : round[round.IndexOf(subject, StringComparison.Ordinal) - 1]).Distinct().Count() > 1, $"{subject} in {string.Join(' ', rounds)}");
        // What a second run tells stays with its subject, in the order of rounds; the warm-up does not count.
        Assert.Equal(Enumerable.Range(0, 18).Select(i => 4 + (2 * i)).Where(i => order[i] == "b").Select(i => i + 1.0), timing.Clock("b").Values);
    }

    [Fact]
    public void Moved_bytes_are_counted_by_hand()
    {
        // 3 frames of 10 tokens, heads of 6 channels: keys and values of a head and frame are 2·10·6·4 bytes. Two layers, Δt −1 and +1.
        const long Frame = 2 * 10 * 6 * 4;
        RelocationFloor count = RelocationFloor.Of(TinyModels.Recognizer with { Heads = HeadSplit.Lowest(-1, 1) });
        Assert.Equal(2 * 2 * (2 * 2 * Frame), count.Floor);
        // The official way clones all four heads' keys and values first.
        Assert.Equal(count.Floor + 2 * (2 * 3 * 4 * Frame), count.Official);
        // The lab reads all three frames of the two temporal heads into a buffer first.
        Assert.Equal(count.Floor + 2 * (2 * 3 * 2 * Frame), count.Moved);
        Assert.Equal(0, RelocationFloor.Of(TinyModels.Recognizer with { Heads = HeadSplit.Spatial }).Official);
    }

    [Fact]
    public void A_benchmark_measures_every_subject_and_its_report_survives_json()
    {
        var options = new SpeedOptions { Presets = [("tiny", TinyModels.Recognizer)], Precisions = [Precision.Float32, Precision.BFloat16], Rounds = 1, Batch = 2, Methods = false };
        SpeedReport report = new SpeedBenchmark(options).Run(cancellationToken: TestContext.Current.CancellationToken);
        // Plain, unfolded and folded with one clip and two; unfolded in training, with and without checkpoints.
        Assert.Equal(2 * (3 + 3 + 2), report.Entries.Count(entry => entry.NotMeasured is null));
        // Without a Python, its two rows say so.
        Assert.All(report.Entries.Where(entry => entry.NotMeasured is not null), entry => Assert.Equal("no Python with PyTorch", entry.NotMeasured));
        Assert.Equal(2 * 3 * 2, report.Entries.Count(entry => entry.NotMeasured is not null));
        SpeedReport alone = new SpeedBenchmark(options with { Peer = false, Precisions = [Precision.Float32], Workloads = [Workload.Latency] }).Run(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal([SpeedBenchmark.Plain, SpeedBenchmark.Unfolded, SpeedBenchmark.Folded], alone.Entries.Select(entry => entry.Subject));
        Assert.True(report.Find("tiny", Workload.Throughput, Precision.BFloat16, SpeedBenchmark.Folded)!.Samples.Median > 0);
        Assert.InRange(report.Differences.Single().Relative, 1e-6, 0.05);
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "speed.json");
        report.Write(path);
        Assert.Equal(report.Entries.Select(entry => entry.Seconds), SpeedReport.Read(path).Entries.Select(entry => entry.Seconds));
    }

    [Fact]
    public void The_peer_in_the_official_manner_gives_the_same_logits_and_says_what_it_cannot()
    {
        if (PythonPeer.Find() is not { } python)
            Assert.Skip("There is no Python with PyTorch here.");
        else
        {
            var options = new SpeedOptions { Presets = [("tiny", TinyModels.Recognizer)], Rounds = 1, Workloads = [Workload.Latency], Methods = false, Python = python };
            SpeedReport report = new SpeedBenchmark(options).Run(cancellationToken: TestContext.Current.CancellationToken);
            Assert.InRange(report.PeerDifference!.Value, 0, 1e-5);
            Assert.NotNull(report.Find("tiny", Workload.Latency, Precision.Float32, SpeedBenchmark.Official));
            using PythonPeer peer = PythonPeer.Start(python, 1, sameEnvironment: true);
            InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => peer.Run("nobody"));
            Assert.Contains("nobody", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("CUDA out of memory. Tried to allocate 2.00 GiB (GPU 0; 79.15 GiB total capacity)\nException raised from malloc", true)]
    [InlineData("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`", true)]
    [InlineData("[enforce fail at alloc_cpu.cpp:66] . DefaultCPUAllocator: can't allocate memory: you tried to allocate 1 bytes.", true)]
    [InlineData("The size of tensor a (3) must match the size of tensor b (4)", false)]
    public void Memory_that_ran_out_is_told_from_other_errors_and_said_with_what_to_lower(string message, bool memory)
    {
        var error = new LibtorchError(message);
        Assert.Equal(memory, ComputeDevice.IsOutOfMemory(error));
        string advice = ComputeDevice.OutOfMemoryAdvice(error, CPU);
        Assert.StartsWith("cpu has no more memory. Lower the batch", advice, StringComparison.Ordinal);
        Assert.EndsWith(message.Split('\n')[0], advice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gpu", "expected cpu, cuda or cuda:0")]
    [InlineData("cuda:x", "expected cpu, cuda or cuda:0")]
    public void Devices_that_are_none_are_refused(string name, string expected) =>
        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => ComputeDevice.Named(name)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_gpu_that_is_not_there_is_said_with_what_to_do()
    {
        if (cuda.is_available())
            Assert.Contains("Choose a lower number", Assert.Throws<ArgumentException>(() => ComputeDevice.Named("cuda:99")).Message, StringComparison.Ordinal);
        else
            Assert.Contains("use --device cpu", Assert.Throws<ArgumentException>(() => ComputeDevice.Named("cuda:0")).Message, StringComparison.Ordinal);
    }

    private static SpeedEntry Entry(string subject, int batch, params double[] seconds) => new()
    {
        Preset = "p", Frames = 3, Workload = Workload.Latency, Precision = Precision.Float32, Subject = subject, Batch = batch, Seconds = seconds,
    };
}
