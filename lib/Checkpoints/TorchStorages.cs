using static TorchSharp.torch;

namespace ZeroI2V.Lab.Checkpoints;

/// <summary>Where the numbers of a PyTorch file lie: the entries of an archive, or the tail of a file from before archives.</summary>
internal abstract class TorchStorages : IDisposable
{
    /// <summary>Bytes of the whole file.</summary>
    internal abstract long FileLength { get; }

    /// <summary>Reads a storage whole.</summary>
    /// <param name="storage">Which one, and what the pickle says of it.</param>
    /// <param name="shape">The tensor's shape, of as many elements.</param>
    /// <param name="name">The tensor, for messages.</param>
    /// <exception cref="CheckpointException">It is missing, or not as long as the pickle says.</exception>
    internal abstract Tensor Read(PickleStorage storage, long[] shape, string name);

    /// <summary>Closes the file.</summary>
    public abstract void Dispose();
}
