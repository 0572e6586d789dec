using TorchSharp;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.Tests.Training;

namespace ZeroI2V.Lab.Tests.Evaluation;

/// <summary>The peak is the whole process's, so nothing else may run meanwhile.</summary>
[Collection(nameof(TrainerTests))]
public sealed class PeakMemoryTests
{
    [Fact]
    public void Peak_memory_sees_an_array_that_lives_and_dies_inside()
    {
        if (!PeakMemory.IsKnown)
            return;
        const int Bytes = 64 << 20;
        long? peak = PeakMemory.Of(() =>
        {
            byte[] array = new byte[Bytes];
            Array.Fill(array, (byte)1);
        });
        Assert.InRange(peak!.Value, Bytes / 2, 16L * Bytes);
    }

    [Fact]
    public void A_peak_is_seen_again_after_memory_was_freed()
    {
        if (!PeakMemory.IsKnown)
            return;
        long? first = PeakMemory.Of(Take), second = PeakMemory.Of(Take);
        Assert.True(second > first / 2, $"{first}, then {second}");

        static void Take()
        {
            using torch.Tensor many = torch.ones(32 << 20);
        }
    }
}
