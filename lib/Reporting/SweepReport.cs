using System.Globalization;
using System.Text.Json.Nodes;
using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.Files;
using ZeroI2V.Lab.Training;

namespace ZeroI2V.Lab.Reporting;

/// <summary>
/// Sweeps as files: each table as Markdown, LaTeX, CSV and HTML, each figure as SVG and PNG, the numbers of every run as CSV,
/// and one page with all of it that needs nothing but itself.
/// </summary>
public static class SweepReport
{
    /// <summary>The page.</summary>
    public const string PageName = "index.html";

    /// <summary>Writes the report.</summary>
    /// <param name="sweeps">The sweeps; at least one run of one must be finished.</param>
    /// <param name="folder">The folder, made where it is missing.</param>
    /// <returns>The page's path.</returns>
    /// <exception cref="ArgumentException">There is nothing to report.</exception>
    public static string Write(IReadOnlyList<SweepResults> sweeps, string folder)
    {
        ArgumentNullException.ThrowIfNull(sweeps);
        if (sweeps.Sum(sweep => sweep.Done) == 0)
            throw new ArgumentException("There is no finished run to report. lab sweep status shows what was begun.", nameof(sweeps));
        folder = Path.GetFullPath(folder);
        foreach (SweepResults sweep in sweeps.Where(sweep => sweep.Done > 0))
        {
            foreach (string data in sweep.Rows.Where(row => row.Finished.Count > 0).Select(row => row.Data).Distinct())
                WriteOne(sweep, data, folder);
        }
        string page = Path.Combine(folder, PageName);
        AtomicFile.WriteText(page, Page(sweeps, folder));
        return page;
    }

    /// <summary>The page: tables, charts, a filter, and from every number a link to its run.</summary>
    /// <param name="sweeps">The sweeps.</param>
    /// <param name="folder">Where it will lie, so that links to runs are right.</param>
    public static string Page(IReadOnlyList<SweepResults> sweeps, string folder)
    {
        using Stream? stream = typeof(SweepReport).Assembly.GetManifestResourceStream("SweepReport.html");
        using var reader = new StreamReader(stream ?? throw new InvalidOperationException("The page of the report is not in the program; build the lab again."));
        var data = new JsonObject
        {
            ["made"] = DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
            ["commit"] = Surroundings.Here().Commit,
            ["howToRead"] = SweepTables.HowToRead,
            ["colors"] = new JsonArray([.. Enumerable.Range(0, ReportColors.Count).Select(i => (JsonNode)ReportColors.Of(i))]),
            ["tables"] = new JsonArray([.. sweeps.SelectMany(sweep => sweep.Rows.Select(row => row.Data).Distinct().Select(kind => (JsonNode)Table(sweep, kind, folder)))]),
        };
        return reader.ReadToEnd()
            .Replace("{{LIBRARY}}", PlotlyHtml.LibraryScript(), StringComparison.Ordinal)
            .Replace("{{DATA}}", PlotlyHtml.Script(data.ToJsonString()), StringComparison.Ordinal);
    }

    private static void WriteOne(SweepResults sweep, string data, string folder)
    {
        string name = $"{sweep.Sweep.Name}-{SweepTables.Size(sweep)}-{data}";
        ResultTable table = SweepTables.Results(sweep, data);
        Forms(table, folder, name);
        AtomicFile.WriteText(Path.Combine(folder, name + "-runs.csv"), Runs(sweep, data));
        SweepRow[] rows = [.. sweep.Rows.Where(row => row.Data == data && row.Finished.Count > 0)];
        StoredRun[] runs = [.. rows.SelectMany(row => row.Finished.Values)];
        Provenance provenance = Provenance.Collect(
            sweep.Record.Definition,
            [.. Enumerable.Range(0, sweep.Record.Seeds)],
            [.. runs.Select(run => new DataSource(run.Options!.Data, run.Options.DataSha256, run.Result!.Synthetic)).Distinct()],
            [.. runs.Select(run => run.Name).Distinct()]);
        StaticFigure.Save(StaticCharts.Bars(SweepTables.Bars(sweep, data)), folder, name, sweep.Sweep.Question, provenance, width: Math.Max(760, 92 * rows.Length));
        if (IsByShots(sweep.Sweep))
            StaticFigure.Save(StaticSweepCharts.Curves(ValueCurves.Of(sweep, data)), folder, $"{name}-curves", sweep.Sweep.Question, provenance);
        if (IsOfMethods(sweep.Sweep))
            WriteMethods(MethodComparison.Of(sweep, data, MethodComparison.MeasuredLatency), folder, name, provenance);
    }

