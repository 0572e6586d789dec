using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.Files;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.DataSets;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.Ablations;

/// <summary>A public data set, opened: its imported lists, the paper's recipe for it, and an image model that fits the recipe.</summary>
public sealed class PublicDataSet
{
    private const int QuickTrainingClips = 4, QuickTestClips = 1, LookedFor = 16;

    private PublicDataSet(DataSetManifest manifest, DataRecipe recipe, VideoRunData clips, PretrainedImageModel image, IReadOnlyList<string> settings) =>
        (Manifest, Recipe, Clips, Image, Settings) = (manifest, recipe, clips, image, settings);

    /// <summary>The data set.</summary>
    public DataSetManifest Manifest { get; }

    /// <summary>The recipe.</summary>
    public DataRecipe Recipe { get; }

    /// <summary>Its lists; frames are read from the files when they are needed.</summary>
    public VideoRunData Clips { get; }

    /// <summary>The image model.</summary>
    public PretrainedImageModel Image { get; }

    /// <summary>What differs from the recipe.</summary>
    public IReadOnlyList<string> Settings { get; }

    /// <summary>The manifest of a data set's name.</summary>
    /// <param name="name">Such as <c>ssv2</c> or <c>ucf101-split2</c>.</param>
    /// <exception cref="ArgumentException">There is none; the message lists what there is.</exception>
    public static DataSetManifest ManifestOf(string name) => DataSetManifest.All().FirstOrDefault(manifest => manifest.Id == name) ?? DataSetManifest.Find(name, split: 1);

    /// <summary>Opens a data set.</summary>
    /// <param name="choice">Which, and the image model.</param>
    /// <param name="data">The folder of data sets.</param>
    /// <param name="size">All of it, or quick: a handful of clips of each class, to see that everything runs.</param>
    /// <exception cref="ArgumentException">There is no such data set, recipe, image model or size, a setting is not known, or the image model does not fit the recipe.</exception>
    /// <exception cref="IOException">The data set was not imported, or its videos are not where they were.</exception>
    public static PublicDataSet Open(DataSetChoice choice, string data, MicroSize size = MicroSize.Small)
    {
        ArgumentNullException.ThrowIfNull(choice);
        DataSetManifest manifest = ManifestOf(choice.DataSet);
        if (size == MicroSize.Large)
            throw new ArgumentException($"The size large is one of the lab's own data; {manifest.Name} is taken whole where no size is given, or quick.", nameof(size));
        DataRecipe recipe = manifest.Recipe(choice.Recipe.Length == 0 ? null : choice.Recipe);
        ClipList train = PaperRecipe.List(data, manifest, DataImport.TrainList), test = PaperRecipe.List(data, manifest, DataImport.ValidationList);
        RequireVideos(train, manifest);
        RequireVideos(test, manifest);
        if (size == MicroSize.Quick)
            (train, test) = (Few(train, QuickTrainingClips), Few(test, QuickTestClips));
        if (!File.Exists(choice.ImageModel))
            throw new ArgumentException($"{manifest.Name} needs an image model, such as CLIP's ViT-B-16.pt; found {(choice.ImageModel.Length == 0 ? "none" : $"no file '{choice.ImageModel}'")}. Give the path of its file.", nameof(choice));
        var image = new PretrainedImageModel(choice.ImageModel, FileHash.Sha256(choice.ImageModel), Reused: true, new Dictionary<string, double>(), Seconds: 0);
        var opened = new PublicDataSet(manifest, recipe, VideoRunData.OnDemand(train, test), image, choice.Settings);
        opened.RequireFit();
        return opened;
    }

    /// <summary>The run by the recipe, with what differs from it.</summary>
    /// <param name="clips">The clips: all, or some of them.</param>
    /// <param name="seed">The run's seed.</param>
    public VideoRunOptions Run(VideoRunData clips, int seed) => RunJson.With(PaperRecipe.Run(Manifest, Recipe, clips, Image.Sha256, seed), Settings);

    /// <summary>The same of a method.</summary>
    /// <param name="clips">The clips.</param>
    /// <param name="method">ZeroI2V or a peer.</param>
    /// <param name="seed">The run's seed.</param>
    public VideoRunOptions Run(VideoRunData clips, AdaptationMethod method, int seed)
    {
        ArgumentNullException.ThrowIfNull(method);
        VideoRunOptions run = Run(clips, seed);
        return run with
        {
            Recognizer = method.Apply(run.Recognizer),
            Training = run.Training with { LearningRate = run.Training.LearningRate * method.LearningRateShare },
        };
    }

    private void RequireFit()
    {
        VitOptions asked = Run(Clips, seed: 0).Recognizer.Backbone, found = ThreeFrames.SizesOf(Image.Path);
        if (Sizes(asked) == Sizes(found))
            return;
        string[] others = [.. Manifest.Recipes.Where(other => other != Recipe && Sizes(PaperRecipe.Recognizer(other).Backbone) == Sizes(found)).Select(other => other.Name)];
        throw new ArgumentException(
            $"The recipe {Recipe.Name} of {Manifest.Name} is for an image model of {Words(asked)}; '{Image.Path}' has {Words(found)}. "
            + (others.Length > 0 ? $"Take the recipe {string.Join(" or ", others)}, or another image model." : "Take another image model, or set recognizer.backbone.width, layers, heads, patchSize, … to its sizes."));

        static (int, int, int, int) Sizes(VitOptions vit) => (vit.Width, vit.Layers, vit.Heads, vit.PatchSize);
        static string Words(VitOptions vit) => FormattableString.Invariant($"{vit.Width} channels, {vit.Layers} layers, {vit.Heads} heads and patches of {vit.PatchSize} pixels");
    }

    /// <summary>Single videos may be missing, and runs then skip them; a folder that was moved has none.</summary>
    private static void RequireVideos(ClipList list, DataSetManifest manifest)
    {
        if (list.Clips.Count == 0)
            throw new InvalidDataException($"The list '{list.Name}' of {manifest.Name} has no clips. Import the data set again: lab data import {manifest.Key}.");
        int step = Math.Max(1, list.Clips.Count / LookedFor);
        for (int i = 0; i < list.Clips.Count; i += step)
        {
            if (File.Exists(list.FullPath(list.Clips[i])))
                return;
        }
        throw new FileNotFoundException($"None of the videos of '{list.Name}' that were looked for is there, such as '{list.FullPath(list.Clips[0])}'. Put them back, or import the data set again with their new folder: lab data import {manifest.Key}.");
    }

    private static ClipList Few(ClipList list, int most) => list.Subset(
        $"{list.Name}, quick",
        [.. Enumerable.Range(0, list.Clips.Count).GroupBy(i => list.Clips[i].Label).OrderBy(label => label.Key).SelectMany(label => label.OrderBy(i => list.Clips[i].Path, StringComparer.Ordinal).Take(most))]);
}
