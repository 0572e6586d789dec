using System.Text.Json;
using System.Text.Json.Serialization;
using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Stdha;

namespace ZeroI2V.Lab.Backbone;

/// <summary>Everything that makes a video recogniser out of an image transformer. An ablation is a <c>with</c> expression.</summary>
public sealed record RecognizerOptions
{
    private static readonly JsonSerializerOptions Json = new()
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter() },
    };

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
        Heads.Validate(Backbone.Layers, Backbone.Heads);
        Adapters?.Validate(Backbone.Width);
    }

    /// <summary>The options as JSON, as checkpoints carry them.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The text; a name that the options lack is an error.</param>
    /// <exception cref="ArgumentException">The text is no such options.</exception>
    public static RecognizerOptions FromJson(string json)
    {
        try
        {
            RecognizerOptions options = JsonSerializer.Deserialize<RecognizerOptions>(json, Json)
                ?? throw new ArgumentException("The recogniser's options are null.");
            options.Validate();
            return options;
        }
        catch (JsonException error)
        {
            throw new ArgumentException($"The recogniser's options cannot be read: {error.Message}", nameof(json), error);
        }
    }
}