    /// <summary>What methods cost beside what they reach.</summary>
    private static void WriteMethods(MethodComparison methods, string folder, string name, Provenance provenance)
    {
        Forms(methods.Table(), folder, $"{name}-costs");
        Forms(MethodComparison.Published(), folder, "published-accuracies");
        (string Name, ParetoChart Chart)[] charts =
            [("trained", methods.ByTrainedParameters()), ("flops", methods.ByFlops()), ("latency", methods.ByLatency()), ("time", methods.ByTrainingTime())];
        foreach ((string kind, ParetoChart chart) in charts)
            StaticFigure.Save(StaticSweepCharts.Pareto(chart), folder, $"{name}-by-{kind}", chart.Title, provenance);
    }

    /// <summary>A table in every form.</summary>
    private static void Forms(ResultTable table, string folder, string name)
    {
        AtomicFile.WriteText(Path.Combine(folder, name + ".md"), table.ToMarkdown());
        AtomicFile.WriteText(Path.Combine(folder, name + ".tex"), table.ToLatex());
        AtomicFile.WriteText(Path.Combine(folder, name + ".csv"), table.ToCsv());
        AtomicFile.WriteText(Path.Combine(folder, name + ".html"), $"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{name}</title></head>\n<body>\n{table.ToHtml()}</body></html>\n");
    }

    private static bool IsOfMethods(SweepDefinition sweep) => sweep.AxisNames() is ["method"];

    private static bool IsByShots(SweepDefinition sweep) => sweep.AxisNames() is [_, "shots"];

    /// <summary>A line for each finished run, numbers as they are.</summary>
    private static string Runs(SweepResults sweep, string data)
    {
        (SweepRow Row, int Seed, StoredRun Run)[] runs = [.. sweep.Rows.Where(row => row.Data == data).SelectMany(row => row.Finished.OrderBy(run => run.Key).Select(run => (row, run.Key, run.Value)))];
        string[] metrics = [.. runs.SelectMany(run => run.Run.Result!.Evaluation.Summary().Keys).Distinct()];
        return new ResultTable
        {
            Caption = sweep.Sweep.Name,
            Synthetic = SweepData.Named(data).IsMade,
            Columns = [.. sweep.Sweep.AxisNames().Concat(["seed", "run", .. metrics, "trainedParameters", "trainingSeconds", "wallSeconds", "peakMemoryBytes", "commit", "synthetic"]).Select(name => new TableColumn(name))],
            Rows = [.. runs.Select(run =>
            {
                IReadOnlyDictionary<string, double> numbers = run.Run.Result!.Evaluation.Summary();
                return (IReadOnlyList<string>)
                [
                    .. run.Row.Values, Text(run.Seed), run.Run.Name, .. metrics.Select(metric => numbers.TryGetValue(metric, out double value) ? Text(value) : ""),
                    Text(run.Run.Result.TrainedParameters), Text(run.Run.Result.TrainingSeconds), Text(run.Run.Result.WallSeconds), Text(run.Run.Result.PeakMemoryBytes),
                    run.Run.Result.Surroundings?.Commit ?? "", run.Run.Result.Synthetic ? "true" : "false",
                ];
            })],
        }.ToCsv();

        static string Text(IFormattable? value) => value?.ToString(null, CultureInfo.InvariantCulture) ?? "";
    }

