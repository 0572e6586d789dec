namespace ZeroI2V.Lab.Fuzz;

/// <summary>A file that a reader did not survive.</summary>
/// <param name="Bytes">The file.</param>
/// <param name="What">What went wrong.</param>
public sealed record Finding(byte[] Bytes, string What);

/// <summary>Damages files and tries the readers on them, for as long as it is told.</summary>
public static class FuzzRun
{
    /// <summary>Runs.</summary>
    /// <param name="seed">Decides every case.</param>
    /// <param name="folder">A folder for the file in use; a case that ends the process is found there.</param>
    /// <param name="goOn">Asked before each case, with its number.</param>
    /// <param name="alone">See <see cref="ReaderCheck.Run"/>.</param>
    /// <returns>What was found, as it is found.</returns>
    public static IEnumerable<Finding> Cases(int seed, string folder, Func<int, bool> goOn, bool alone)
    {
        ArgumentNullException.ThrowIfNull(goOn);
        IReadOnlyList<byte[]> seeds = SeedFiles.All(folder);
        var mutator = new Mutator(seed);
        var random = new Random(seed);
        string path = Path.Combine(folder, "case");
        for (int number = 0; goOn(number); number++)
        {
            byte[] bytes = mutator.Mutate(seeds[random.Next(seeds.Count)], seeds[random.Next(seeds.Count)]);
            File.WriteAllBytes(path, bytes);
            if (ReaderCheck.Run(path, alone) is { } what)
                yield return new Finding(bytes, what);
        }
    }
}
