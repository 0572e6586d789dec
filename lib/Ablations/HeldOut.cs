using System.Globalization;
using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.Ablations;

/// <summary>A part of the training clips to choose by, so that test clips are seen only once, by what was chosen.</summary>
internal static class HeldOut
{
    /// <summary>Splits every class in the same proportion; always the same way.</summary>
    /// <param name="list">The training list.</param>
    /// <param name="share">The share that is held out, in (0, 1); at least one clip of each class, and not all.</param>
    /// <exception cref="ArgumentException">A class has fewer than two clips.</exception>
    internal static (ClipList Kept, ClipList Held) Split(ClipList list, double share)
    {
        var held = new HashSet<int>();
        ILookup<int, int> byLabel = Enumerable.Range(0, list.Clips.Count).ToLookup(i => list.Clips[i].Label);
        for (int label = 0; label < list.Classes.Count; label++)
        {
            // Ordered by path, so that the draw does not depend on the list's order.
            int[] clips = [.. byLabel[label].OrderBy(i => list.Clips[i].Path, StringComparer.Ordinal)];
            if (clips.Length < 2)
                throw new ArgumentException($"Holding clips out needs at least 2 of each class; '{list.Classes[label]}' has {clips.Length} in '{list.Name}'.", nameof(list));
            int count = Math.Clamp((int)Math.Round(share * clips.Length), 1, clips.Length - 1);
            held.UnionWith(SeededDraws.For(0, label).Order(clips.Length).Take(count).Select(i => clips[i]));
        }
        string percent = (100 * share).ToString("0.#", CultureInfo.InvariantCulture);
        return (
            list.Subset($"{list.Name} without {percent} %", [.. Enumerable.Range(0, list.Clips.Count).Where(i => !held.Contains(i))]),
            list.Subset($"{percent} % of {list.Name}", [.. Enumerable.Range(0, list.Clips.Count).Where(held.Contains)]));
    }
}
