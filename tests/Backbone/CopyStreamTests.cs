using ZeroI2V.Lab.Backbone;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.Backbone;

/// <summary>Copies to a simulated GPU, which may do what is queued in any order that streams and events allow.</summary>
public sealed class CopyStreamTests : IDisposable
{
    // What a stream keeps belongs to the process; here it is freed with the test.
    private readonly List<Tensor> _kept = [];

    public void Dispose() => _kept.ForEach(tensor => tensor.Dispose());

    public static TheoryData<Order, int> Orders()
    {
        TheoryData<Order, int> orders = new() { { Order.AtOnce, 0 }, { Order.Late, 0 }, { Order.CopiesFirst, 0 }, { Order.ComputingFirst, 0 } };
        for (int seed = 1; seed <= 12; seed++)
            orders.Add(Order.Drawn, seed);
        return orders;
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public void Whatever_runs_first_every_batch_is_there_when_it_is_computed_on(Order order, int seed)
    {
        using var scope = NewDisposeScope();
        var gpu = new SimulatedGpu(order, seed);
        CopyStream copies = Copies(gpu);
        var random = new Random(seed);
        int wrong = 0;
        for (int batch = 0; batch < 60; batch++)
        {
            float[] pixels = [.. Enumerable.Range(0, 2 * random.Next(1, 40)).Select(_ => random.NextSingle())];
            long[] labels = [.. Enumerable.Range(0, random.Next(1, 8)).Select(_ => random.NextInt64())];
            Tensor images = Brought(tensor(pixels, [pixels.Length / 2, 2])), classes = Brought(tensor(labels));
            Assert.Equal([pixels.Length / 2, 2], images.shape);
            gpu.Compute(() => wrong += images.data<float>().ToArray().SequenceEqual(pixels) ? 0 : 1);
            gpu.Compute(() => wrong += classes.data<long>().ToArray().SequenceEqual(labels) ? 0 : 1);
        }
        gpu.Finish();
        Assert.Equal(0, wrong);
        Assert.Equal(120, gpu.Arrived);
        Assert.Empty(gpu.Faults);
        Assert.Equal(0, gpu.Depth);

        // The caller's memory is the caller's again at once.
        Tensor Brought(Tensor x)
        {
            Tensor brought = copies.Bring(x);
            x.zero_();
            return brought;
        }
    }

    [Fact]
    public void The_next_two_batches_come_while_the_first_is_computed_on()
    {
        using var scope = NewDisposeScope();
        var gpu = new SimulatedGpu(Order.AtOnce);
        CopyStream copies = Copies(gpu);
        for (int warmUp = 0; warmUp < 2; warmUp++)
            copies.Bring(ones(64));
        int before = gpu.Arrived;

        copies.Bring(ones(64));
        gpu.Compute(() => { }, endless: true);
        copies.Bring(ones(64));
        copies.Bring(ones(64));
        Assert.Equal(before + 3, gpu.Arrived);
        Assert.Empty(gpu.Faults);
        gpu.Compute(() => { });
        // A third one would overwrite what the second's turn has not come to read.
        copies.Bring(ones(64));
        Assert.Equal(before + 3, gpu.Arrived);
        Assert.Empty(gpu.Faults);
    }

    [Fact]
    public void Nothing_is_asked_for_that_waits_for_more_than_a_copy() =>
        Assert.Equal(["cuEventSynchronize"], Asked().Where(name => name.Contains("Synchronize", StringComparison.Ordinal)));

    public static TheoryData<string> Functions() => new(Asked().Where(name => name is not ("cuGetErrorString" or "cuMemGetInfo_v2" or "cuModuleLoadData" or "cuModuleGetFunction" or "cuLaunchKernel")));

    [Theory]
    [MemberData(nameof(Functions))]
    public void An_error_is_one_sentence_and_the_next_batch_can_come(string function)
    {
        using var scope = NewDisposeScope();
        var gpu = new SimulatedGpu(Order.Late);
        CopyStream? copies = null;
        gpu.Failing[function] = 2;
        CudaException error = Assert.Throws<CudaException>(() => (copies = Copies(gpu)).Bring(ones(3)));
        Assert.Matches(@"^CUDA could not [a-zA-Z ]+1?, or something queued before has failed: out of memory \(CUDA error 2\)\.$", error.Message);
        Assert.True(ComputeDevice.IsOutOfMemory(error));
        Assert.Equal(function == "cuCtxPopCurrent_v2" ? 1 : 0, gpu.Depth);

        gpu.Failing.Clear();
        copies ??= Copies(gpu);
        Tensor brought = copies.Bring(tensor(new float[] { 4, 5, 6, 7 }));
        gpu.Finish();
        Assert.Equal([4f, 5, 6, 7], brought.data<float>().ToArray());
        Assert.Empty(gpu.Faults);
    }

    [Fact]
    public void A_driver_that_lacks_a_function_is_none()
    {
        foreach (string missing in Asked())
            Assert.Null(new SimulatedGpu(Order.AtOnce).Driver(missing));
    }

    private static List<string> Asked()
    {
        var gpu = new SimulatedGpu(Order.AtOnce);
        Assert.NotNull(gpu.Driver());
        return gpu.Asked;
    }

    private CopyStream Copies(SimulatedGpu gpu) => new(gpu.Driver(), 1, Memory, Memory);

    /// <summary>Memory that lives as long as the test, as a GPU's does for what is queued, and begins as something that no batch is.</summary>
    private Tensor Memory(long[] shape, ScalarType type)
    {
        Tensor made = full(shape, -1, dtype: type);
        _kept.AddRange([made, made.alias().DetachFromDisposeScope()]);
        return made;
    }
}
