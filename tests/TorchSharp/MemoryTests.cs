using System.Runtime.CompilerServices;
using TorchSharp;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.TorchSharp;

/// <summary>Tests that look at the whole process run alone.</summary>
[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
public sealed class MemoryTestsAlone;

/// <summary>Memory stays flat over a long training, and comes back from tensors that nobody disposed.</summary>
[Collection(nameof(MemoryTests))]
public sealed class MemoryTests
{
    [Fact]
    public void The_finalizer_frees_what_nobody_disposed()
    {
        LoseAndCollect(); // loads libtorch, whose CUDA builds alone take hundreds of megabytes
        var before = ResidentBytes();
        for (var i = 0; i < 40; i++)
            LoseAndCollect();
        Assert.InRange(ResidentBytes() - before, long.MinValue, 160 << 20);
    }

    private static void LoseAndCollect()
    {
        Lose();
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Lose() => torch.ones(4 << 20).add_(1);

    [Fact]
    public void A_thousand_steps_learn_and_keep_memory_flat()
    {
        using var outer = NewDisposeScope();
        using var generator = new Generator(1);
        using var model = nn.Sequential(("in", nn.Linear(16, 64)), ("norm", nn.LayerNorm(64)), ("act", nn.GELU()), ("out", nn.Linear(64, 4)));
        using var optimizer = optim.AdamW(model.parameters(), lr: 3e-3, weight_decay: 0.01);
        var inputs = torch.randn(64, 16, generator: generator);
        var labels = torch.randint(0, 4, [64L], generator: generator);
        double first = 0, last = 0;
        long liveAfterWarmUp = 0, bytesAfterWarmUp = 0;
        for (var step = 0; step < 1000; step++)
        {
            using (NewDisposeScope())
            {
                optimizer.zero_grad();
                var loss = nn.functional.cross_entropy(model.call(inputs), labels);
                loss.backward();
                optimizer.step();
                last = loss.ToDouble();
                if (step == 0)
                    first = last;
            }
            if (step == 200)
                (liveAfterWarmUp, bytesAfterWarmUp) = (DisposeScopeManager.Statistics.ThreadTotalLiveCount, ResidentBytes());
        }
        Assert.Equal(liveAfterWarmUp, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.True(last < first / 20, $"loss went from {first} to {last}");
        // 800 steps would leave at least 60 MB behind if only the layers' outputs stayed.
        Assert.InRange(ResidentBytes() - bytesAfterWarmUp, long.MinValue, 48 << 20);
    }

    private static long ResidentBytes()
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
