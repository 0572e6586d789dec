using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;

namespace ZeroI2V.Lab.Stdha;

/// <summary>
/// Spatial-temporal dual-headed attention (STDHA), section 3.2 of the paper: the time offset Δt of every
/// attention head. A head with Δt = 0 is spatial: queries of frame t attend to keys and values of frame t. A
/// temporal head attends to those of frame t + Δt.
/// </summary>
/// <remarks>
/// The official code expresses this by channels: "shift_div = k" moves D/k channels by one frame back and the
/// next D/k forward. Here an offset belongs to a head; the lowest heads are the temporal ones, as there. What else the paper's
/// ablation compares is an option: offsets of channel ranges (<see cref="Channels"/>, half heads among them), of channels in
/// every head (<see cref="Span"/>), of the class token only (<see cref="Tokens"/>), of queries too (<see cref="Parts"/>).
/// </remarks>
public sealed record HeadSplit
{
    /// <summary>Offsets as JSON and <c>with</c> expressions see them.</summary>
    /// <param name="lowestByLayer">
    /// For each layer the offsets of its lowest heads, head 0 first; the remaining heads are spatial. A single
    /// list stands for every layer.
    /// </param>
    /// <param name="border">What a head uses outside the clip.</param>
    /// <exception cref="ArgumentException">No list was given.</exception>
    [JsonConstructor]
    public HeadSplit(IReadOnlyList<IReadOnlyList<int>> lowestByLayer, BorderRule border = BorderRule.OwnFrame)
    {
        ArgumentNullException.ThrowIfNull(lowestByLayer);
        if (lowestByLayer.Count == 0)
            throw new ArgumentException("A head split needs one list of offsets for every layer, or one for all; it got none. Use HeadSplit.Spatial for a model without temporal heads.", nameof(lowestByLayer));
        if (lowestByLayer.Any(offsets => offsets is null))
            throw new ArgumentException("A head split's list of a layer is null. Give an empty list for a layer without temporal heads.", nameof(lowestByLayer));
        LowestByLayer = [.. lowestByLayer.Select(offsets => (IReadOnlyList<int>)[.. offsets])];
        Border = border;
    }

    /// <summary>Every head is spatial: plain attention inside each frame.</summary>
    public static HeadSplit Spatial { get; } = new([[]]);

    /// <summary>For each layer, or once for all, the offsets of the lowest heads in frames.</summary>
    public IReadOnlyList<IReadOnlyList<int>> LowestByLayer { get; }

    /// <summary>What a head uses where t + Δt falls outside the clip.</summary>
    public BorderRule Border { get; init; }

    /// <summary>Channels that each offset is for; 0 for a whole head. D/24 at h = 12 is half a head.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Channels { get; init; }

    /// <summary>Whether the offsets run over all heads in a row or begin anew in each.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public OffsetSpan Span { get; init; }

    /// <summary>Which tokens of a frame are moved.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ShiftedTokens Tokens { get; init; }

    /// <summary>What of the attention is moved.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ShiftedParts Parts { get; init; }

    /// <summary>True if offsets belong to whole heads, and move keys and values of all tokens: STDHA as published.</summary>
    [JsonIgnore]
    public bool IsByHead => Channels == 0 && Span == OffsetSpan.AcrossHeads && Tokens == ShiftedTokens.All && Parts == ShiftedParts.KeysAndValues;

    /// <summary>True if no offset moves anything.</summary>
    [JsonIgnore]
    public bool IsSpatial => LowestByLayer.All(offsets => offsets.All(offset => offset == 0));

    /// <summary>True if every layer has the same offsets.</summary>
    [JsonIgnore]
    public bool SameInEveryLayer => LowestByLayer.Count == 1;

    /// <summary>The same offsets in every layer: the lowest heads take these, the rest are spatial.</summary>
    /// <param name="offsets">Δt of head 0, 1, … in frames, such as −1, +1.</param>
    public static HeadSplit Lowest(params int[] offsets) => new([offsets]);

    /// <summary>Offsets of their own for each layer.</summary>
    /// <param name="layers">For each layer, first to last, Δt of head 0, 1, …; shorter lists leave the rest spatial.</param>
    public static HeadSplit ByLayer(params int[][] layers) => new(layers);

    /// <summary>Offsets of channel ranges, as the official "shift_div" has them: range after range, the rest is spatial.</summary>
    /// <param name="channels">Channels of a range; D/k for shift_div = k.</param>
    /// <param name="offsets">Δt of range 0, 1, … in frames.</param>
    public static HeadSplit ChannelRanges(int channels, params int[] offsets) => new([offsets]) { Channels = channels };

    /// <summary>Temporal channel shift: the lowest channels of every head come from other frames.</summary>
    /// <param name="channels">Channels of a range; d/k in the official ablation.</param>
    /// <param name="offsets">Δt of range 0, 1, … of each head, in frames.</param>
    public static HeadSplit ChannelShift(int channels, params int[] offsets) => new([offsets]) { Channels = channels, Span = OffsetSpan.InEveryHead };

    /// <summary>Token shift: channel ranges of the class token's keys and values come from other frames.</summary>
    /// <param name="channels">Channels of a range; 0 for whole heads.</param>
    /// <param name="offsets">Δt of range 0, 1, … in frames.</param>
    public static HeadSplit TokenShift(int channels, params int[] offsets) => new([offsets]) { Channels = channels, Tokens = ShiftedTokens.ClassToken };

