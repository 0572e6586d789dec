using System.Globalization;

namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>
/// MicroSSv2: synthetic clips, after Something-Something V2, whose classes differ only in what happens over time. Each
/// class has a time-reversed partner, and every scene is written once in each direction, so whatever can be seen in
/// single frames is the same in both: telling them apart takes the order of frames.
/// </summary>
/// <remarks>
/// Two groups: <c>directional</c> motions have a beginning and an end, <c>cyclic</c> ones start anywhere and vary in
/// speed. Objects in test share neither outline nor colour with those in training.
/// </remarks>
public static class MicroSsv2
{
    /// <summary>Frames of a clip.</summary>
    public const int Frames = 24;

    /// <summary>Width and height of a clip in pixels.</summary>
    public const int FrameSize = 64;

    private const int Version = 3;
    private const ulong Seed = 20240929;
    private const int Quantizer = 22;
    private const int ScenesPerBatch = 30;

    /// <summary>Class names: class 2k is the reverse of class 2k + 1.</summary>
    public static IReadOnlyList<string> Classes { get; } =
        [.. MicroMotion.All.SelectMany(m => (string[])[m.Forward, m.Backward])];

    /// <summary>Group of each class: <c>directional</c> or <c>cyclic</c>.</summary>
    public static IReadOnlyList<string> ClassGroups { get; } =
        [.. MicroMotion.All.SelectMany(m => (string[])[m.Group, m.Group])];

    /// <summary>Index of each class's time-reversed partner.</summary>
    public static IReadOnlyList<int> ReversedClass { get; } = [.. Enumerable.Range(0, Classes.Count).Select(c => c ^ 1)];

    /// <summary>Whether a class's objects come in again on the other side when they go out.</summary>
    /// <param name="label">The class.</param>
    public static bool Wraps(int label) => Classes[label].StartsWith("drifting", StringComparison.Ordinal);

    /// <summary>The data set's folder below the data root.</summary>
    public static string Folder(string root, MicroSize size) =>
        Path.Combine(root, $"micro-ssv2-{size.ToString().ToLowerInvariant()}");

    /// <summary>The ground-truth sidecar of a split (<see cref="MicroTruth.Read"/>).</summary>
    /// <param name="root">The data root.</param>
    /// <param name="size">Which size of the data set.</param>
    /// <param name="split"><c>train</c> or <c>test</c>.</param>
    public static string TruthPath(string root, MicroSize size, string split) =>
        Path.Combine(Folder(root, size), $"truth-{split}.bin");

    /// <summary>
    /// Makes the data set where it is missing, makes damaged files again, and returns its lists.
    /// </summary>
    /// <param name="root">The data root; the data set gets a folder in it.</param>
    /// <param name="size">Which size.</param>
    /// <param name="progress">Told how far the making has come; not told where nothing is to be made.</param>
    /// <param name="cancellationToken">Stops the making; a later call goes on from there.</param>
    public static MicroSplits Ensure(
        string root, MicroSize size, IProgress<MicroProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        string path = Folder(root, size);
        var encoder = new MicroEncoder(FrameSize, Frames, Quantizer);
        (int train, int test) = ScenesPerPair(size);
        string recipe = string.Create(CultureInfo.InvariantCulture,
            $"MicroSSv2 generator {Version}, seed {Seed}, {train} train and {test} test scenes a pair, {Frames} frames of {FrameSize}x{FrameSize}, {encoder.Options}");
        MicroManifest manifest = new MicroFolder(path, recipe, encoder).Ensure(
            new MicroPlan
            {
                Name = $"MicroSSv2 {size.ToString().ToLowerInvariant()} (synthetic)",
                Classes = Classes,
                Splits = [("train", Batches("train", train)), ("test", Batches("test", test))],
                Besides =
                [
                    (TruthPath(root, size, "train"), file => MicroTruth.Write(file, [.. Truth("train", train)], Frames)),
                    (TruthPath(root, size, "test"), file => MicroTruth.Write(file, [.. Truth("test", test)], Frames)),
                ],
            },
            progress,
            cancellationToken);
        return new MicroSplits(List(manifest, path, "train"), List(manifest, path, "test"));
    }

