namespace ZeroI2V.Lab.VideoData;

/// <summary>Where random choices come from, so that a test can prescribe them.</summary>
public interface IDraws
{
    /// <summary>A whole number, both ends included.</summary>
    int Whole(int low, int high);

    /// <summary>A real number, <paramref name="low"/> included, <paramref name="high"/> not.</summary>
    double Real(double low, double high);
}

/// <summary>Choices that follow from a seed alone, the same on every machine and runtime (SplitMix64).</summary>
public sealed class SeededDraws : IDraws
{
    private ulong _state;

    /// <summary>The choices of one seed.</summary>
    public SeededDraws(ulong seed) => _state = seed;

    /// <summary>The choices of one place in a run: the parts are mixed, so that neighbours have nothing in common.</summary>
    /// <param name="parts">Such as seed, epoch and clip.</param>
    public static SeededDraws For(params ReadOnlySpan<long> parts)
    {
        ulong seed = 0x9E3779B97F4A7C15;
        foreach (long part in parts)
            seed = Mix(seed ^ Mix((ulong)part + 0x9E3779B97F4A7C15));
        return new SeededDraws(seed);
    }

    /// <inheritdoc/>
    public int Whole(int low, int high)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(low, high);
        ulong range = (ulong)((long)high - low + 1);
        // The upper half of the product is fair to one part in 2^32 for ranges of this size.
        return (int)(low + (long)Math.BigMul(Next(), range, out _));
    }

    /// <inheritdoc/>
    public double Real(double low, double high)
    {
        double value = low + (high - low) * ((Next() >> 11) * (1.0 / (1L << 53)));
        return value < high ? value : low;
    }

    /// <summary>The numbers 0 to <paramref name="count"/> - 1 in random order.</summary>
    public int[] Order(int count)
    {
        var order = new int[count];
        for (int i = 0; i < count; i++)
        {
            int j = Whole(0, i);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    private ulong Next() => Mix(_state += 0x9E3779B97F4A7C15);
}
