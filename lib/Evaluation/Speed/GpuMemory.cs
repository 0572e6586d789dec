using System.Globalization;
using System.Text.Json;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Files;
using ZeroI2V.Lab.Training;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Evaluation.Speed;

/// <summary>
/// How much of a GPU's memory a subject takes. libtorch keeps what it frees, so the most that it held at once is what the GPU has
/// less of afterwards; but only in a process that had held nothing before. So a subject is measured in one of its own.
/// </summary>
/// <param name="Recognizer">The recogniser.</param>
/// <param name="Batch">Clips.</param>
/// <param name="Training">Whether it trains.</param>
/// <param name="Precision">In which numbers.</param>
/// <param name="Device">The GPU.</param>
/// <param name="Checkpointing">Whether training computes blocks again in place of keeping what is inside them.</param>
internal sealed record GpuMemory(RecognizerOptions Recognizer, int Batch, bool Training, Precision Precision, string Device, bool Checkpointing)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    /// <summary>What a process runs before it measures: what CUDA loads for its first kernels is no subject's. As small as can be, since its
    /// memory is used again.</summary>
    public static RecognizerOptions First { get; } =
        SpeedOptions.QuickPresets[0].Recognizer with { Frames = 2, Backbone = SpeedOptions.QuickPresets[0].Recognizer.Backbone with { Layers = 1 } };

    /// <summary>Asks a process for the most bytes that the subject's first two runs take above its weights and batch.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message is what it said.</exception>
    public long Peak()
    {
        (int status, string output, string errors) = LabProcess.Run(LabProcess.Command("bench", "memory"), JsonSerializer.Serialize(this, RunJson.Line), s_limit);
        return status == 0
            ? long.Parse(output, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"Memory could not be measured; the process for it ended with status {status}. {errors.Split('\n')[^1]}");
    }

    /// <summary>Measures here, in a process that has done nothing else.</summary>
    /// <returns>Bytes.</returns>
    /// <exception cref="InvalidOperationException">CUDA's driver library is not found.</exception>
    public long Measure()
    {
        ComputeDevice.Choose(Device);
        Device device = ComputeDevice.Chosen;
        using (var first = new LabSubject(First, 1, Training, Precision, device))
            first.Run();
        using var subject = new LabSubject(Recognizer, Batch, Training, Precision, device, Checkpointing);
        cuda.synchronize(device);
        long before = Left(device).Free;
        subject.Run();
        subject.Run();
        return Math.Max(0, before - Left(device).Free);
    }

    /// <summary>A GPU's memory, in bytes: what is left of it, and all of it.</summary>
    /// <exception cref="InvalidOperationException">CUDA's driver library is not found.</exception>
    public static (long Free, long Total) Left(Device device)
    {
        CudaDriver driver = CudaDriver.Find() ?? throw new InvalidOperationException($"{CudaDriver.NotFound}.");
        using (driver.Use(driver.Context(Math.Max(0, device.index))))
            return driver.Memory();
    }

    /// <summary>Reads what <see cref="Peak"/> wrote.</summary>
    /// <exception cref="ArgumentException">It is something else.</exception>
    public static GpuMemory Read(string text) => RunJson.Read<GpuMemory>(text, "what to measure");
}
