using System.Globalization;
using System.Text.Json.Serialization;

namespace ZeroI2V.Lab.Stdha;

/// <summary>
/// Spatial-temporal dual-headed attention (STDHA), section 3.2 of the paper: the time offset Δt of every
/// attention head. A head with Δt = 0 is spatial: queries of frame t attend to keys and values of frame t. A
/// temporal head attends to those of frame t + Δt.
/// </summary>
/// <remarks>
/// The official code expresses this by channels: "shift_div = k" moves D/k channels by one frame back and the
/// next D/k forward. Here an offset belongs to a head; the lowest heads are the temporal ones, as there.
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

    /// <summary>True if every layer has the same offsets.</summary>
    [JsonIgnore]
    public bool SameInEveryLayer => LowestByLayer.Count == 1;

    /// <summary>The same offsets in every layer: the lowest heads take these, the rest are spatial.</summary>
    /// <param name="offsets">Δt of head 0, 1, … in frames, such as −1, +1.</param>
    public static HeadSplit Lowest(params int[] offsets) => new([offsets]);

    /// <summary>Offsets of their own for each layer.</summary>
    /// <param name="layers">For each layer, first to last, Δt of head 0, 1, …; shorter lists leave the rest spatial.</param>
    public static HeadSplit ByLayer(params int[][] layers) => new(layers);

    /// <summary>Δt of every head of a layer.</summary>
    /// <param name="layer">The layer, from 0.</param>
    /// <param name="heads">h, its number of heads.</param>
    /// <returns>h offsets in frames.</returns>
    public int[] Offsets(int layer, int heads)
    {
        IReadOnlyList<int> lowest = LowestByLayer[SameInEveryLayer ? 0 : layer];
        var offsets = new int[heads];
        for (int head = 0; head < lowest.Count; head++)
            offsets[head] = lowest[head];
        return offsets;
    }

    /// <summary>Checks the split against a backbone.</summary>
    /// <param name="layers">L, its layers.</param>
    /// <param name="heads">h, its heads.</param>
    /// <exception cref="ArgumentException">It names more layers or heads than there are.</exception>
    public void Validate(int layers, int heads)
    {
        if (!SameInEveryLayer && LowestByLayer.Count != layers)
            throw new ArgumentException($"The head split gives offsets for {LowestByLayer.Count} layers; the backbone has {layers}. Give one list for every layer, or one for all.");
        for (int layer = 0; layer < LowestByLayer.Count; layer++)
            if (LowestByLayer[layer].Count > heads)
                throw new ArgumentException($"The head split gives {LowestByLayer[layer].Count} offsets for layer {layer}; the backbone has {heads} heads. Leave out the surplus.");
        if (!Enum.IsDefined(Border))
            throw new ArgumentException($"The head split's border rule is {(int)Border}; it must be one of {string.Join(", ", Enum.GetNames<BorderRule>())}.");
    }

    /// <inheritdoc/>
    public bool Equals(HeadSplit? other) =>
        other is not null && Border == other.Border && LowestByLayer.Count == other.LowestByLayer.Count && LowestByLayer.Zip(other.LowestByLayer).All(pair => pair.First.SequenceEqual(pair.Second));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Border, LowestByLayer.Count, LowestByLayer.Sum(offsets => offsets.Count));

    /// <summary>Such as <c>−1 +1</c>, <c>spatial</c>, or a list for each layer.</summary>
    public override string ToString()
    {
        string text = string.Join(" | ", LowestByLayer.Select(One));
        return Border == BorderRule.OwnFrame ? text : $"{text}, {Border} at the border";

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
