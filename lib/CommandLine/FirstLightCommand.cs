using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.Notebooks;
using ZeroI2V.Lab.Reporting;
using ZeroI2V.Lab.Training;
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
        Option<MicroSize> size = SharedOptions.Size();
        Option<int> seed = new("--seed") { Description = "The seed of all three rows." };
        var command = new Command("run", "Make the synthetic data, train the image model and the three rows, execute the notebook.") { size, seed };
        command.SetAction((parsed, token) => Task.Run(
            async () =>
            {
                var clock = Stopwatch.StartNew();
                FirstLightOptions options = FirstLightOptions.Of(parsed.GetValue(size)) with { Seeds = [parsed.GetValue(seed)] };
                FirstLightReport report = Compare(options, token);
                AnsiConsole.Write(TerminalTable.From(FirstLightFigures.Results(report)));
                int status = await ExecuteNotebookAsync(options, token).ConfigureAwait(false);
                Console.WriteLine(FormattableString.Invariant(
                    $"Done in {clock.Elapsed:m\\:ss}, peak memory {(PeakMemory.OfProcess ?? 0) / 1e9:0.0} GB. Runs: {options.Runs}/first-light/, figures: figures/. For three seeds: ./lab first-light --seeds 3"));
                return status;
            },
            token));
        return command;
    }

    public static Command CreateCompare()
    {
        Option<MicroSize> size = SharedOptions.Size();
        Option<int> seeds = new("--seeds") { Description = "How many seeds.", DefaultValueFactory = _ => 3 };
        Option<int> from = new("--from") { Description = "The first seed: so that several processes can share the work." };
        seeds.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 100)
                result.AddError($"--seeds is {result.GetValueOrDefault<int>()}; expected 1 to 100.");
        });
        var command = new Command("first-light", "Train the three rows over several seeds and hold the means against what must come out.") { size, seeds, from };
        command.SetAction((parsed, token) => Task.Run(
            () =>
            {
                FirstLightReport report = Compare(
                    FirstLightOptions.Of(parsed.GetValue(size)) with { Seeds = [.. Enumerable.Range(parsed.GetValue(from), parsed.GetValue(seeds))] }, token);
                AnsiConsole.Write(TerminalTable.From(FirstLightFigures.Results(report)));
                return PrintExpectations(report) ? 0 : 1;
            },
            token));
        return command;
    }

    private static FirstLightReport Compare(FirstLightOptions options, CancellationToken token)
    {
        var line = new ProgressLine();
        var told = new ImmediateProgress<FirstLightProgress>(p =>
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

    private static bool PrintExpectations(FirstLightReport report)
    {
        AnsiConsole.Write(TerminalTable.From(FirstLightFigures.Expectations(report)));
        return report.Expectations().All(expectation => expectation.Holds);
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
}
