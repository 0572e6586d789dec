namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>
/// The pseudo-random numbers of the synthetic world: SplitMix64, written out here so that the same seed gives the same
/// pictures in every version of .NET.
/// </summary>
/// <remarks>Streams are derived by key (<see cref="For"/>), so no scene depends on the order in which scenes are made.</remarks>
public sealed class SceneRandom
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private ulong _state;

    private SceneRandom(ulong state) => _state = state;

    /// <summary>The stream that belongs to a seed and a list of keys.</summary>
    public static SceneRandom For(ulong seed, params ReadOnlySpan<int> keys)
    {
        ulong state = Mix(seed + Golden);
        foreach (int key in keys)
            state = Mix((state ^ (uint)key) + Golden);
        return new SceneRandom(state);
    }

    /// <summary>The next 64 random bits.</summary>
    public ulong NextBits() => Mix(_state += Golden);

    /// <summary>Uniform in [0, 1), a multiple of 2⁻⁵³.</summary>
    public double Unit() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [<paramref name="low"/>, <paramref name="high"/>).</summary>
    public double Uniform(double low, double high) => low + ((high - low) * Unit());

    /// <summary>Uniform on a logarithmic scale between two positive numbers.</summary>
    public double LogUniform(double low, double high) =>
        low * SceneMath.Exp2(SceneMath.Log2(high / low) * Unit());

    /// <summary>A whole number in [0, <paramref name="count"/>).</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is not positive.</exception>
    public int Below(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return (int)(((NextBits() >> 32) * (ulong)count) >> 32);
    }

    /// <summary>True with the given probability.</summary>
    public bool Chance(double probability) => Unit() < probability;

    /// <summary>One element, each equally likely.</summary>
    public T Pick<T>(IReadOnlyList<T> from)
    {
        ArgumentNullException.ThrowIfNull(from);
        return from[Below(from.Count)];
    }

    /// <summary>Mixes 64 bits so that every input bit changes about half of the output bits.</summary>
    internal static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
