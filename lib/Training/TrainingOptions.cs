using System.Text.Json;
using System.Text.Json.Serialization;
using ZeroI2V.Lab.Backbone;

namespace ZeroI2V.Lab.Training;

/// <summary>
/// How a run is trained: AdamW with decoupled weight decay, linear warm-up and a cosine to zero.
/// The defaults are the official recipe's (ViT-B on Something-Something V2: 50 epochs, batch 64, learning rate 3e-4);
/// the embedded data's small model has its own in <see cref="MicroSsv2"/>.
/// </summary>
public sealed record TrainingOptions
{
    /// <summary>Passes over the training clips.</summary>
    public int Epochs { get; init; } = 50;

    /// <summary>Clips a step.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Learning rate after the warm-up.</summary>
    public double LearningRate { get; init; } = 3e-4;

    /// <summary>AdamW's decay of the running mean of gradients.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>AdamW's decay of the running mean of squared gradients.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>AdamW's term in the denominator.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Decoupled weight decay; norms and embeddings have none.</summary>
    public double WeightDecay { get; init; } = 0.05;

    /// <summary>Epochs of linear warm-up; may be a fraction.</summary>
    public double WarmUpEpochs { get; init; } = 2.5;

    /// <summary>Share of the learning rate at the first step of the warm-up.</summary>
    public double WarmUpStartFactor { get; init; } = 0.1;

    /// <summary>Share of the target spread evenly over all classes, in [0, 1).</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Largest L2 norm of all gradients together; null leaves them as they are.</summary>
    public double? GradientClip { get; init; }

    /// <summary>In which numbers the frozen blocks compute; what trains, and its optimizer's state, are 32-bit floats.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Precision Precision { get; init; }

    /// <summary>
    /// Whether the backward pass computes each block again in place of keeping what is inside it: the same gradients with less
    /// memory, for one more forward pass.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ActivationCheckpointing { get; init; }

    /// <summary>Seed of the order of clips, of the head's first weights and of dropout.</summary>
    public int Seed { get; init; }

    /// <summary>Epochs between evaluations on the test clips (the last epoch is always evaluated); 0 evaluates only then.</summary>
    public int EvaluateEvery { get; init; }

    /// <summary>Epochs between checkpoints (one is always written at the end and on cancellation); 0 writes only those.</summary>
    public int CheckpointEvery { get; init; } = 1;

    /// <summary>The recipe for the small model on the embedded data set.</summary>
    public static TrainingOptions MicroSsv2 { get; } = new()
    {
        Epochs = 8,
        BatchSize = 32,
        LearningRate = 4e-3,
        WarmUpEpochs = 1,
    };

    /// <summary>Checks every value and their combination.</summary>
    /// <returns>This record.</returns>
    /// <exception cref="ArgumentException">A value is out of its range; the message names it, what was expected and what to do.</exception>
    public TrainingOptions Validate()
    {
        Require(Epochs >= 1, nameof(Epochs), "at least 1", Epochs);
        Require(BatchSize >= 1, nameof(BatchSize), "at least 1", BatchSize);
        Require(LearningRate > 0 && double.IsFinite(LearningRate), nameof(LearningRate), "a finite number above 0", LearningRate);
        Require(Beta1 is >= 0 and < 1, nameof(Beta1), "in [0, 1)", Beta1);
        Require(Beta2 is >= 0 and < 1, nameof(Beta2), "in [0, 1)", Beta2);
        Require(Epsilon > 0 && double.IsFinite(Epsilon), nameof(Epsilon), "a finite number above 0", Epsilon);
        Require(WeightDecay >= 0 && double.IsFinite(WeightDecay), nameof(WeightDecay), "a finite number, at least 0", WeightDecay);
        Require(WarmUpEpochs >= 0 && WarmUpEpochs < Epochs, nameof(WarmUpEpochs), $"at least 0 and less than {nameof(Epochs)} ({Epochs})", WarmUpEpochs);
        Require(WarmUpStartFactor is > 0 and <= 1, nameof(WarmUpStartFactor), "in (0, 1]", WarmUpStartFactor);
        Require(LabelSmoothing is >= 0 and < 1, nameof(LabelSmoothing), "in [0, 1)", LabelSmoothing);
        Require(GradientClip is null or > 0, nameof(GradientClip), "above 0, or null for none", GradientClip);
        Require(Precision is Precision.Float32 or Precision.BFloat16, nameof(Precision), "Float32 or BFloat16 (in Float16 small gradients vanish)", Precision);
        Require(EvaluateEvery >= 0, nameof(EvaluateEvery), "at least 0", EvaluateEvery);
        Require(CheckpointEvery >= 0, nameof(CheckpointEvery), "at least 0", CheckpointEvery);
        return this;
    }

    /// <summary>Writes the options as JSON.</summary>
    /// <returns>Indented JSON with camel-case names.</returns>
    public string ToJson() => JsonSerializer.Serialize(this, RunJson.Options);

    /// <summary>Reads options from JSON; names that are left out take their defaults.</summary>
    /// <param name="json">A JSON object.</param>
    /// <returns>Validated options.</returns>
    /// <exception cref="ArgumentException">The text is no such object, has an unknown name, or a value is out of range.</exception>
    public static TrainingOptions FromJson(string json) => RunJson.Read<TrainingOptions>(json, "training options").Validate();

    private static void Require(bool condition, string name, string expected, object? found)
    {
        if (!condition)
            throw new ArgumentException($"{name} must be {expected}; found {found ?? "null"}. Change {name} in the training options.", name);
    }
}
