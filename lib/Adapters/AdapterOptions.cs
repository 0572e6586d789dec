using System.Numerics;
using System.Text.Json.Serialization;

namespace ZeroI2V.Lab.Adapters;

/// <summary>Where a block may hold adapters, with the names of the official checkpoints.</summary>
[Flags]
public enum AdapterPlaces
{
    /// <summary>No adapter.</summary>
    None = 0,

    /// <summary>After the first norm, before queries, keys and values: <c>T_Adapter_in</c>.</summary>
    AttentionInput = 1,

    /// <summary>After the attention's output projection: <c>S_Adapter</c>.</summary>
    AttentionOutput = 2,

    /// <summary>After the second norm, before the MLP's first layer: <c>MLP_Adapter</c>.</summary>
    MlpInput = 4,

    /// <summary>After the MLP's second layer: <c>MLP_Adapter_out</c>.</summary>
    MlpOutput = 8,

    /// <summary>All four, as published.</summary>
    All = AttentionInput | AttentionOutput | MlpInput | MlpOutput,
}

/// <summary>What stands between an adapter's two layers.</summary>
public enum AdapterActivation
{
    /// <summary>Nothing: the adapter is linear and can be folded into its neighbour.</summary>
    None,

    /// <summary>GELU, the ablation of the paper that cannot be folded.</summary>
    Gelu,
}

/// <summary>The adapters of a model: A(x) = x + s·(W₂·(W₁x + b₁) + b₂), section 3.3 of the paper.</summary>
public sealed record AdapterOptions
{
    /// <summary>Which of the four places hold an adapter.</summary>
    public AdapterPlaces Places { get; init; } = AdapterPlaces.All;

    /// <summary>Width of the bottleneck as a share of D.</summary>
    public double BottleneckRatio { get; init; } = 0.25;

    /// <summary>s: 0.5 in the official configs for Kinetics-400, UCF101 and HMDB51, 1 for Something-Something V2.</summary>
    public double Scale { get; init; } = 0.5;

    /// <summary>Share of the bottleneck's elements that training drops.</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>What stands between the two layers.</summary>
    public AdapterActivation Activation { get; init; } = AdapterActivation.None;

    /// <summary>Whether queries, keys and values have an adapter each in front of the attention, in place of one for all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool SeparateQueryKeyValue { get; init; }

    /// <summary>Width of the bottleneck in a model of width <paramref name="width"/>.</summary>
    /// <param name="width">D.</param>
    public int Bottleneck(int width) => (int)Math.Round(width * BottleneckRatio);

    /// <summary>How many adapters a block has.</summary>
    internal int PerBlock => BitOperations.PopCount((uint)Places) + (SeparateQueryKeyValue && Places.HasFlag(AdapterPlaces.AttentionInput) ? 2 : 0);

    /// <summary>Checks the options against a backbone's width.</summary>
    /// <param name="width">D.</param>
    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    public void Validate(int width)
    {
        if ((Places & ~AdapterPlaces.All) != 0)
            throw new ArgumentException($"Adapter places are {(int)Places}; expected a combination of {string.Join(", ", Enum.GetNames<AdapterPlaces>())}.");
        if (!(BottleneckRatio > 0 && BottleneckRatio <= 16) || Bottleneck(width) < 1)
            throw new ArgumentException($"A bottleneck ratio of {BottleneckRatio} at width {width} leaves {(BottleneckRatio > 0 ? 0 : BottleneckRatio)} channels; choose a ratio above {0.5 / width:g3}, such as 0.25.");
        if (SeparateQueryKeyValue && !Places.HasFlag(AdapterPlaces.AttentionInput))
            throw new ArgumentException($"{nameof(SeparateQueryKeyValue)} is about the adapters at {nameof(AdapterPlaces.AttentionInput)}; the places are {Places}. Add that place, or leave it out.");
        if (!double.IsFinite(Scale))
            throw new ArgumentException($"The adapters' scale is {Scale}; expected a finite number such as 0.5 or 1.");
        if (!(Dropout >= 0 && Dropout < 1))
            throw new ArgumentException($"The adapters' dropout is {Dropout}; expected 0 or more and less than 1.");
        if (!Enum.IsDefined(Activation))
            throw new ArgumentException($"The adapters' activation is {(int)Activation}; expected one of {string.Join(", ", Enum.GetNames<AdapterActivation>())}.");
    }
}
