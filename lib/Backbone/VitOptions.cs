using System.Text.Json.Serialization;

namespace ZeroI2V.Lab.Backbone;

/// <summary>Sizes of CLIP's vision transformer.</summary>
public sealed record VitOptions
{
    /// <summary>No size is larger, so that products of two fit where they must.</summary>
    internal const int LargestSize = 1 << 20;

    private const int LargestGrid = 1 << 12;

    /// <summary>D, channels of a token.</summary>
    public required int Width { get; init; }

    /// <summary>L, number of blocks.</summary>
    public required int Layers { get; init; }

    /// <summary>h, attention heads; CLIP has one for every 64 channels.</summary>
    public required int Heads { get; init; }

    /// <summary>p, side of a square patch in pixels.</summary>
    public required int PatchSize { get; init; }

    /// <summary>H and W, side of the square image in pixels.</summary>
    public required int Resolution { get; init; }

    /// <summary>Channels inside the MLP; 4·D unless set.</summary>
    public int MlpHidden { get => field > 0 ? field : 4 * Width; init; }

    /// <summary>Added to the variance in every norm.</summary>
    public double LayerNormEps { get; init; } = 1e-5;

    /// <summary>Channels of CLIP's projection of the class feature; 0 for a model without one, as video models are.</summary>
    public int Projection { get; init; }

    /// <summary>What stands between the MLP's layers; OpenAI's CLIP has QuickGELU.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public MlpActivation Activation { get; init; }

    /// <summary>True for a model without CLIP's norm in front of the blocks, as ViTs trained on ImageNet are.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool WithoutFirstNorm { get; init; }

    /// <summary>N, tokens of an image: the class token and one for each patch.</summary>
    public int Tokens() => 1 + (Resolution / PatchSize) * (Resolution / PatchSize);

    /// <summary>Checks the sizes against one another.</summary>
    /// <exception cref="ArgumentException">A size is out of range, or heads do not divide D, or patches not the image.</exception>
    public void Validate()
    {
        Positive(Width, nameof(Width));
        Positive(Layers, nameof(Layers));
        Positive(Heads, nameof(Heads));
        Positive(PatchSize, nameof(PatchSize));
        Positive(Resolution, nameof(Resolution));
        Positive(MlpHidden, nameof(MlpHidden));
        if (Projection is < 0 or > LargestSize)
            throw new ArgumentException($"{nameof(Projection)} is {Projection}; expected 0 (none) to {LargestSize}.");
        if (Width % Heads != 0)
            throw new ArgumentException($"{Heads} heads do not divide a width of {Width}; choose one of its divisors.");
        if (Resolution / PatchSize > LargestGrid)
            throw new ArgumentException($"{Resolution / PatchSize} patches side by side are more than {LargestGrid}; choose larger patches.");
        if (Resolution % PatchSize != 0)
            throw new ArgumentException($"Patches of {PatchSize} pixels do not tile an image of {Resolution}; choose a multiple.");
        if (!(LayerNormEps > 0) || !double.IsFinite(LayerNormEps))
            throw new ArgumentException($"{nameof(LayerNormEps)} is {LayerNormEps}; expected a small positive number, such as 1e-5.");
        if (!Enum.IsDefined(Activation))
            throw new ArgumentException($"{nameof(Activation)} is {(int)Activation}; expected one of {string.Join(", ", Enum.GetNames<MlpActivation>())}.");
    }

    /// <summary>The options as JSON, as checkpoints carry them.</summary>
    public string ToJson() => OptionsJson.Write(this);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The text; a name that the options lack is an error.</param>
    /// <exception cref="ArgumentException">The text is no such options.</exception>
    public static VitOptions FromJson(string json)
    {
        VitOptions options = OptionsJson.Read<VitOptions>(json, "image model");
        options.Validate();
        return options;
    }

    /// <summary>Options are equal if they make the same model, whether or not the MLP's width was spelled out.</summary>
    /// <param name="other">The other options.</param>
    public bool Equals(VitOptions? other) =>
        other is not null
        && (Width, Layers, Heads, PatchSize, Resolution, MlpHidden, LayerNormEps, Projection, Activation, WithoutFirstNorm)
            == (other.Width, other.Layers, other.Heads, other.PatchSize, other.Resolution, other.MlpHidden, other.LayerNormEps, other.Projection, other.Activation, other.WithoutFirstNorm);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Width, Layers, Heads, PatchSize, Resolution, MlpHidden, LayerNormEps, (Projection, Activation, WithoutFirstNorm));

    /// <summary>Checks one size.</summary>
    internal static void Positive(int value, string name)
    {
        if (value is < 1 or > LargestSize)
            throw new ArgumentException($"{name} is {value}; expected 1 to {LargestSize}.");
    }
}
