using System.Globalization;

namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>
/// MicroK400: synthetic clips, after Kinetics-400, whose classes are told by what is seen: an outline with a surface before any plain
/// background, or a scene with any of these objects. What moves and how is drawn anew for every clip and tells nothing. Colours in
/// test never appear in training.
/// </summary>
public static class MicroK400
{
    /// <summary>Frames of a clip.</summary>
    public const int Frames = MicroSsv2.Frames;

    /// <summary>Width and height of a clip in pixels.</summary>
    public const int FrameSize = MicroSsv2.FrameSize;

    private const int Version = 2;
    private const ulong Seed = 20170519;
    private const int Quantizer = 22;
    private const int ClipsPerBatch = 60;

    private static readonly MicroShape[] Shapes = [MicroShape.Star, MicroShape.Heart, MicroShape.House, MicroShape.Arrow, MicroShape.Ring];
    private static readonly MicroTexture[] Textures = [MicroTexture.Plain, MicroTexture.Stripes, MicroTexture.Dots, MicroTexture.Halves];

    // A ring looks the same when turned, so nothing is told to spin.
    private static readonly MicroMotion[] Motions = [.. MicroMotion.All.Where(motion => !motion.Forward.Contains("spin", StringComparison.Ordinal))];

    private static readonly MicroPlace[] Places = Enum.GetValues<MicroPlace>();

    // Classes before this number are told by their objects, the others by their scenes.
    private static readonly int ObjectClasses = Shapes.Length * Textures.Length;

    /// <summary>Class names, such as <c>stripes star</c> or <c>among bricks</c>.</summary>
    public static IReadOnlyList<string> Classes { get; } =
        [.. Shapes.SelectMany(shape => Textures.Select(texture => $"{texture} {shape}".ToLowerInvariant())), .. Places.Select(place => $"among {place}".ToLowerInvariant())];

    /// <summary>Group of each class: its outline, or <c>scene</c>.</summary>
    public static IReadOnlyList<string> ClassGroups { get; } =
        [.. Shapes.SelectMany(shape => Textures.Select(_ => shape.ToString().ToLowerInvariant())), .. Places.Select(_ => "scene")];

    /// <summary>The data set's folder below the data root.</summary>
    public static string Folder(string root, MicroSize size) => Path.Combine(root, $"micro-k400-{size.ToString().ToLowerInvariant()}");

    /// <summary>Makes the data set where it is missing, makes damaged files again, and returns its lists.</summary>
    /// <param name="root">The data root; the data set gets a folder in it.</param>
    /// <param name="size">Which size.</param>
    /// <param name="progress">Told how far the making has come; not told where nothing is to be made.</param>
    /// <param name="cancellationToken">Stops the making; a later call goes on from there.</param>
    public static MicroSplits Ensure(
        string root, MicroSize size, IProgress<MicroProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        string path = Folder(root, size);
        var encoder = new MicroEncoder(FrameSize, Frames, Quantizer);
        (int train, int test) = ClipsPerClass(size);
        string recipe = string.Create(CultureInfo.InvariantCulture,
            $"MicroK400 generator {Version}, seed {Seed}, {train} train and {test} test clips a class, {Frames} frames of {FrameSize}x{FrameSize}, {encoder.Options}");
        MicroManifest manifest = new MicroFolder(path, recipe, encoder).Ensure(
            new MicroPlan
            {
                Name = $"MicroK400 {size.ToString().ToLowerInvariant()} (synthetic)",
                Classes = Classes,
                Splits = [("train", Batches("train", train)), ("test", Batches("test", test))],
            },
            progress,
            cancellationToken);
        return new MicroSplits(List(manifest, path, "train"), List(manifest, path, "test"));
    }

    /// <summary>How many clips a class has in training and in test.</summary>
    internal static (int Train, int Test) ClipsPerClass(MicroSize size) => size switch
    {
        MicroSize.Quick => (3, 2),
        MicroSize.Small => (120, 20),
        MicroSize.Large => (2_400, 240),
        _ => throw new ArgumentOutOfRangeException(nameof(size), size, "There is no such size."),
    };

    /// <summary>The plan of a clip: any motion, run either way, by objects of the class or in its scene.</summary>
    internal static (ScenePlan Plan, bool Backwards) Scene(string split, int label, int clip)
    {
        SceneRandom random = SceneRandom.For(Seed, Version, split == "train" ? 0 : 1, label, clip);
        MicroMotion motion = random.Pick(Motions);
        bool backwards = random.Chance(0.5);
        ObjectRoster colours = split == "train" ? ObjectRoster.Train : ObjectRoster.Test;
        MicroPlace? place = label < ObjectClasses ? null : Places[label - ObjectClasses];
        MicroShape shape = place is null ? Shapes[label / Textures.Length] : random.Pick(Shapes);
        MicroTexture texture = place is null ? Textures[label % Textures.Length] : random.Pick(Textures);
        return (motion.Scene(random, colours.Only(shape, texture), Frames, place), backwards);
    }

    private static IEnumerable<MicroBatch> Batches(string split, int clips) =>
        Enumerable.Range(0, Classes.Count).SelectMany(label => Enumerable.Range(0, clips).Select(clip => (Label: label, Clip: clip)))
            .Chunk(ClipsPerBatch)
            .Select(part => new MicroBatch
            {
                Paths = [.. part.Select(c => string.Create(CultureInfo.InvariantCulture, $"{split}/{Classes[c.Label].Replace(' ', '-')}/{c.Clip:0000}.mp4"))],
                FramesPerFile = Frames,
                Draw = () => [.. part.SelectMany(c => Draw(split, c.Label, c.Clip))],
            });

    private static byte[] Draw(string split, int label, int clip)
    {
        (ScenePlan plan, bool backwards) = Scene(split, label, clip);
        byte[] frames = MicroSsv2.Draw(plan);
        if (!backwards)
            return frames;
        int bytes = frames.Length / Frames;
        return [.. Enumerable.Range(0, Frames).SelectMany(f => frames.AsSpan((Frames - 1 - f) * bytes, bytes).ToArray())];
    }

    private static ClipList List(MicroManifest manifest, string path, string split)
    {
        var labelOf = Classes.Index().ToDictionary(c => c.Item.Replace(' ', '-'), c => c.Index, StringComparer.Ordinal);
        return new ClipList
        {
            Name = $"{manifest.Name} {split}",
            Synthetic = true,
            Classes = Classes,
            ClassGroups = ClassGroups,
            ReversedClass = [.. Classes.Select(_ => -1)],
            Root = path,
            Clips = [.. manifest.Splits[split].Select(file => new ClipRecord
            {
                Path = file.Path, Label = labelOf[file.Path.Split('/')[1]], Frames = file.Frames, Sha256 = file.FramesSha256,
            })],
        };
    }
}
