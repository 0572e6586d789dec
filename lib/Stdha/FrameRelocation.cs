using static TorchSharp.torch;

namespace ZeroI2V.Lab.Stdha;

/// <summary>
/// Moves whole frames along the time axis: what a head with time offset Δt does to its keys and values before
/// plain attention. No arithmetic, no parameters.
/// </summary>
/// <remarks>
/// Three frames a, b, c and the official border rule (a frame outside the clip is replaced by the head's own):
/// <code>
/// Δt = −1   frame t sees t−1    a b c → a a b
/// Δt = +1   frame t sees t+1    a b c → b c c
/// Δt = +2   frame t sees t+2    a b c → c b c
/// </code>
/// </remarks>
public static class FrameRelocation
{
    /// <summary>For each frame the frame that it sees.</summary>
    /// <param name="frames">T, the frames of a clip.</param>
    /// <param name="offset">Δt, in frames.</param>
    /// <param name="border">What to use outside the clip.</param>
    /// <returns>T indices from 0 to T − 1.</returns>
    public static int[] Sources(int frames, int offset, BorderRule border)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(frames, 1);
        var sources = new int[frames];
        for (int t = 0; t < frames; t++)
        {
            long wanted = (long)t + offset;
            sources[t] = wanted >= 0 && wanted < frames ? (int)wanted : border switch
            {
                BorderRule.OwnFrame => t,
                BorderRule.Clamp => (int)Math.Clamp(wanted, 0, frames - 1),
                BorderRule.Wrap => (int)(((wanted % frames) + frames) % frames),
                _ => throw new ArgumentOutOfRangeException(nameof(border), border, "not a border rule"),
            };
        }
        return sources;
    }

    /// <summary>
    /// Rearranges frames along one dimension, in one copy: the sources are cut into stretches of neighbouring
    /// frames, and the stretches joined. (An index tensor would have to be made, and sent to the device, at every call.)
    /// </summary>
    /// <param name="x">Any tensor with T along <paramref name="dimension"/>.</param>
    /// <param name="dimension">The time axis.</param>
    /// <param name="offset">Δt, in frames.</param>
    /// <param name="border">What to use outside the clip.</param>
    /// <returns>A tensor of the same shape; <paramref name="x"/> itself where every frame sees itself.</returns>
    internal static Tensor Apply(Tensor x, int dimension, int offset, BorderRule border)
    {
        int[] sources = Sources((int)x.shape[dimension], offset, border);
        var stretches = new List<Tensor>();
        for (int start = 0, end; start < sources.Length; start = end)
        {
            end = start + 1;
            while (end < sources.Length && sources[end] == sources[end - 1] + 1)
                end++;
            // A stretch of the whole clip can only be frame after frame from the first: nothing moves.
            if (end - start == sources.Length)
                return x;
            stretches.Add(x.narrow(dimension, sources[start], end - start));
        }
        return cat(stretches, dimension);
    }

    /// <summary>
    /// Rearranges frames where they stand. On a CPU frame by frame, in the order in which no frame is overwritten before it was
    /// read: that is the least that can be copied. On a GPU, where a call costs more than a frame's bytes, through a buffer.
    /// </summary>
    /// <param name="x">A tensor with T along <paramref name="dimension"/> that nobody else reads and autograd does not record.</param>
    /// <param name="dimension">The time axis.</param>
    /// <param name="offset">Δt, in frames.</param>
    /// <param name="border">What to use outside the clip.</param>
    internal static void ApplyInPlace(Tensor x, int dimension, int offset, BorderRule border)
    {
        int[] sources = Sources((int)x.shape[dimension], offset, border);
        bool fromBefore = sources.Index().All(item => item.Item <= item.Index), fromAfter = sources.Index().All(item => item.Item >= item.Index);
        if (x.device_type != TorchSharp.DeviceType.CPU || !(fromBefore || fromAfter))
        {
            Tensor moved = Apply(x, dimension, offset, border);
            if (!ReferenceEquals(moved, x))
                x.copy_(moved);
            return;
        }
        for (int i = 0; i < sources.Length; i++)
        {
            int t = fromBefore ? sources.Length - 1 - i : i;
            if (sources[t] != t)
                x.select(dimension, t).copy_(x.select(dimension, sources[t]));
        }
    }
}