    private static JsonObject Table(SweepResults sweep, string data, string folder)
    {
        SweepRow[] rows = [.. sweep.Rows.Where(row => row.Data == data)];
        string[] metrics = [.. rows.SelectMany(row => row.Finished.Values).SelectMany(run => run.Result!.Evaluation.Summary().Keys).Distinct()];
        return new JsonObject
        {
            ["sweep"] = sweep.Sweep.Name,
            ["size"] = SweepTables.Size(sweep),
            ["question"] = sweep.Sweep.Question,
            ["note"] = sweep.Sweep.Note,
            ["data"] = SweepData.Named(data).Name,
            ["synthetic"] = rows.SelectMany(row => row.Finished.Values).Any(run => run.Result!.Synthetic),
            ["baseline"] = SweepTables.BaselineName(sweep.Sweep),
            ["axes"] = Strings(sweep.Sweep.AxisNames()),
            ["metrics"] = Strings(metrics),
            ["bands"] = IsByShots(sweep.Sweep),
            ["costs"] = IsOfMethods(sweep.Sweep),
            ["rows"] = new JsonArray([.. rows.Select(row => (JsonNode)new JsonObject
            {
                ["values"] = Strings(row.Values),
                ["isBaseline"] = ReferenceEquals(sweep.BaselineOf(row), row),
                ["numbers"] = Numbers(sweep, row, metrics),
                ["megaflops"] = row.Finished.Count > 0 ? ModelCost.AtInference(row.Finished.Values.First().Options!.Recognizer).Flops / 1e6 : null,
                ["runs"] = new JsonArray([.. row.Seeds.Select(seed => (JsonNode)Run(seed.Run, seed.Stored, metrics, folder))]),
            })]),
        };
    }

    private static JsonObject Numbers(SweepResults sweep, SweepRow row, string[] metrics)
    {
        var all = new JsonObject();
        foreach (string metric in metrics)
        {
            IReadOnlyDictionary<int, double> numbers = row.Numbers(metric);
            if (numbers.Count == 0)
                continue;
            Spread spread = Spread.Of([.. numbers.Values], row.Clips(metric));
            PairedDifference? difference = sweep.BaselineOf(row) is { } baseline && baseline != row ? PairedDifference.Of(numbers, baseline.Numbers(metric), row.Clips(metric)) : null;
            all[metric] = new JsonObject
            {
                ["mean"] = Number(spread.Mean),
                ["deviation"] = Number(spread.StandardDeviation),
                ["half"] = Number(spread.HalfWidth95),
                ["difference"] = difference is { } d ? d.ToString() : null,
                ["withinNoise"] = difference?.IsWithinNoise,
            };
        }
        return all;
    }

    private static JsonObject Run(RecordedRun run, StoredRun? stored, string[] metrics, string folder)
    {
        var node = new JsonObject { ["seed"] = run.Seed, ["name"] = run.Run, ["state"] = (stored?.State.ToString() ?? "Waiting").ToLowerInvariant() };
        if (stored?.Result is not { } result)
            return node;
        node["link"] = string.Join('/', Path.GetRelativePath(folder, new RunFolder(stored.Path).ResultFile).Split(Path.DirectorySeparatorChar).Select(Uri.EscapeDataString));
        IReadOnlyDictionary<string, double> numbers = result.Evaluation.Summary();
        node["numbers"] = new JsonArray([.. metrics.Select(metric => numbers.TryGetValue(metric, out double value) ? (JsonNode?)Number(value) : null)]);
        node["trained"] = result.TrainedParameters;
        node["seconds"] = Number(result.TrainingSeconds);
        node["memory"] = result.PeakMemoryBytes;
        node["commit"] = result.Surroundings?.Commit;
        node["processor"] = result.Surroundings?.Machine.GetValueOrDefault("processor");
        return node;
    }

    private static JsonValue? Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;

    private static JsonArray Strings(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);
}
