using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.DataSets;

namespace ZeroI2V.Lab.CommandLine;

/// <summary><c>lab data import</c>, <c>lab data check</c> and <c>lab data few-shot</c>: lists of public data sets.</summary>
internal static class DataImportCommand
{
    private static readonly string[] Keys = ["kinetics400", "ssv2", "ucf101", "hmdb51"];

    public static Command CreateImport()
    {
        var dataSet = new Argument<string>("data-set") { Description = string.Join(", ", Keys) };
        dataSet.AcceptOnlyFromAmong(Keys);
        Option<string> annotations = new("--annotations") { Description = "Folder of the official annotation files.", Required = true };
        Option<string> videos = new("--videos") { Description = "Folder of the videos.", Required = true };
        Option<int> split = new("--split") { Description = "Official split 1, 2 or 3 (UCF101 and HMDB51).", DefaultValueFactory = _ => 1 };
        Option<string?> output = new("--out") { Description = "Folder for the lists; by default a folder below data/ named after the data set." };
        Option<int> least = new("--least-frames") { Description = "Shorter videos are left out.", DefaultValueFactory = _ => 2 };
        Option<bool> thorough = ThoroughOption();
        Option<int> workers = WorkersOption();
        var command = new Command("import", "Reads the official annotations, examines every video, and writes the lists for training and validation.")
        {
            dataSet, annotations, videos, split, output, least, thorough, workers,
        };
        command.SetAction((parsed, token) => Task.Run(
            () =>
            {
                DataSetManifest manifest = DataSetManifest.Find(parsed.GetValue(dataSet)!, parsed.GetValue(split));
                string folder = parsed.GetValue(output) ?? Path.Combine("data", manifest.Id);
                var options = new ImportOptions
                {
                    Manifest = manifest,
                    Annotations = parsed.GetValue(annotations)!,
                    Videos = parsed.GetValue(videos)!,
                    Output = folder,
                    LeastFrames = parsed.GetValue(least),
                    Thorough = parsed.GetValue(thorough),
                    Workers = parsed.GetValue(workers),
                };
                ImportResult result = ProgressLine.Run((ImportProgress made) => made.ToString(), progress => DataImport.Run(options, progress, token));
                Show(result.Problems);
                AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{manifest.Name}: {result.Train.Clips.Count} training and {result.Validation.Clips.Count} validation clips of {result.Train.Classes.Count} classes in {folder}; {result.Examined} videos examined now."));
                if (result.Problems.Count > 0)
                    AnsiConsole.WriteLine($"Every problem: {Path.Combine(folder, ProblemTable.FileName)}");
                return result.Train.Clips.Count > 0 && result.Validation.Clips.Count > 0 ? 0 : 1;
            },
            token));
        return command;
    }

    public static Command CreateCheck()
    {
        var lists = new Argument<string[]>("LIST") { Description = "Lists of clips (JSON).", Arity = ArgumentArity.OneOrMore };
        Option<bool> thorough = ThoroughOption();
        Option<int> workers = WorkersOption();
        var command = new Command("check", "Verifies that the videos of lists are still what the lists say.") { lists, thorough, workers };
        command.SetAction((parsed, token) => Task.Run(
            () =>
            {
                var problems = new List<DataProblem>();
                int clips = 0;
                foreach (ClipList list in parsed.GetValue(lists)!.Select(path => ClipList.Load(path)))
                {
                    clips += list.Clips.Count;
                    problems.AddRange(ProgressLine.Run(
                        (ImportProgress made) => made.ToString(),
                        progress => DataCheck.Run(list, parsed.GetValue(thorough), parsed.GetValue(workers), progress, token)));
                }
                Show(problems);
                AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{clips - problems.Count} of {clips} clips are as listed."));
                return problems.Count == 0 ? 0 : 1;
            },
            token));
        return command;
    }

    public static Command CreateFewShot()
    {
        var list = new Argument<string>("LIST") { Description = "The training list (JSON)." };
        Option<int[]> shots = new("--shots") { Description = "Clips of each class; may come several times.", DefaultValueFactory = _ => [1, 2, 4, 8, 16], AllowMultipleArgumentsPerToken = true };
        Option<long> seed = new("--seed") { Description = "Which draw.", DefaultValueFactory = _ => 0 };
        Option<string?> output = new("--out") { Description = "Folder for the lists; by default the list's own." };
        var command = new Command("few-shot", "Draws the same number of clips of each class and writes them as lists.") { list, shots, seed, output };
        command.SetAction((parsed, token) =>
        {
            string path = parsed.GetValue(list)!;
            ClipList all = ClipList.Load(path);
            string folder = parsed.GetValue(output) ?? Path.GetDirectoryName(Path.GetFullPath(path))!;
            foreach (int shot in parsed.GetValue(shots)!)
            {
                ClipList drawn = FewShot.Draw(all, shot, parsed.GetValue(seed)) with { Videos = Path.GetFullPath(all.Root) };
                string file = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileNameWithoutExtension(path)}-{shot}shot-seed{parsed.GetValue(seed)}.json"));
                drawn.Save(file);
                AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Wrote {file}: {drawn.Clips.Count} clips."));
            }
            return Task.FromResult(0);
        });
        return command;
    }

    /// <summary>One table of what is wrong: how often, and the first few of each kind.</summary>
    private static void Show(IReadOnlyList<DataProblem> problems)
    {
        const int shown = 5;
        if (problems.Count == 0)
            return;
        Table table = new Table().AddColumns("problem", "video or line", "where", "detail");
        foreach (IGrouping<ProblemKind, DataProblem> kind in problems.GroupBy(problem => problem.Kind).OrderBy(kind => kind.Key))
        {
            int count = kind.Count();
            foreach ((int i, DataProblem problem) in kind.Take(shown).Index())
                table.AddRow(i == 0 ? string.Create(CultureInfo.InvariantCulture, $"{kind.Key} ({count})") : "", Markup.Escape(problem.Path), Markup.Escape(problem.Where), Markup.Escape(problem.Detail));
            if (count > shown)
                table.AddRow("", string.Create(CultureInfo.InvariantCulture, $"and {count - shown} more"), "", "");
        }
        AnsiConsole.Write(table);
    }

    private static Option<bool> ThoroughOption() => new("--thorough") { Description = "Decodes every frame, not only the first and the last." };

    private static Option<int> WorkersOption() => new("--workers") { Description = "Videos examined at the same time.", DefaultValueFactory = _ => Environment.ProcessorCount };
}
