using System.Globalization;

namespace ZeroI2V.Lab.GradCam;

/// <summary>A choice among the heads of a layer: all, the spatial ones, the temporal ones, those with one Δt, or a single head.</summary>
public sealed record HeadGroup
{
    private const string OffsetPrefix = "offset", HeadPrefix = "head";

    private readonly Func<int, int, bool> _has;

    private HeadGroup(string name, string title, Func<int, int, bool> has)
    {
        Name = name;
        Title = title;
        _has = has;
    }

    /// <summary>Every head.</summary>
    public static HeadGroup All { get; } = new("all", "all heads", (_, _) => true);

    /// <summary>Heads with Δt = 0.</summary>
    public static HeadGroup Spatial { get; } = new("spatial", "spatial heads", (_, offset) => offset == 0);

    /// <summary>Heads with Δt other than 0.</summary>
    public static HeadGroup Temporal { get; } = new("temporal", "temporal heads", (_, offset) => offset != 0);

    /// <summary>Its name in commands and files, such as <c>temporal</c>, <c>offset-1</c> or <c>head3</c>.</summary>
    public string Name { get; }

    /// <summary>Its name for people.</summary>
    public string Title { get; }

    /// <summary>Heads with one Δt.</summary>
    /// <param name="frames">Δt, in frames.</param>
    public static HeadGroup Offset(int frames) => new(
        string.Create(CultureInfo.InvariantCulture, $"{OffsetPrefix}{frames:+0;-0;0}"),
        string.Create(CultureInfo.InvariantCulture, $"heads of Δt {frames:+0;−0;0}"),
        (_, offset) => offset == frames);

    /// <summary>One head.</summary>
    /// <param name="head">The head, from 0.</param>
    public static HeadGroup Head(int head) => new(
        string.Create(CultureInfo.InvariantCulture, $"{HeadPrefix}{head}"),
        string.Create(CultureInfo.InvariantCulture, $"head {head}"),
        (number, _) => number == head);

    /// <summary>Reads a name.</summary>
    /// <param name="name"><c>all</c>, <c>spatial</c>, <c>temporal</c>, <c>offset-1</c> or <c>head3</c>.</param>
    /// <exception cref="CamException">It is none of these.</exception>
    public static HeadGroup Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach (HeadGroup group in (HeadGroup[])[All, Spatial, Temporal])
        {
            if (group.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return group;
        }
        if (Number(OffsetPrefix, NumberStyles.AllowLeadingSign) is { } frames)
            return Offset(frames);
        return Number(HeadPrefix, NumberStyles.None) is { } head
            ? Head(head)
            : throw new CamException($"There is no head group '{name}'. Write all, spatial, temporal, offset-1 (the heads with that Δt) or head3 (one head).");

        int? Number(string prefix, NumberStyles style) =>
            name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && int.TryParse(name.AsSpan(prefix.Length), style, CultureInfo.InvariantCulture, out int number) ? number : null;
    }

    /// <summary>The groups of a layer: all, and where it has temporal heads, spatial, temporal and each Δt.</summary>
    /// <param name="offsets">Δt of the layer's heads.</param>
    public static IReadOnlyList<HeadGroup> Of(IReadOnlyList<int> offsets)
    {
        ArgumentNullException.ThrowIfNull(offsets);
        var groups = new List<HeadGroup> { All };
        if (offsets.Any(offset => offset != 0))
        {
            if (offsets.Contains(0))
                groups.Add(Spatial);
            groups.Add(Temporal);
            groups.AddRange(offsets.Where(offset => offset != 0).Distinct().Order().Select(Offset));
        }
        return groups;
    }

    /// <summary>The heads that belong to the group.</summary>
    /// <param name="offsets">Δt of the layer's heads.</param>
    /// <returns>Head numbers, lowest first; at least one.</returns>
    /// <exception cref="CamException">The layer has no such head.</exception>
    public IReadOnlyList<int> In(IReadOnlyList<int> offsets)
    {
        int[] heads = Within(offsets);
        return heads.Length > 0
            ? heads
            : throw new CamException($"The layer has no {Title}: the Δt of its {offsets.Count} heads are {string.Join(' ', offsets)}. Choose {string.Join(", ", Of(offsets).Select(group => group.Name))}, or head0 to head{offsets.Count - 1}.");
    }

    /// <summary>The same, and none where there is none.</summary>
    internal int[] Within(IReadOnlyList<int> offsets) => [.. Enumerable.Range(0, offsets.Count).Where(head => _has(head, offsets[head]))];

    /// <inheritdoc/>
    public bool Equals(HeadGroup? other) => Name == other?.Name;

    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Title;
}
