using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Stdha;
using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.Ablations;

/// <summary>Puts the offsets of a head split on other heads than the lowest.</summary>
internal static class HeadPlacement
{
    /// <summary>The same offsets on the heads that were chosen.</summary>
    /// <param name="split">Offsets of the lowest heads.</param>
    /// <param name="choice">Which heads take them, the first offset the first head chosen.</param>
    /// <param name="backbone">The image transformer.</param>
    /// <param name="importance">Asked for where the choice needs it.</param>
    /// <param name="seed">Of a random choice.</param>
    /// <exception cref="ArgumentException">The offsets belong to channel ranges, which have no heads.</exception>
    internal static HeadSplit Place(HeadSplit split, HeadChoice choice, VitOptions backbone, Func<HeadImportance> importance, int seed)
    {
        if (choice == HeadChoice.Lowest || split.IsSpatial)
            return split;
        if (!split.IsByHead)
            throw new ArgumentException($"headChoice is {choice}, and the offsets ({split}) belong to no whole heads. Use offsets of whole heads, or leave headChoice out.");
        var layers = new int[backbone.Layers][];
        for (int layer = 0; layer < backbone.Layers; layer++)
        {
            IReadOnlyList<int> offsets = split.LowestByLayer[split.SameInEveryLayer ? 0 : layer];
            int[] order = Order(choice, backbone.Heads, importance, layer, seed);
            layers[layer] = new int[backbone.Heads];
            for (int i = 0; i < offsets.Count; i++)
                layers[layer][order[i]] = offsets[i];
        }
        return HeadSplit.ByLayer(layers) with { Border = split.Border };
    }

    private static int[] Order(HeadChoice choice, int heads, Func<HeadImportance> importance, int layer, int seed)
    {
        int[] all = [.. Enumerable.Range(0, heads)];
        switch (choice)
        {
            case HeadChoice.Highest:
                return [.. all.Reverse()];
            case HeadChoice.Random:
                return SeededDraws.For(seed, layer).Order(heads);
            case HeadChoice.LeastImportant:
                return [.. all.OrderBy(head => importance().Of(layer, head))];
            default:
                return [.. all.OrderByDescending(head => importance().Of(layer, head))];
        }
    }
}
