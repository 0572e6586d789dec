using System.CommandLine;
using System.Globalization;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.DataSets;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.CommandLine;

/// <summary><c>lab data</c>: imports public data sets, makes the embedded synthetic data, and shows both.</summary>
internal static class DataCommand
{
    private static readonly string[] DataSets = ["micro-ssv2", "micro-k400", "micro-images"];

    public static Command Create()
    {
        var command = new Command("data", "Imports, makes, checks and shows data sets.");
        command.Subcommands.Add(DataImportCommand.CreateImport());
        command.Subcommands.Add(DataImportCommand.CreateCheck());
        command.Subcommands.Add(DataImportCommand.CreateFewShot());
        command.Subcommands.Add(Make());
        command.Subcommands.Add(Sheet());
        return command;
    }

    private static Command Make()
    {
        Argument<string[]> sets = DataSetArgument();
        Option<MicroSize> size = SharedOptions.Size();
        Option<string> data = SharedOptions.Data();
        var command = new Command("make", "Makes the embedded synthetic data; what is there and whole is kept.")
        {
            sets, size, data,
        };
        command.SetAction((parsed, token) => Task.Run(
            () =>
            {
                foreach (string set in parsed.GetValue(sets)!)
                {
                    string root = parsed.GetValue(data)!;
                    MicroSize chosen = parsed.GetValue(size);
                    Console.WriteLine(set == "micro-images" ? MakeStills(root, chosen, token) : MakeClips(set, root, chosen, token));
                }
                return 0;
            },
            token));
        return command;
    }

    private static Command Sheet()
    {
        var what = new Argument<string[]>("what")
        {
            Description = $"{string.Join(", ", DataSets)}, or lists of clips (JSON); the synthetic sets where nothing is named.",
            DefaultValueFactory = _ => DataSets,
            Arity = ArgumentArity.ZeroOrMore,
        };
        Option<MicroSize> size = SharedOptions.Size();
        Option<string> data = SharedOptions.Data();
        Option<string> figures = new("--figures")
        {
            Description = "Folder for the pictures.",
            DefaultValueFactory = _ => "figures",
        };
        Option<string?> recipe = new("--recipe") { Description = "For a list: what is seen of it, such as ssv2 or ssv2/vit-b-16-u16; by default whole frames." };
        Option<int> clips = new("--clips") { Description = "For a list: clips shown.", DefaultValueFactory = _ => 6 };
        var command = new Command("sheet", "Draws contact sheets of the synthetic data, or of what training sees of a list, into figures/.")
        {
            what, size, data, figures, recipe, clips,
        };
        command.SetAction((parsed, token) => Task.Run(
            () =>
            {
                foreach (string set in parsed.GetValue(what)!)
                {
                    string root = parsed.GetValue(data)!;
                    MicroSize chosen = parsed.GetValue(size);
                    bool isList = !DataSets.Contains(set);
                    string path = Path.Combine(parsed.GetValue(figures)!, isList ? $"{Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(set)))}-{Path.GetFileNameWithoutExtension(set)}.png" : set + ".png");
                    if (isList)
                    {
                        ClipList list = ClipList.Load(set);
                        (ClipView training, ClipView test) = Seen(parsed.GetValue(recipe), list);
                        TrainingSheet.Draw(list, training, test, path, parsed.GetValue(clips));
                    }
                    else if (set == "micro-images")
                    {
                        ContactSheet.Stills(MakeStillSets(root, chosen, token), path, token);
                    }
                    else if (set == "micro-k400")
                    {
                        ContactSheet.Clips(MakeClipLists(set, root, chosen, token), path, "MicroK400 (synthetic)", "in test: unseen hues", token);
                    }
                    else
                    {
                        ContactSheet.Clips(MakeClipLists(set, root, chosen, token), path, cancellationToken: token);
                    }
                    Console.WriteLine($"Wrote {path}");
                }
                return 0;
            },
            token));
        return command;
    }

    /// <summary>What a recipe sees of a list in training and in test.</summary>
    private static (ClipView Training, ClipView Test) Seen(string? recipe, ClipList list)
    {
        if (recipe is null)
        {
            var whole = new ClipView(new FrameSampling { Frames = 8 }, ClipTransform.None);
            return (whole, whole);
        }
        string[] parts = recipe.Split('/', 2);
        DataSetManifest manifest = DataSetManifest.Find(parts[0]);
        RunViews views = PaperRecipe.Views(manifest, manifest.Recipe(parts.Length > 1 ? parts[1] : null), list);
        return (views.Training, views.Test);
    }

    private static string MakeClips(string set, string root, MicroSize size, CancellationToken token)
    {
        MicroSplits splits = MakeClipLists(set, root, size, token);
        return string.Create(CultureInfo.InvariantCulture,
            $"{splits.Train.Name}: {splits.Train.Clips.Count} clips, test {splits.Test.Clips.Count}, {splits.Train.Classes.Count} classes, in {splits.Train.Root}");
    }

    private static string MakeStills(string root, MicroSize size, CancellationToken token)
    {
        StillSplits splits = MakeStillSets(root, size, token);
        return string.Create(CultureInfo.InvariantCulture,
            $"{splits.Train.Name}: {splits.Train.Count} stills, validation {splits.Validation.Count}, {splits.Train.Targets.Count} targets, in {splits.Train.Root}");
    }

    private static MicroSplits MakeClipLists(string set, string root, MicroSize size, CancellationToken token) =>
        ProgressLine.Run(
            (MicroProgress made) => made.ToString(),
            progress => set == "micro-k400" ? MicroK400.Ensure(root, size, progress, token) : MicroSsv2.Ensure(root, size, progress, token));

    private static StillSplits MakeStillSets(string root, MicroSize size, CancellationToken token) =>
        ProgressLine.Run((MicroProgress made) => made.ToString(), progress => MicroImages.Ensure(root, size, progress, token));

    private static Argument<string[]> DataSetArgument()
    {
        var argument = new Argument<string[]>("data-set")
        {
            Description = "micro-ssv2, micro-k400 (clips) or micro-images (stills); all where none is named.",
            DefaultValueFactory = _ => DataSets,
            Arity = ArgumentArity.ZeroOrMore,
        };
        argument.AcceptOnlyFromAmong(DataSets);
        return argument;
    }
}
