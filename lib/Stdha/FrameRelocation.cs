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
        (int Source, int Target, int Length)[] stretches = Stretches((int)x.shape[dimension], offset, border);
        return stretches.Length == 1 ? x : cat([.. stretches.Select(stretch => x.narrow(dimension, stretch.Source, stretch.Length))], dimension);
    }

    /// <summary>Writes the frames that are to move to their places; frames that stay are not touched.</summary>
    /// <param name="before">The frames as they were, with T along <paramref name="dimension"/>; no part of <paramref name="x"/>'s memory.</param>
    /// <param name="x">Where they go, of the same shape; nobody else reads it and autograd does not record it.</param>
    /// <param name="dimension">The time axis.</param>
    /// <param name="offset">Δt, in frames.</param>
    /// <param name="border">What to use outside the clip.</param>
    internal static void Write(Tensor before, Tensor x, int dimension, int offset, BorderRule border)
    {
        foreach ((int source, int target, int length) in Stretches((int)x.shape[dimension], offset, border))
        {
            if (source == target)
                continue;
            using Tensor from = before.narrow(dimension, source, length), to = x.narrow(dimension, target, length);
            to.copy_(from);
        }
    }

    /// <summary>The gradient of what was moved: each frame's is the sum of those of the frames that saw it.</summary>
    /// <param name="before">The gradient of what came of it; not part of <paramref name="x"/>.</param>
    /// <param name="x">Where the gradient is written.</param>
    /// <param name="dimension">The time axis.</param>
    /// <param name="offset">Δt, in frames.</param>
    /// <param name="border">What to use outside the clip.</param>
    internal static void WriteGradient(Tensor before, Tensor x, int dimension, int offset, BorderRule border)
    {
        var stretches = Stretches((int)x.shape[dimension], offset, border).OrderByDescending(stretch => stretch.Length).ToArray();
        (int Source, int Target, int Length) longest = stretches[0];
        Place(x, longest.Source, longest.Length).copy_(Place(before, longest.Target, longest.Length));
        // The others have none, until frames elsewhere have seen them.
        int end = longest.Source + longest.Length;
        Place(x, 0, longest.Source).zero_();
        Place(x, end, x.shape[dimension] - end).zero_();
        foreach ((int source, int target, int length) in stretches[1..])
            Place(x, source, length).add_(Place(before, target, length));

        Tensor Place(Tensor all, long start, long frames) => all.narrow(dimension, start, frames);
    }

    /// <summary>The sources cut into stretches of neighbouring frames. One alone is the whole clip, each frame in its own place.</summary>
    private static (int Source, int Target, int Length)[] Stretches(int frames, int offset, BorderRule border)
    {
        int[] sources = Sources(frames, offset, border);
        var stretches = new List<(int Source, int Target, int Length)>();
        for (int start = 0, end; start < sources.Length; start = end)
        {
            end = start + 1;
            while (end < sources.Length && sources[end] == sources[end - 1] + 1)
                end++;
            stretches.Add((sources[start], start, end - start));
        }
        return [.. stretches];
    }
}
