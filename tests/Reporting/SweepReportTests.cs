using System.Text.Json.Nodes;
using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.Reporting;
using ZeroI2V.Lab.Tests.Ablations;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.Tests.Reporting;

public sealed class SweepReportTests : IDisposable
{
    private const string Json = """
        {
          "name": "toy", "question": "Is <b>more</b> better?", "data": ["micro-ssv2"],
          "axes": { "scale": { "0.5": { "recognizer.adapters.scale": 0.5 }, "1": {}, "2": { "recognizer.adapters.scale": 2 } } },
          "baseline": { "scale": "1" }
        }
        """;

    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    /// <summary>A sweep whose runs have made-up numbers: rows 0.5 by noise from the baseline, 2 clear of it, and one run open.</summary>
    private SweepResults Results(out RunStore store)
    {
        store = new RunStore(_root["runs"]);
        SweepPlan plan = SweepPlan.Make(SweepDefinition.Parse(Json, "toy"), MicroSize.Small, 3, SweepDefinitionTests.Source, store);
        double[] top1 = [0.50, 0.62, 0.55, 0.52, 0.60, 0.56, 0.72, 0.80];
        foreach ((SweepRun run, double value) in plan.Runs.Zip(top1))
        {
            RunFolder folder = store.Folder(run.Options);
            folder.Begin(run.Options);
            folder.WriteResult(RunStoreTests.Result(value, pair: value / 2) with { Surroundings = Surroundings.Here(), PeakMemoryBytes = 300_000_000 });
        }
        return SweepResults.Read(store, SweepRecord.Keep(store, plan));
    }

    [Fact]
    public void A_table_says_what_is_noise_and_what_is_missing()
    {
        ResultTable table = SweepTables.Results(Results(out _), "micro-ssv2");
        Assert.Equal(["0.5", "1", "2"], table.Rows.Select(row => row[0]));
        Assert.EndsWith("within noise", table.Rows[0][4], StringComparison.Ordinal);
        Assert.Equal("baseline", table.Rows[1][4]);
        // 20 points at both seeds that the row has: two of ten clips, and two seeds, show nothing.
        Assert.Equal("+20.0 [−43.5, +83.5] within noise", table.Rows[2][4]);
        Assert.Equal("2 of 3", table.Rows[2][1]);
        Assert.Contains("Student's t", table.FullCaption, StringComparison.Ordinal);
        Assert.Contains("synthetic", table.FullCaption, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_has_every_form_and_its_links_lead_to_runs()
    {
        SweepResults results = Results(out _);
        string folder = _root["runs/report"];
        string page = SweepReport.Write([results], folder);

        string[] expected = [".csv", ".html", ".json", ".md", ".png", ".svg", ".tex", "-runs.csv"];
        Assert.All(expected, ending => Assert.True(File.Exists(Path.Combine(folder, "toy-small-micro-ssv2" + ending)), ending));
        Assert.Equal(9, File.ReadLines(Path.Combine(folder, "toy-small-micro-ssv2-runs.csv")).Count());

        JsonNode content = Content(File.ReadAllText(page));
        string[] links = [.. content["tables"]!.AsArray().SelectMany(t => t!["rows"]!.AsArray()).SelectMany(r => r!["runs"]!.AsArray()).Select(r => (string?)r!["link"]).OfType<string>()];
        Assert.Equal(8, links.Length);
        Assert.All(links, link => Assert.True(File.Exists(Path.Combine(folder, Uri.UnescapeDataString(link))), link));
    }

    [Fact]
    public void Nothing_finished_is_nothing_to_report()
    {
        var store = new RunStore(_root["runs"]);
        SweepPlan plan = SweepPlan.Make(SweepDefinition.Parse(Json, "toy"), MicroSize.Small, 1, SweepDefinitionTests.Source, store);
        SweepResults none = SweepResults.Read(store, SweepRecord.Keep(store, plan));
        Assert.Throws<ArgumentException>(() => SweepReport.Write([none], _root["report"]));
        Assert.Contains("0 of 3", SweepTables.Status(none).FullCaption, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_shows_its_tables_and_charts_in_a_browser()
    {
        Assert.SkipWhen(HeadlessBrowser.Missing() is not null, "There is no browser.");
        (string document, string errors) = HeadlessBrowser.Open(SweepReport.Page([Results(out _)], _root["report"]));
        Assert.DoesNotContain("Uncaught", errors, StringComparison.Ordinal);
        Assert.Contains("Is &lt;b&gt;more&lt;/b&gt; better?", document, StringComparison.Ordinal);
        Assert.Contains("3 of 3 rows", document, StringComparison.Ordinal);
        Assert.Contains("class=\"main-svg\"", document, StringComparison.Ordinal);
        Assert.Contains("55.7 ± 6.0", document, StringComparison.Ordinal);
    }

    [Fact]
    public void Latex_and_csv_are_escaped()
    {
        var table = new ResultTable
        {
            Caption = "50 % of R&D_1",
            Synthetic = false,
            Columns = [new("a,b", TextAlignment.Left), new("Δ")],
            Rows = [(string[])["he said \"x\"", "1 ± 2 − 3"]],
        };
        Assert.Equal("\"a,b\",Δ\r\n\"he said \"\"x\"\"\",1 ± 2 − 3\r\n", table.ToCsv());
        string latex = table.ToLatex();
        Assert.Contains("50 \\% of R\\&D\\_1", latex, StringComparison.Ordinal);
        Assert.Contains("he said \"x\" & 1 $\\pm$ 2 $-$ 3 \\\\\n", latex, StringComparison.Ordinal);
        Assert.Contains("{lr}", latex, StringComparison.Ordinal);
    }

    private static JsonNode Content(string page)
    {
        const string Start = "id=\"content\">";
        int from = page.IndexOf(Start, StringComparison.Ordinal) + Start.Length;
        return JsonNode.Parse(page[from..page.IndexOf("</script>", from, StringComparison.Ordinal)])!;
    }
}
