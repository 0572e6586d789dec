using static TorchSharp.torch;

namespace ZeroI2V.Lab.Backbone;

/// <summary>
/// What was computed on one batch and is read when the next one has been brought: reading waits for a GPU, and meanwhile that copies.
/// Made for one loop, on one thread.
/// </summary>
internal sealed class LateReading : IDisposable
{
    private (Tensor Computed, Action<float[]> Use)? _waiting;

    /// <summary>Keeps what was computed; what was kept before must have been read.</summary>
    /// <param name="computed">Any floating-point numbers, wherever they are.</param>
    /// <param name="use">Takes them, row by row, as 32-bit ones.</param>
    public void Keep(Tensor computed, Action<float[]> use)
    {
        if (_waiting is not null)
            throw new InvalidOperationException("The last batch's numbers must be read before the next ones are kept; they were not.");
        _waiting = (computed.to(ScalarType.Float32).DetachFromDisposeScope(), use);
    }

    /// <summary>Reads what is kept, if anything is.</summary>
    public void Read()
    {
        if (_waiting is not { } last)
            return;
        _waiting = null;
        using (last.Computed)
        using (Tensor here = last.Computed.cpu())
            last.Use([.. here.data<float>()]);
    }

    public void Dispose()
    {
        _waiting?.Computed.Dispose();
        _waiting = null;
    }
}
