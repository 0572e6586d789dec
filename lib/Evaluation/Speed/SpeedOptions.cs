using ZeroI2V.Lab.Backbone;

namespace ZeroI2V.Lab.Evaluation.Speed;

/// <summary>What <c>lab bench</c> measures.</summary>
public sealed record SpeedOptions
{
    /// <summary>The presets with their names, first to last.</summary>
    public required IReadOnlyList<(string Name, RecognizerOptions Recognizer)> Presets { get; init; }

    /// <summary>In which numbers.</summary>
    public IReadOnlyList<Precision> Precisions { get; init; } = [Precision.Float32];

    /// <summary>What is timed.</summary>
    public IReadOnlyList<Workload> Workloads { get; init; } = Enum.GetValues<Workload>();

    /// <summary>The device: <c>cpu</c>, <c>cuda</c> or <c>cuda:0</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Rounds that count.</summary>
    public int Rounds { get; init; } = 7;

    /// <summary>Clips of a batch for the throughput; 0 for as many as fit on a GPU, and 4 on a CPU, where more are no faster.</summary>
    public int Batch { get; init; }

    /// <summary>Whether peers' methods (AIM, ST-Adapter) are measured too.</summary>
    public bool Methods { get; init; } = true;

    /// <summary>Whether PyTorch is measured too; where it is not found its rows say so.</summary>
    public bool Peer { get; init; } = true;

    /// <summary>The Python with PyTorch; null for none.</summary>
    public string? Python { get; init; }

    /// <summary>The presets of the issue that the paper's readers raised: ViT-B/16 with 8, 16, 32 frames, ViT-L/14 with 8, 32.</summary>
    public static IReadOnlyList<(string Name, RecognizerOptions Recognizer)> AllPresets { get; } =
        [.. new[] { "ViTB16.Kinetics400_8x16", "ViTB16.Ssv2_16", "ViTB16.Ucf101_32", "ViTL14.Kinetics400_8x16", "ViTL14.Kinetics400_32x4" }.Select(Preset)];

    /// <summary>The lab's own small model: to see that everything runs.</summary>
    public static IReadOnlyList<(string Name, RecognizerOptions Recognizer)> QuickPresets { get; } =
        [("micro", MicroRecipe.Recognizer with { Heads = Stdha.HeadSplit.Lowest(-1, 1) })];

    /// <summary>A preset by name, <c>micro</c> for the lab's small model.</summary>
    /// <param name="name">Such as <c>ViTB16.Kinetics400_8x16</c>.</param>
    /// <exception cref="ArgumentException">There is no such preset.</exception>
    public static (string Name, RecognizerOptions Recognizer) Preset(string name) =>
        name == "micro" ? QuickPresets[0] : (OfficialConfig.Named(name).Name, OfficialConfig.Named(name).Recognizer);

    /// <summary>Checks every value.</summary>
    /// <returns>This record.</returns>
    /// <exception cref="ArgumentException">Nothing is to be measured, or a number is out of its range.</exception>
    public SpeedOptions Validate()
    {
        if (Presets.Count == 0 || Precisions.Count == 0 || Workloads.Count == 0)
            throw new ArgumentException($"There must be a preset, a precision and a workload; found {Presets.Count}, {Precisions.Count} and {Workloads.Count}.");
        if (Rounds < 1)
            throw new ArgumentException($"{nameof(Rounds)} is {Rounds}; expected at least 1.");
        if (Batch < 0)
            throw new ArgumentException($"{nameof(Batch)} is {Batch}; expected at least 1, or 0 to let it be chosen.");
        return this;
    }
}
