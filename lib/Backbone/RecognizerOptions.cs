using System.Text.Json.Serialization;
using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Stdha;

namespace ZeroI2V.Lab.Backbone;

/// <summary>Everything that makes a video recogniser out of an image transformer. An ablation is a <c>with</c> expression.</summary>
public sealed record RecognizerOptions
{
    /// <summary>Sizes of the image transformer.</summary>
    public required VitOptions Backbone { get; init; }

    /// <summary>T, frames of a clip.</summary>
    public required int Frames { get; init; }

    /// <summary>Number of classes.</summary>
    public required int Classes { get; init; }

    /// <summary>Δt of every head; <see cref="HeadSplit.Spatial"/> attends inside frames only.</summary>
    public HeadSplit Heads { get; init; } = HeadSplit.Spatial;

    /// <summary>The adapters; null for none, as after folding.</summary>
    public AdapterOptions? Adapters { get; init; } = new();

    /// <summary>Whether a trained vector for each frame is added to its tokens.</summary>
    public bool TemporalEmbedding { get; init; } = true;

    /// <summary>What of the image model trains.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public BackboneTuning Tuning { get; init; }

    /// <summary>Low-rank updates of the attention's projections; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public LoraOptions? Lora { get; init; }

    /// <summary>AIM's attention over time with its adapters; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public AimOptions? Aim { get; init; }

    /// <summary>ST-Adapters; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public StAdapterOptions? StAdapter { get; init; }

    /// <summary>
    /// True for the mean over frames before the norm behind the blocks, as in ST-Adapter's code; otherwise each frame's
    /// class token is normed and the mean comes after, as in ZeroI2V's and AIM's.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool PoolBeforeNorm { get; init; }

    /// <summary>Share of the pooled feature's elements that training drops before the head.</summary>
    public double HeadDropout { get; init; } = 0.5;

    /// <summary>Checks the options against one another.</summary>
    /// <exception cref="ArgumentException">The message says which, what was found and what to choose.</exception>
    public void Validate()
    {
        Backbone.Validate();
        VitOptions.Positive(Frames, nameof(Frames));
        VitOptions.Positive(Classes, nameof(Classes));
        if (!(HeadDropout >= 0 && HeadDropout < 1))
            throw new ArgumentException($"{nameof(HeadDropout)} is {HeadDropout}; expected 0 or more and less than 1.");
        Heads.Validate(Backbone.Layers, Backbone.Heads, Backbone.Width);
        Adapters?.Validate(Backbone.Width);
        Lora?.Validate(Backbone.Width);
        Aim?.Validate(Backbone.Width);
        StAdapter?.Validate(Backbone.Width, Backbone.Layers);
        if (!Enum.IsDefined(Tuning))
            throw new ArgumentException($"{nameof(Tuning)} is {(int)Tuning}; expected one of {string.Join(", ", Enum.GetNames<BackboneTuning>())}.");
        if (Aim is not null && Adapters is not null)
            throw new ArgumentException($"{nameof(Aim)} and {nameof(Adapters)} are both set; AIM brings adapters of its own in the same places. Set {nameof(Adapters)} to null.");
    }

    /// <summary>
    /// Why the model cannot become the image model with other numbers, an option a line, by name; empty where it can:
    /// linear adapters and low-rank updates fold, moving frames needs no weights.
    /// </summary>
    public IReadOnlyList<string> FoldingObstacles()
    {
        var obstacles = new List<string>();
        if (Adapters is { Activation: not AdapterActivation.None } adapters)
            obstacles.Add($"{nameof(Adapters)}.{nameof(AdapterOptions.Activation)} is {adapters.Activation}: only linear adapters can be folded. Keep them as they are, or train with {nameof(AdapterActivation.None)}.");
        if (Aim is not null)
            obstacles.Add($"{nameof(Aim)} is set: its attention over time and its GELU adapters are no part of an image model. Keep them.");
        if (StAdapter is not null)
            obstacles.Add($"{nameof(StAdapter)} is set: its convolution over time has no place in an image model. Keep it.");
        return obstacles;
    }

    /// <summary>The options of the folded model: what folding takes in is gone, everything else stays.</summary>
    /// <exception cref="NotSupportedException">It cannot be folded; the message is <see cref="FoldingObstacles"/>.</exception>
    public RecognizerOptions Folded()
    {
        IReadOnlyList<string> obstacles = FoldingObstacles();
        return obstacles.Count == 0 ? this with { Adapters = null, Lora = null } : throw new NotSupportedException(string.Join(' ', obstacles));
    }

    /// <summary>The options as JSON, as checkpoints carry them.</summary>
    public string ToJson() => OptionsJson.Write(this);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The text; a name that the options lack is an error.</param>
    /// <exception cref="ArgumentException">The text is no such options.</exception>
    public static RecognizerOptions FromJson(string json)
    {
        RecognizerOptions options = OptionsJson.Read<RecognizerOptions>(json, "recogniser");
        options.Validate();
        return options;
    }
}
