namespace ZeroI2V.Lab.Stdha;

/// <summary>How far a list of offsets reaches: over the channels of all heads in a row, or over those of each head.</summary>
public enum OffsetSpan
{
    /// <summary>The lowest heads, or channels, as in STDHA.</summary>
    AcrossHeads,

    /// <summary>The lowest channels of every head: the temporal channel shift ("tcs") of the paper's ablation.</summary>
    InEveryHead,
}

/// <summary>Which tokens of a frame come from another one.</summary>
public enum ShiftedTokens
{
    /// <summary>All.</summary>
    All,

    /// <summary>The class token only: the token shift of the paper's ablation.</summary>
    ClassToken,
}

/// <summary>What of the attention comes from another frame.</summary>
public enum ShiftedParts
{
    /// <summary>Keys and values: frame t asks, frame t + Δt answers.</summary>
    KeysAndValues,

    /// <summary>Queries too: frame t + Δt asks and answers, and frame t gets the result.</summary>
    QueriesKeysAndValues,
}
