using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Stdha;

namespace ZeroI2V.Lab.Reporting;

/// <summary>The methods of the lab and the options that make them and their ablations.</summary>
public static class MethodTables
{
    /// <summary>Every method by name.</summary>
    public static ResultTable Methods() => new()
    {
        Caption = "Methods",
        Synthetic = false,
        Columns = [new("--method", TextAlignment.Left), new("method", TextAlignment.Left), new("what it is", TextAlignment.Left), new("follows", TextAlignment.Left)],
        Rows = [.. AdaptationMethod.All.Select(method => (IReadOnlyList<string>)[method.Key, method.Name, method.Summary, method.Source])],
    };

    /// <summary>Every option of a recogniser that an ablation varies.</summary>
    public static ResultTable Options() => new()
    {
        Caption = "Options of a recogniser",
        Synthetic = false,
        Columns = [new("option", TextAlignment.Left), new("values", TextAlignment.Left), new("what it is", TextAlignment.Left)],
        Rows =
        [
            ["heads", "HeadSplit.Lowest(−1, +1), ByLayer(…)", "time offset of every head, in frames; for all layers or each"],
            ["heads.channels", "0, or a number such as D/24", "channels that each offset is for; 0 for a whole head, D/24 at 12 heads for half a head"],
            ["heads.span", Values<OffsetSpan>(), "offsets over all heads in a row, or in every head (temporal channel shift; give heads.channels)"],
            ["heads.tokens", Values<ShiftedTokens>(), "what is moved: all tokens, or the class token only (token shift)"],
            ["heads.parts", Values<ShiftedParts>(), "keys and values, or queries as well"],
            ["heads.border", Values<BorderRule>(), "what a head sees where its frame is outside the clip"],
            ["adapters", "null, or the options below", "ZeroI2V's adapters"],
            ["adapters.places", Values<AdapterPlaces>(), "which of the four places have one, commas between"],
            ["adapters.bottleneckRatio", "0.25, 0.125, …", "width of the bottleneck as a share of D"],
            ["adapters.scale", "0.5, 1, …", "s"],
            ["adapters.activation", Values<AdapterActivation>(), "what stands between an adapter's layers; GELU cannot be folded"],
            ["adapters.separateQueryKeyValue", "false, true", "one adapter in front of the attention, or one each for queries, keys and values"],
            ["adapters.dropout", "0 … 1", "in training, in the bottleneck"],
            ["temporalEmbedding", "true, false", "a trained vector for each frame"],
            ["tuning", Values<BackboneTuning>(), "what of the image model trains"],
            ["lora", "null, or rank, alpha, targets", "low-rank updates of queries, keys, values"],
            ["stAdapter", "null, or bottleneckRatio, beforeAttention, beforeMlp, kernelFrames, kernelPatches, lastBlocks", "ST-Adapters"],
            ["aim", "null, or bottleneckRatio, scale, timeInput, dropPath", "AIM"],
            ["poolBeforeNorm", "true, false", "the mean over frames before the last norm"],
            ["backbone.resolution", "224, 336, …", "side of the frames; positional embeddings are resized when an image model is loaded"],
        ],
    };

    private static string Values<T>()
        where T : struct, Enum => string.Join(", ", Enum.GetNames<T>());
}
