using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using ScottPlot;
using ZeroI2V.Lab.Reporting;

namespace ZeroI2V.Lab.Tests.Reporting;

public sealed class StaticFigureTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("figures-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void A_figure_is_saved_as_svg_and_png_with_what_it_was_made_from()
    {
        SkipUnlessRasterizer();
        Provenance provenance = Provenance.Collect(
            new { Width = 64, Rate = 0.5 }, [1, 2], [new DataSource("MicroSSv2", "ab12", Synthetic: true)], ["run-1"], RepositoryRoot.Path);
        using Plot plot = StaticCharts.Bars(InteractiveChartsTests.Results);

        SavedFigure figure = StaticFigure.Save(plot, folder.FullName, "first-light", "Pair accuracy", provenance, 600, 400);

        Assert.Equal((1200, 800), PngHeader.Size(File.ReadAllBytes(figure.Png)));
        Assert.Equal("600", (string?)XElement.Load(figure.Svg).Attribute("width"));
        JsonNode sidecar = JsonNode.Parse(File.ReadAllText(figure.Sidecar))!;
        Assert.True((bool?)sidecar["synthetic"]);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(figure.Png))), (string?)sidecar["files"]!["first-light.png"]);
        JsonNode origin = sidecar["provenance"]!;
        Assert.Equal(64, (int?)origin["options"]!["width"]);
        Assert.Equal([1, 2], origin["seeds"]!.AsArray().Select(seed => (int)seed!));
        Assert.Equal("ab12", (string?)origin["data"]![0]!["sha256"]);
        Assert.Equal("run-1", (string?)origin["runs"]![0]);
        Assert.NotNull((string?)origin["versions"]!["ScottPlot"]);
        Assert.NotNull((string?)origin["machine"]!["processor"]);
        Assert.InRange((DateTime)origin["time"]!, DateTime.UtcNow.AddMinutes(-5), DateTime.UtcNow.AddMinutes(5));
        Assert.Empty(folder.GetFiles("*.tmp"));
        Assert.Equal(1, plot.ScaleFactor);
    }

    [Fact]
    public void The_commit_is_the_repositorys_and_none_outside_one()
    {
        Provenance inside = Provenance.Collect(new { }, [], [], repository: RepositoryRoot.Path);
        Provenance outside = Provenance.Collect(new { }, [], [], repository: folder.FullName);

        Assert.SkipUnless(Path.Exists(Path.Combine(RepositoryRoot.Path, ".git")), "This is not a git checkout.");
        Assert.Matches("^[0-9a-f]{40}$", inside.Commit);
        Assert.NotNull(inside.UncommittedChanges);
        Assert.Null(outside.Commit);
    }

    [Fact]
    public void A_manifest_is_known_by_its_hash()
    {
        string manifest = Path.Combine(folder.FullName, "manifest.json");
        File.WriteAllText(manifest, "abc");

        Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", DataSource.FromManifest("data", manifest, synthetic: false).Sha256);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../escape")]
    [InlineData("Two Words")]
    public void A_name_that_is_no_plain_file_name_is_refused(string name)
    {
        using var plot = new Plot();
        Provenance provenance = Provenance.Collect(new { }, [], [], repository: folder.FullName);
        Assert.Throws<ArgumentException>(() => StaticFigure.Save(plot, folder.FullName, name, "title", provenance));
        Assert.Empty(folder.GetFiles());
    }

    [Fact]
    public void Every_figure_of_made_data_says_synthetic()
    {
        using Plot bars = StaticCharts.Bars(InteractiveChartsTests.Results);
        using Plot curves = StaticCharts.TestAccuracy("Accuracy", synthetic: true, InteractiveChartsTests.Curves);

        Assert.Contains("synthetic data", XElement.Parse(bars.GetSvgXml(600, 400)).Value, StringComparison.Ordinal);
        Assert.Contains("synthetic data", XElement.Parse(curves.GetSvgXml(600, 400)).Value, StringComparison.Ordinal);
    }

    [Fact]
    public void A_figure_of_results_names_groups_rows_and_chance()
    {
        using Plot bars = StaticCharts.Bars(InteractiveChartsTests.Results);
        string text = XElement.Parse(bars.GetSvgXml(600, 400)).Value;

        Assert.All(["directional", "cyclic", "plain", "shifted", "chance", "96.0", "91.0"], word => Assert.Contains(word, text, StringComparison.Ordinal));
    }

    [Fact]
    public void Long_names_of_many_groups_stand_in_lines_below_their_bars()
    {
        using Plot bars = StaticCharts.Bars(InteractiveChartsTests.LongNames);
        string[] texts = [.. XElement.Parse(bars.GetSvgXml(900, 400)).Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value)];

        Assert.Contains("attention", texts);
        Assert.DoesNotContain(texts, text => text.Contains("before attention", StringComparison.Ordinal));
        // The axis ends a little above what there is to see.
        Assert.Contains("20", texts);
        Assert.DoesNotContain("100", texts);
    }

    [Theory]
    [InlineData("before attention only", 10, "before\nattention\nonly")]
    [InlineData("all but after MLP", 10, "all but\nafter MLP")]
    [InlineData("1 1/2", 12, "1 1/2")]
    [InlineData("directional", 5, "directional")]
    public void A_text_is_broken_between_words(string text, int length, string lines) => Assert.Equal(lines, ReportText.Wrapped(text, length));

    private static void SkipUnlessRasterizer() => Assert.SkipUnless(
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(path => File.Exists(Path.Combine(path, "rsvg-convert"))),
        "rsvg-convert (Debian's librsvg2-bin) is not installed.");
}