    /// <summary>One synthetic clip, drawn anew at any size and length, without files: frames to try a model on.</summary>
    /// <param name="frames">Its frames.</param>
    /// <param name="size">Width and height in pixels.</param>
    /// <returns>A test scene of the first class.</returns>
    public static FrameStack Example(int frames, int size)
    {
        ScenePlan plan = MicroMotion.All[0].Scene(SceneRandom.For(Seed, Version, 1, 0, 0), ObjectRoster.Test, frames);
        return new FrameStack(new SceneRenderer(size).Draw(plan), frames, size, size);
    }

    /// <summary>How many scenes a pair of classes has in training and in test; each makes two clips.</summary>
    internal static (int Train, int Test) ScenesPerPair(MicroSize size) => size switch
    {
        MicroSize.Quick => (3, 2),
        MicroSize.Small => (240, 30),
        MicroSize.Large => (2_400, 240),
        _ => throw new ArgumentOutOfRangeException(nameof(size), size, "There is no such size."),
    };

    /// <summary>The plan of a scene.</summary>
    internal static ScenePlan Scene(string split, int pair, int scene) =>
        MicroMotion.All[pair].Scene(
            SceneRandom.For(Seed, Version, split == "train" ? 0 : 1, pair, scene),
            split == "train" ? ObjectRoster.Train : ObjectRoster.Test,
            Frames);

    /// <summary>Draws a scene: frames in order, [F, H, W, 3].</summary>
    internal static byte[] Draw(ScenePlan plan) => new SceneRenderer(FrameSize).Draw(plan);

    private static IEnumerable<MicroBatch> Batches(string split, int scenes)
    {
        var all = from pair in Enumerable.Range(0, MicroMotion.All.Count)
                  from scene in Enumerable.Range(0, scenes)
                  select (Pair: pair, Scene: scene);
        return all.Chunk(ScenesPerBatch).Select(part => new MicroBatch
        {
            Paths = [.. part.SelectMany(s => (string[])
                [ClipPath(split, 2 * s.Pair, s.Scene), ClipPath(split, (2 * s.Pair) + 1, s.Scene)])],
            FramesPerFile = Frames,
            Draw = () => DrawBothWays(split, part),
        });
    }

    private static byte[] DrawBothWays(string split, (int Pair, int Scene)[] scenes)
    {
        const int Bytes = FrameSize * FrameSize * 3;
        var renderer = new SceneRenderer(FrameSize);
        var all = new byte[scenes.Length * 2 * Frames * Bytes];
        int at = 0;
        foreach ((int pair, int scene) in scenes)
        {
            byte[] forward = renderer.Draw(Scene(split, pair, scene));
            forward.CopyTo(all, at);
            at += forward.Length;
            for (int frame = Frames - 1; frame >= 0; frame--, at += Bytes)
                Array.Copy(forward, frame * Bytes, all, at, Bytes);
        }
        return all;
    }

    private static IEnumerable<ClipTruth> Truth(string split, int scenes) =>
        from pair in Enumerable.Range(0, MicroMotion.All.Count)
        from scene in Enumerable.Range(0, scenes)
        let plan = Scene(split, pair, scene)
        from way in (int[])[0, 1]
        select MicroTruth.Of(plan, ClipPath(split, (2 * pair) + way, scene), FrameSize, reversed: way == 1);

    private static string ClipPath(string split, int label, int scene) => string.Create(CultureInfo.InvariantCulture,
        $"{split}/{Classes[label].Replace(' ', '-')}/{scene:0000}.mp4");

    private static ClipList List(MicroManifest manifest, string path, string split)
    {
        var labelOf = Classes.Select((name, label) => (Folder: name.Replace(' ', '-'), label))
            .ToDictionary(c => c.Folder, c => c.label, StringComparer.Ordinal);
        return new ClipList
        {
            Name = $"{manifest.Name} {split}",
            Synthetic = true,
            Classes = Classes,
            ClassGroups = ClassGroups,
            ReversedClass = ReversedClass,
            Root = path,
            Clips = [.. manifest.Splits[split].Select(file => new ClipRecord
            {
                Path = file.Path,
                Label = labelOf[file.Path.Split('/')[1]],
                Frames = file.Frames,
                Sha256 = file.FramesSha256,
            })],
        };
    }
}
