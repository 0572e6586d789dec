using static TorchSharp.torch;

namespace ZeroI2V.Lab.VideoData;

/// <summary>Clips as a network takes them. Whoever takes it out of a loader disposes of it.</summary>
/// <param name="Clips">[B, 3, T, H, W], 32-bit floats, normalised, on the CPU.</param>
/// <param name="Labels">[B], 64-bit whole numbers. In training, mirroring may have changed a label.</param>
/// <param name="Indices">For each row the clip's number in the list. In testing with several views the rows of a clip follow
/// each other, view = crop * clips + clip.</param>
public sealed record ClipBatch(Tensor Clips, Tensor Labels, IReadOnlyList<int> Indices) : IDisposable
{
    /// <summary>Frees both tensors.</summary>
    public void Dispose()
    {
        Clips.Dispose();
        Labels.Dispose();
    }
}
