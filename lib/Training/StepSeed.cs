namespace ZeroI2V.Lab.Training;

/// <summary>
/// Seeds of the random generator, one a step. Dropout of a step then depends on the run's seed and the step alone,
/// so a resumed run repeats it without any saved generator state.
/// </summary>
internal static class StepSeed
{
    /// <summary>The seed of a step; -1 stands for "before the first step" (new weights).</summary>
    public static long Of(int seed, int step)
    {
        // SplitMix64: neighbouring seeds and steps give unrelated values.
        ulong z = ((ulong)(uint)seed << 32 | (uint)step) + 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return (long)((z ^ (z >> 31)) >> 1);
    }
}