    /// <summary>Δt of every head of a layer.</summary>
    /// <param name="layer">The layer, from 0.</param>
    /// <param name="heads">h, its number of heads.</param>
    /// <returns>h offsets in frames.</returns>
    /// <exception cref="NotSupportedException">Offsets belong to channel ranges, so a head has none of its own.</exception>
    public int[] Offsets(int layer, int heads)
    {
        if (Channels != 0 || Span != OffsetSpan.AcrossHeads)
            throw new NotSupportedException($"The offsets ({this}) belong to channel ranges, so heads have none of their own. Ask for {nameof(ChannelOffsets)}, or use offsets of whole heads.");
        IReadOnlyList<int> lowest = LowestByLayer[SameInEveryLayer ? 0 : layer];
        var offsets = new int[heads];
        for (int head = 0; head < lowest.Count; head++)
            offsets[head] = lowest[head];
        return offsets;
    }

    /// <summary>Δt of every channel of a layer's queries, keys and values.</summary>
    /// <param name="layer">The layer, from 0.</param>
    /// <param name="heads">h, its number of heads.</param>
    /// <param name="width">D, its channels; channel c belongs to head c/d.</param>
    /// <returns>D offsets in frames.</returns>
    public int[] ChannelOffsets(int layer, int heads, int width)
    {
        IReadOnlyList<int> lowest = LowestByLayer[SameInEveryLayer ? 0 : layer];
        int head = width / heads, range = Channels > 0 ? Channels : head, row = Span == OffsetSpan.InEveryHead ? head : width;
        var offsets = new int[width];
        for (int channel = 0; channel < width; channel++)
        {
            int place = channel % row / range;
            offsets[channel] = place < lowest.Count ? lowest[place] : 0;
        }
        return offsets;
    }

    /// <summary>Checks the split against a backbone.</summary>
    /// <param name="layers">L, its layers.</param>
    /// <param name="heads">h, its heads.</param>
    /// <param name="width">D, its channels.</param>
    /// <exception cref="ArgumentException">It names more layers, heads or channels than there are.</exception>
    public void Validate(int layers, int heads, int width)
    {
        if (!SameInEveryLayer && LowestByLayer.Count != layers)
            throw new ArgumentException($"The head split gives offsets for {LowestByLayer.Count} layers; the backbone has {layers}. Give one list for every layer, or one for all.");
        if (Channels < 0 || (Span == OffsetSpan.InEveryHead && Channels == 0))
            throw new ArgumentException($"The head split's {nameof(Channels)} is {Channels}; expected {(Span == OffsetSpan.InEveryHead ? "the channels of a range inside a head" : "0 (whole heads) or the channels of a range")}.");
        int row = Span == OffsetSpan.InEveryHead ? width / heads : width;
        for (int layer = 0; layer < LowestByLayer.Count; layer++)
        {
            int count = LowestByLayer[layer].Count;
            if (Channels == 0 && count > heads)
                throw new ArgumentException($"The head split gives {count} offsets for layer {layer}; the backbone has {heads} heads. Leave out the surplus.");
            if ((long)count * Channels > row)
                throw new ArgumentException($"The head split gives {count} offsets of {Channels} channels for layer {layer}; {(Span == OffsetSpan.InEveryHead ? "a head" : "the backbone")} has {row} channels. Leave out the surplus, or take fewer channels.");
        }
        if (!Enum.IsDefined(Border))
            throw new ArgumentException($"The head split's border rule is {(int)Border}; it must be one of {string.Join(", ", Enum.GetNames<BorderRule>())}.");
        if (!Enum.IsDefined(Span) || !Enum.IsDefined(Tokens) || !Enum.IsDefined(Parts))
            throw new ArgumentException($"The head split's {nameof(Span)}, {nameof(Tokens)} and {nameof(Parts)} are {Span}, {Tokens} and {Parts}; see {nameof(OffsetSpan)}, {nameof(ShiftedTokens)} and {nameof(ShiftedParts)} for what there is.");
    }

    /// <inheritdoc/>
    public bool Equals(HeadSplit? other) =>
        other is not null && (Border, Channels, Span, Tokens, Parts) == (other.Border, other.Channels, other.Span, other.Tokens, other.Parts) && LowestByLayer.Count == other.LowestByLayer.Count && LowestByLayer.Zip(other.LowestByLayer).All(pair => pair.First.SequenceEqual(pair.Second));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Border, Channels, Span, Tokens, Parts, LowestByLayer.Count, LowestByLayer.Sum(offsets => offsets.Count));

    /// <summary>Such as <c>−1 +1</c>, <c>spatial</c>, or a list for each layer.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(string.Join(" | ", LowestByLayer.Select(One)));
        if (Channels > 0)
            text.Append(CultureInfo.InvariantCulture, $" × {Channels} channels{(Span == OffsetSpan.InEveryHead ? " in every head" : "")}");
        if (Tokens == ShiftedTokens.ClassToken)
            text.Append(" of the class token");
        if (Parts == ShiftedParts.QueriesKeysAndValues)
            text.Append(", queries too");
        if (Border != BorderRule.OwnFrame)
            text.Append(CultureInfo.InvariantCulture, $", {Border} at the border");
        return text.ToString();

        static string One(IReadOnlyList<int> offsets) => offsets.All(offset => offset == 0)
            ? "spatial"
            : string.Join(' ', offsets.Select(offset => offset switch
            {
                < 0 => "−" + (-(long)offset).ToString(CultureInfo.InvariantCulture),
                0 => "0",
                _ => "+" + offset.ToString(CultureInfo.InvariantCulture),
            }));
    }
}
