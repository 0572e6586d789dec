using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.Stdha;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Fuzz;

/// <summary>What must hold for every file whatsoever: a reader gives weights or a <see cref="CheckpointException"/>, in little memory.</summary>
public static class ReaderCheck
{
    /// <summary>Managed bytes that a byte of a file may cost; an empty dictionary is one byte of a pickle and some hundred in memory.</summary>
    private const int MemoryPerByte = 300;

    /// <summary>Managed bytes that any file may cost.</summary>
    private const long MemoryAnyway = 32 << 20;

    private static readonly (string Name, Action<string> Read)[] Readers =
    [
        (nameof(WeightFile), path => Use(WeightFile.Read(path))),
        (nameof(SafeTensors), path => SafeTensors.Read(path).Dispose()),
        (nameof(SafeTensors.ReadMetadata), path => SafeTensors.ReadMetadata(path)),
        (nameof(TorchFile), path => TorchFile.Read(path).Dispose()),
        (nameof(NumpyArray), path => NumpyArray.Read(path).Dispose()),
        (nameof(VideoRecognizer), path => VideoRecognizer.Open(path).Dispose()),
    ];

    /// <summary>Tries every reader on a file, and what follows reading.</summary>
    /// <param name="path">The file.</param>
    /// <param name="alone">True where no other thread makes tensors, so that those left behind can be counted.</param>
    /// <returns>What went wrong, or null.</returns>
    public static string? Run(string path, bool alone)
    {
        long length = new FileInfo(path).Length;
        foreach ((string name, Action<string> read) in Readers)
        {
            long managed = GC.GetAllocatedBytesForCurrentThread(), tensors = Tensor.TotalCount;
            try
            {
                read(path);
            }
            catch (CheckpointException error)
            {
                if (error.Message.Length > 100_000)
                    return $"{name}: a message of {error.Message.Length} characters";
            }
            catch (Exception error)
            {
                return $"{name}: {error}";
            }
            managed = GC.GetAllocatedBytesForCurrentThread() - managed;
            if (managed > MemoryAnyway + (MemoryPerByte * length))
                return $"{name}: {managed} bytes of memory for a file of {length}";
            if (alone && Tensor.TotalCount > tensors)
                return $"{name}: {Tensor.TotalCount - tensors} tensors left behind";
        }
        return null;
    }

    private static void Use(WeightSet weights)
    {
        using (weights)
        {
            using var scope = NewDisposeScope();
            Try(() => VitSizes.Infer(weights, heads: 2, MlpActivation.Gelu));
            Try(() => RecognizerSizes.Infer(weights, HeadSplit.Lowest(-1, 1), scale: 1, heads: 2, AdapterActivation.None));
            using var model = new VideoRecognizer(SeedFiles.Tiny);
            Try(() => model.LoadBackbone(weights));
            Try(() => model.Load(weights));
        }

        // Each by itself: what one refuses the next may take.
        static void Try(Action use)
        {
            try
            {
                use();
            }
            catch (CheckpointException)
            {
            }
        }
    }
}
