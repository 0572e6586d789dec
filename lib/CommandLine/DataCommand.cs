using System.CommandLine;
using System.Globalization;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.CommandLine;

/// <summary><c>lab data</c>: imports public data sets, makes the embedded synthetic data, and shows both.</summary>
internal static class DataCommand
{
    private static readonly string[] DataSets = ["micro-ssv2", "micro-images"];

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
        Option<MicroSize> size = SizeOption();
        Option<string> data = DataOption();
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
                    Console.WriteLine(set == "micro-ssv2" ? MakeClips(root, chosen, token) : MakeStills(root, chosen, token));
                }
                return 0;
            },
            token));
        return command;
    }

    private static Command Sheet()
    {
        Argument<string[]> sets = DataSetArgument();
        Option<MicroSize> size = SizeOption();
        Option<string> data = DataOption();
        Option<string> figures = new("--figures")
        {
            Description = "Folder for the pictures.",
            DefaultValueFactory = _ => "figures",
        };
        var command = new Command("sheet", "Draws contact sheets of the embedded data into figures/.")
        {
            sets, size, data, figures,
        };
        command.SetAction((parsed, token) => Task.Run(
            () =>
            {
                foreach (string set in parsed.GetValue(sets)!)
                {
                    string root = parsed.GetValue(data)!;
                    MicroSize chosen = parsed.GetValue(size);
                    string path = Path.Combine(parsed.GetValue(figures)!, set + ".png");
                    if (set == "micro-ssv2")
                        ContactSheet.Clips(MakeClipLists(root, chosen, token), path, token);
                    else
                        ContactSheet.Stills(MakeStillSets(root, chosen, token), path, token);
                    Console.WriteLine($"Wrote {path}");
                }
                return 0;
            },
            token));
        return command;
    }

    private static string MakeClips(string root, MicroSize size, CancellationToken token)
    {
        MicroSplits splits = MakeClipLists(root, size, token);
        return string.Create(CultureInfo.InvariantCulture,
            $"{splits.Train.Name}: {splits.Train.Clips.Count} clips, test {splits.Test.Clips.Count}, {splits.Train.Classes.Count} classes, in {splits.Train.Root}");
    }

    private static string MakeStills(string root, MicroSize size, CancellationToken token)
    {
        StillSplits splits = MakeStillSets(root, size, token);
        return string.Create(CultureInfo.InvariantCulture,
            $"{splits.Train.Name}: {splits.Train.Count} stills, validation {splits.Validation.Count}, {splits.Train.Targets.Count} targets, in {splits.Train.Root}");
    }

    private static MicroSplits MakeClipLists(string root, MicroSize size, CancellationToken token) =>
        ProgressLine.Run((MicroProgress made) => made.ToString(), progress => MicroSsv2.Ensure(root, size, progress, token));

    private static StillSplits MakeStillSets(string root, MicroSize size, CancellationToken token) =>
        ProgressLine.Run((MicroProgress made) => made.ToString(), progress => MicroImages.Ensure(root, size, progress, token));

    private static Argument<string[]> DataSetArgument()
    {
        var argument = new Argument<string[]>("data-set")
        {
            Description = "micro-ssv2 (clips) or micro-images (stills); both where none is named.",
            DefaultValueFactory = _ => DataSets,
            Arity = ArgumentArity.ZeroOrMore,
        };
        argument.AcceptOnlyFromAmong(DataSets);
        return argument;
    }

    private static Option<MicroSize> SizeOption() => new("--size")
    {
        Description = "quick (seconds, for tests) or small (minutes).",
        DefaultValueFactory = _ => MicroSize.Small,
    };

    private static Option<string> DataOption() => new("--data")
    {
        Description = "The data folder.",
        DefaultValueFactory = _ => "data",
    };
}
