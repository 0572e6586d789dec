using System.Text.Json;
using System.Text.Json.Nodes;
using ZeroI2V.Lab.Files;
using ZeroI2V.Lab.Training;

namespace ZeroI2V.Lab.Reporting;

/// <summary>A data set that a result was made from.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Sha256">SHA-256 of its manifest, which holds the hashes of its clips.</param>
/// <param name="Synthetic">Whether it is made.</param>
public sealed record DataSource(string Name, string Sha256, bool Synthetic)
{
    /// <summary>The data set of a manifest file.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="manifest">The manifest.</param>
    /// <param name="synthetic">Whether the data are made.</param>
    /// <returns>The data set.</returns>
    public static DataSource FromManifest(string name, string manifest, bool synthetic) =>
        new(name, FileHash.Sha256(manifest), synthetic);
}

/// <summary>What a figure was made from and by what: everything needed to make it again.</summary>
public sealed record Provenance
{
    /// <summary>The options of the runs, as they were given.</summary>
    public required JsonNode Options { get; init; }

    /// <summary>The seeds of the runs.</summary>
    public required IReadOnlyList<int> Seeds { get; init; }

    /// <summary>The runs (names of their folders) that the numbers come from.</summary>
    public required IReadOnlyList<string> Runs { get; init; }

    /// <summary>The data.</summary>
    public required IReadOnlyList<DataSource> Data { get; init; }

    /// <summary>The commit of the sources; null outside a git repository.</summary>
    public required string? Commit { get; init; }

    /// <summary>Whether tracked files differed from that commit; null outside a git repository.</summary>
    public required bool? UncommittedChanges { get; init; }

    /// <summary>When this was collected (UTC).</summary>
    public required DateTime Time { get; init; }

    /// <summary>The machine: system, processor, cores, memory.</summary>
    public required IReadOnlyDictionary<string, string> Machine { get; init; }

    /// <summary>Versions of .NET and of the packages that make numbers and figures.</summary>
    public required IReadOnlyDictionary<string, string> Versions { get; init; }

    /// <summary>Collects what can be known here and now.</summary>
    /// <typeparam name="T">The type of the options.</typeparam>
    /// <param name="options">The options of the runs.</param>
    /// <param name="seeds">The seeds of the runs.</param>
    /// <param name="data">The data.</param>
    /// <param name="runs">The runs (names of their folders).</param>
    /// <param name="repository">A folder inside the repository; null for the current one.</param>
    /// <returns>The record.</returns>
    public static Provenance Collect<T>(T options, IReadOnlyList<int> seeds, IReadOnlyList<DataSource> data, IReadOnlyList<string>? runs = null, string? repository = null)
    {
        Surroundings here = Surroundings.Here(repository);
        return new Provenance
        {
            Options = JsonSerializer.SerializeToNode(options, RunJson.Options) ?? new JsonObject(),
            Seeds = seeds,
            Runs = runs ?? [],
            Data = data,
            Commit = here.Commit,
            UncommittedChanges = here.UncommittedChanges,
            Time = DateTime.UtcNow,
            Machine = here.Machine,
            Versions = here.Versions,
        };
    }
}
