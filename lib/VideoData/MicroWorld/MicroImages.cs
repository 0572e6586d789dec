using System.Globalization;

namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>
/// MicroImages: synthetic still images of the world that MicroSSv2 films, with several labels each, for the training of
/// the image model that is then frozen. They show training objects only.
/// </summary>
public static class MicroImages
{
    /// <summary>Width and height of a still in pixels.</summary>
    public const int FrameSize = MicroSsv2.FrameSize;

    private const int Version = 3;
    private const ulong Seed = 20231002;
    private const int Quantizer = 22;

    /// <summary>What is asked of each still.</summary>
    public static IReadOnlyList<StillTarget> Targets => StillScene.Targets;

    /// <summary>The data set's folder below the data root.</summary>
    public static string Folder(string root, MicroSize size) =>
        Path.Combine(root, $"micro-images-{size.ToString().ToLowerInvariant()}");

    /// <summary>Makes the stills where they are missing, makes damaged albums again, and returns the two sets.</summary>
    /// <param name="root">The data root; the data set gets a folder in it.</param>
    /// <param name="size">Which size.</param>
    /// <param name="progress">Told how far the making has come; not told where nothing is to be made.</param>
    /// <param name="cancellationToken">Stops the making; a later call goes on from there.</param>
    public static StillSplits Ensure(
        string root, MicroSize size, IProgress<MicroProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        string path = Folder(root, size);
        var encoder = new MicroEncoder(FrameSize, keyFrameEvery: 1, Quantizer);
        (int train, int validation, int album) = Counts(size);
        string recipe = string.Create(CultureInfo.InvariantCulture,
            $"MicroImages generator {Version}, seed {Seed}, {train} train and {validation} validation stills of {FrameSize}x{FrameSize} in albums of {album}, {encoder.Options}");
        MicroManifest manifest = new MicroFolder(path, recipe, encoder).Ensure(
            new MicroPlan
            {
                Name = $"MicroImages {size.ToString().ToLowerInvariant()} (synthetic)",
                Classes = [.. Targets.Select(t => t.Name)],
                Splits = [("train", Batches("train", train, album)), ("validation", Batches("validation", validation, album))],
            },
            progress,
            cancellationToken);
        return new StillSplits(Set(manifest, path, "train"), Set(manifest, path, "validation"));
    }

    /// <summary>Stills in training and validation, and in an album.</summary>
    internal static (int Train, int Validation, int Album) Counts(MicroSize size) => size switch
    {
        MicroSize.Quick => (200, 50, 50),
        MicroSize.Small => (24_000, 2_000, 250),
        MicroSize.Large => (240_000, 4_000, 250),
        _ => throw new ArgumentOutOfRangeException(nameof(size), size, "There is no such size."),
    };

    /// <summary>Plan and labels of a still.</summary>
    internal static (ScenePlan Plan, int[] Labels) Still(string split, int still) =>
        StillScene.Draw(SceneRandom.For(Seed, Version, split == "train" ? 0 : 1, still));

    private static IEnumerable<MicroBatch> Batches(string split, int stills, int album)
    {
        for (int start = 0; start < stills; start += album)
        {
            int first = start;
            yield return new MicroBatch
            {
                Paths = [string.Create(CultureInfo.InvariantCulture, $"{split}/{start / album:0000}.mp4")],
                FramesPerFile = album,
                Draw = () =>
                {
                    const int Bytes = FrameSize * FrameSize * 3;
                    var renderer = new SceneRenderer(FrameSize);
                    var all = new byte[album * Bytes];
                    for (int i = 0; i < album; i++)
                        renderer.Draw(Still(split, first + i).Plan).CopyTo(all, i * Bytes);
                    return all;
                },
            };
        }
    }

    /// <summary>The labels are worked out from the seed: planning a still takes microseconds, drawing it is what costs.</summary>
    private static StillSet Set(MicroManifest manifest, string path, string split) => new()
    {
        Name = $"{manifest.Name} {split}",
        Synthetic = true,
        Root = path,
        Albums = manifest.Splits[split],
        Targets = Targets,
        Labels = [.. Enumerable.Range(0, manifest.Splits[split].Sum(a => a.Frames)).AsParallel().AsOrdered()
            .Select(i => Still(split, i).Labels)],
    };
}
