using System.Text.Json;
using System.Text.Json.Serialization;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Files;
using ZeroI2V.Lab.Training;

namespace ZeroI2V.Lab.Evaluation.Speed;

/// <summary>What is timed.</summary>
public enum Workload
{
    /// <summary>A forward pass of one clip, in evaluation mode.</summary>
    Latency,

    /// <summary>A forward pass of a batch, in evaluation mode.</summary>
    Throughput,

    /// <summary>Forward pass, backward pass and AdamW step of one clip.</summary>
    TrainingStep,
}

/// <summary>One subject under one workload.</summary>
public sealed record SpeedEntry
{
    /// <summary>The preset's name.</summary>
    public required string Preset { get; init; }

    /// <summary>Frames of a clip.</summary>
    public required int Frames { get; init; }

    /// <summary>What was timed.</summary>
    public required Workload Workload { get; init; }

    /// <summary>In which numbers.</summary>
    public required Precision Precision { get; init; }

    /// <summary>Which model, of the lab's or of the peer's.</summary>
    public required string Subject { get; init; }

    /// <summary>Clips of the batch.</summary>
    public required int Batch { get; init; }

    /// <summary>Seconds of one run, a round each; rounds of one preset, workload and precision are interleaved.</summary>
    public required IReadOnlyList<double> Seconds { get; init; }

    /// <summary>Multiply-adds of one run's forward pass; null for a peer.</summary>
    public long? MultiplyAdds { get; init; }

    /// <summary>Most bytes held during the first two runs above what was held before them; null where it was not measured.</summary>
    public long? PeakBytes { get; init; }

    /// <summary>Why there is no time; null where there is one.</summary>
    public string? NotMeasured { get; init; }

    /// <summary>The seconds.</summary>
    [JsonIgnore]
    public Samples Samples => new(Seconds);

    /// <summary>Clips a second, by the median.</summary>
    [JsonIgnore]
    public double ClipsPerSecond => Batch / Samples.Median;
}

/// <summary>A matrix product as fast as it was measured here.</summary>
/// <param name="Precision">In which numbers.</param>
/// <param name="FlopsPerSecond">Operations a second; a multiply-add counts two.</param>
/// <param name="Shape">Rows, columns and depth of the fastest product.</param>
public sealed record MatmulCeiling(Precision Precision, double FlopsPerSecond, string Shape)
{
    /// <summary>The faster of this and another.</summary>
    /// <param name="other">In the same numbers.</param>
    internal MatmulCeiling OrFaster(MatmulCeiling other) => other.FlopsPerSecond > FlopsPerSecond ? other : this;
}

/// <summary>How far a lower precision's logits are from those of 32-bit floats, same weights and clip.</summary>
/// <param name="Preset">The preset's name.</param>
/// <param name="Precision">The lower precision.</param>
/// <param name="Largest">The largest difference of a logit.</param>
/// <param name="Relative">The norm of the difference over the norm of the logits.</param>
/// <param name="SameClass">Whether the same class scored highest.</param>
public sealed record PrecisionDifference(string Preset, Precision Precision, double Largest, double Relative, bool SameClass);

/// <summary>What <c>lab bench</c> measured on one machine and device.</summary>
public sealed record SpeedReport
{
    /// <summary>By what and where.</summary>
    public required Surroundings Surroundings { get; init; }

    /// <summary>The device: <c>cpu</c> or <c>cuda:0</c>.</summary>
    public required string Device { get; init; }

    /// <summary>libtorch's version below the lab.</summary>
    public required string Libtorch { get; init; }

    /// <summary>PyTorch's version of the peer; null where there was none.</summary>
    public string? Peer { get; init; }

    /// <summary>Largest difference between the lab's and the peer's logits with the same weights; null without a peer.</summary>
    public double? PeerDifference { get; init; }

    /// <summary>How batches come to a GPU, and whose kernels compute there beside the matrix products, in sentences; none for a CPU.</summary>
    public IReadOnlyList<string> OnDevice { get; init; } = [];

    /// <summary>Threads of a CPU's matrix products.</summary>
    public required int Threads { get; init; }

    /// <summary>When it ended.</summary>
    public required DateTimeOffset Finished { get; init; }

    /// <summary>Matrix products, the ceiling.</summary>
    public required IReadOnlyList<MatmulCeiling> Ceilings { get; init; }

    /// <summary>What lower precisions change.</summary>
    public required IReadOnlyList<PrecisionDifference> Differences { get; init; }

    /// <summary>Everything that was timed.</summary>
    public required IReadOnlyList<SpeedEntry> Entries { get; init; }

    /// <summary>Reads a report.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ArgumentException">It is no such report.</exception>
    public static SpeedReport Read(string path) => RunJson.Read<SpeedReport>(File.ReadAllText(path), path);

    /// <summary>Writes it as JSON, whole or not at all.</summary>
    /// <param name="path">The file.</param>
    public void Write(string path) => AtomicFile.WriteText(path, JsonSerializer.Serialize(this, RunJson.Options) + "\n");

    /// <summary>The entry of a subject, or null.</summary>
    /// <param name="preset">The preset's name.</param>
    /// <param name="workload">What was timed.</param>
    /// <param name="precision">In which numbers.</param>
    /// <param name="subject">Which model.</param>
    public SpeedEntry? Find(string preset, Workload workload, Precision precision, string subject) =>
        Entries.FirstOrDefault(entry => entry.Preset == preset && entry.Workload == workload && entry.Precision == precision && entry.Subject == subject && entry.Seconds.Count > 0);

    /// <summary>How many times as fast one subject is as another, round by round; null where one was not timed.</summary>
    /// <param name="entry">The subject.</param>
    /// <param name="other">What it is compared with.</param>
    public static Samples? SpeedUp(SpeedEntry? entry, SpeedEntry? other) =>
        entry is null || other is null || entry.Seconds.Count != other.Seconds.Count || entry.Seconds.Count == 0 ? null
        : new Samples([.. other.Samples.Over(entry.Samples).Values.Select(ratio => ratio * entry.Batch / other.Batch)]);
}
