using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.Notebooks;
using ZeroI2V.Lab.Reporting;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.CommandLine;

/// <summary>
/// <c>lab run</c>: the first comparison and its notebook, from nothing. <c>lab first-light</c>: the comparison alone, over
/// several seeds, held against what must come out.
/// </summary>
internal static class FirstLightCommand
{
    private const string Notebook = "notebooks/01-first-light.ipynb";

    public static Command CreateRun()
    {
        Option<MicroSize> size = SizeOption();
        Option<int> seed = new("--seed") { Description = "The seed of all three rows." };
        var command = new Command("run", "Make the synthetic data, train the image model and the three rows, execute the notebook.") { size, seed };
        command.SetAction((parsed, token) => Task.Run(
            async () =>
            {
                var clock = Stopwatch.StartNew();
                FirstLightOptions options = FirstLightOptions.Of(parsed.GetValue(size)) with { Seeds = [parsed.GetValue(seed)] };
                FirstLightReport report = Compare(options, token);
                Print(report);
                int status = await ExecuteNotebookAsync(options, token).ConfigureAwait(false);
                Console.WriteLine(FormattableString.Invariant(
                    $"Done in {clock.Elapsed:m\\:ss}, peak memory {PeakMemory() / 1e9:0.0} GB. Runs: {options.Runs}/first-light/, figures: figures/. For three seeds: ./lab first-light --seeds 3"));
                return status;
            },
            token));
        return command;
    }

    public static Command CreateCompare()
    {
        Option<MicroSize> size = SizeOption();
        Option<int> seeds = new("--seeds") { Description = "How many seeds, from 0.", DefaultValueFactory = _ => 3 };
        seeds.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 100)
                result.AddError($"--seeds is {result.GetValueOrDefault<int>()}; expected 1 to 100.");
        });
        var command = new Command("first-light", "Train the three rows over several seeds and hold the means against what must come out.") { size, seeds };
        command.SetAction((parsed, token) => Task.Run(
            () =>
            {
                FirstLightReport report = Compare(
                    FirstLightOptions.Of(parsed.GetValue(size)) with { Seeds = [.. Enumerable.Range(0, parsed.GetValue(seeds))] }, token);
                Print(report);
                return PrintExpectations(report) ? 0 : 1;
            },
            token));
        return command;
    }

    private static FirstLightReport Compare(FirstLightOptions options, CancellationToken token)
    {
        var line = new ProgressLine();
        var told = new Inline(p =>
        {
            if (!p.Finished)
            {
                line.Report($"{p.Stage}: {p.Detail}");
                return;
            }
            line.Clear();
            AnsiConsole.MarkupLineInterpolated($"[bold]{p.Stage}[/]: {p.Detail}");
        });
        try
        {
            return FirstLight.Run(options, told, token);
        }
        finally
        {
            line.Clear();
        }
    }

    private static void Print(FirstLightReport report)
    {
        EvaluationResult first = report.Runs[0].Result;
        string[] groups = [.. first.Groups.Select(group => group.Name)];
        int seeds = report.Options.Seeds.Count;
        var table = new Table().RoundedBorder().Title($"MicroSSv2 ({ReportText.Synthetic}), {first.Clips} clips of unseen objects{(seeds > 1 ? $", mean ± standard deviation of {seeds} seeds" : "")}");
        table.AddColumn("");
        foreach (string column in (string[])["top-1", "top-5", .. groups.Select(group => $"pair accuracy, {group}"), "pair accuracy, all", "trained values"])
            table.AddColumn(new Spectre.Console.TableColumn(column).RightAligned());
        foreach (FirstLightRow row in FirstLightRow.All)
        {
            EvaluationResult[] results = [.. report.Of(row).Select(run => run.Result)];
            table.AddRow(
            [
                row.Name,
                Spread(results.Select(r => r.Overall.Top1)),
                Spread(results.Select(r => r.Overall.Top5)),
                .. groups.Select(group => Spread(results.Select(r => r.Group(group).PairAccuracy ?? double.NaN))),
                Spread(results.Select(r => r.Overall.PairAccuracy ?? double.NaN)),
                report.Of(row)[0].TrainedParameters.ToString("N0", CultureInfo.InvariantCulture),
            ]);
        }
        AnsiConsole.Write(table);
    }

    private static bool PrintExpectations(FirstLightReport report)
    {
        var table = new Table().RoundedBorder().Title("What must come out").AddColumns("expected", "measured", "");
        IReadOnlyList<Expectation> expectations = report.Expectations();
        foreach (Expectation expectation in expectations)
            table.AddRow(new Text(expectation.Statement), new Text(expectation.Measured), expectation.Holds ? new Markup("[green]holds[/]") : new Markup("[red]does not hold[/]"));
        AnsiConsole.Write(table);
        return expectations.All(expectation => expectation.Holds);
    }

    private static string Spread(IEnumerable<double> values)
    {
        double[] all = [.. values];
        double mean = all.Average();
        return all.Length == 1 ? ReportText.Percent(mean) : ReportText.Percent(mean, Math.Sqrt(all.Sum(v => (v - mean) * (v - mean)) / (all.Length - 1)));
    }

    private static async Task<int> ExecuteNotebookAsync(FirstLightOptions options, CancellationToken token)
    {
        // The notebook that is kept shows its own defaults; another comparison leaves it alone.
        bool asKept = options.Size == MicroSize.Small && options.Seeds is [0];
        var run = asKept ? new NotebookRunOptions() : new NotebookRunOptions
        {
            Parameters = new Dictionary<string, string>
            {
                ["Size"] = options.Size.ToString(),
                ["Seed"] = options.Seeds[0].ToString(CultureInfo.InvariantCulture),
            },
            Output = $"{options.Runs}/notebooks/01-first-light-{options.Size.ToString().ToLowerInvariant()}-seed{options.Seeds[0]}.ipynb",
        };
        return await NotebookCommand.RunAsync(Notebook, run, token).ConfigureAwait(false) ? 0 : 1;
    }

    private static long PeakMemory()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }

    private static Option<MicroSize> SizeOption() => new("--size")
    {
        Description = "quick (seconds; tests the way, shows nothing) or small (minutes).",
        DefaultValueFactory = _ => MicroSize.Small,
    };

    private sealed class Inline(Action<FirstLightProgress> pass) : IProgress<FirstLightProgress>
    {
        public void Report(FirstLightProgress value) => pass(value);
    }
}
