using System.Numerics;

namespace ZeroI2V.Lab.Adapters;

/// <summary>Which projections of the attention have a low-rank update.</summary>
[Flags]
public enum LoraTargets
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>W_q.</summary>
    Queries = 1,

    /// <summary>W_k.</summary>
    Keys = 2,

    /// <summary>W_v.</summary>
    Values = 4,
}

/// <summary>
/// LoRA ("LoRA: Low-Rank Adaptation of Large Language Models", Hu et al., ICLR 2022): W + (α/r)·B·A with A: D → r and B: r → D,
/// on queries and values as its section 4.2 does. It is linear, so it folds like ZeroI2V's adapters.
/// </summary>
public sealed record LoraOptions
{
    /// <summary>r.</summary>
    public int Rank { get; init; } = 8;

    /// <summary>α; the update is scaled by α/r.</summary>
    public double Alpha { get; init; } = 8;

    /// <summary>Which projections.</summary>
    public LoraTargets Targets { get; init; } = LoraTargets.Queries | LoraTargets.Values;

    /// <summary>α/r.</summary>
    internal double Scale => Alpha / Rank;

    /// <summary>How many projections.</summary>
    internal int Count => BitOperations.PopCount((uint)Targets);

    /// <summary>Checks the options against a backbone's width.</summary>
    /// <param name="width">D.</param>
    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    public void Validate(int width)
    {
        if (Rank < 1 || Rank > width)
            throw new ArgumentException($"LoRA's {nameof(Rank)} is {Rank}; expected 1 to the width, {width}.");
        if (!double.IsFinite(Alpha))
            throw new ArgumentException($"LoRA's {nameof(Alpha)} is {Alpha}; expected a finite number such as the rank.");
        if (Targets == LoraTargets.None || (Targets & ~(LoraTargets.Queries | LoraTargets.Keys | LoraTargets.Values)) != 0)
            throw new ArgumentException($"LoRA's {nameof(Targets)} are {(int)Targets}; expected one or more of {nameof(LoraTargets.Queries)}, {nameof(LoraTargets.Keys)} and {nameof(LoraTargets.Values)}.");
    }
}
