using System.Globalization;

namespace ZeroI2V.Lab.VideoData.DataSets;

/// <summary>Few-shot subsets: the same number of clips of each class, drawn by seed. Smaller subsets of a seed are parts of larger
/// ones, so that more shots only add clips. Saved as lists, they can be cited.</summary>
public static class FewShot
{
    /// <summary>Draws K clips of each class.</summary>
    /// <param name="list">The training list.</param>
    /// <param name="shots">K, clips of each class.</param>
    /// <param name="seed">Which draw.</param>
    /// <returns>A list of K clips of each class, class after class.</returns>
    /// <exception cref="ArgumentException">A class has fewer clips; the message names it.</exception>
    public static ClipList Draw(ClipList list, int shots, long seed)
    {
        ArgumentNullException.ThrowIfNull(list);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(shots);
        var chosen = new List<int>();
        ILookup<int, int> byLabel = Enumerable.Range(0, list.Clips.Count).ToLookup(i => list.Clips[i].Label);
        for (int label = 0; label < list.Classes.Count; label++)
        {
            // Ordered by path, so that the draw does not depend on the list's order.
            int[] clips = [.. byLabel[label].OrderBy(i => list.Clips[i].Path, StringComparer.Ordinal)];
            if (clips.Length < shots)
            {
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                    $"{shots} clips of each class were asked for; '{list.Classes[label]}' has {clips.Length} in '{list.Name}'. Ask for fewer."), nameof(shots));
            }
            chosen.AddRange(SeededDraws.For(seed, label).Order(clips.Length).Take(shots).Select(i => clips[i]));
        }
        return list.Subset(string.Create(CultureInfo.InvariantCulture, $"{list.Name}, {shots}-shot, seed {seed}"), chosen);
    }
}
