using ZeroI2V.Lab.Reporting;

namespace ZeroI2V.Lab.Tests.Reporting;

/// <summary>These look at the folder of temporary files, where other tests that draw charts would show.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class DrawnAlone
{
    public const string Name = "Charts drawn alone";
}

[Collection(DrawnAlone.Name)]
public sealed class ChartRendererTests
{
    [Fact]
    public void A_chart_becomes_a_png_of_twice_its_size_and_an_svg_and_leaves_no_file_behind()
    {
        SkipUnlessThere();
        string[] before = Directory.GetDirectories(Path.GetTempPath(), "lab-chart-*");

        RenderedChart picture = ChartRenderer.Render(InteractiveCharts.Bars(InteractiveChartsTests.Results));

        Assert.Equal((2 * picture.Width, 2 * picture.Height), PngHeader.Size(picture.Png));
        System.Xml.Linq.XElement svg = System.Xml.Linq.XElement.Parse(picture.Svg);
        Assert.Equal("svg", svg.Name.LocalName);
        Assert.Contains("shifted", svg.Value, StringComparison.Ordinal);
        Assert.Contains("synthetic data", svg.Value, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(Path.GetTempPath(), "lab-chart-*").Except(before));
    }

    [Fact]
    public void What_plotly_cannot_draw_is_an_error_with_its_words()
    {
        SkipUnlessThere();
        var error = Assert.Throws<InvalidOperationException>(() => ChartRenderer.RenderJson("""{"data": [], "layout": {"width": -5, "height": 10}}"""));
        Assert.Contains("plotly.js", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"data": 3}""")]
    [InlineData("{")]
    public void What_is_no_figure_is_refused_before_a_browser_starts(string json) => Assert.Throws<ArgumentException>(() => ChartRenderer.RenderJson(json));

    [Fact]
    public void A_page_holds_the_library_once_and_every_chart()
    {
        Assert.SkipWhen(PlotlyLibrary.Find() is null, "plotly.js is not installed (npm install).");
        string page = PlotlyHtml.Page("two charts", ["""{"data":[]}""", """{"data":[]}"""]);

        Assert.Contains("id=\"chart-1\"", page, StringComparison.Ordinal);
        Assert.Contains("id=\"chart-2\"", page, StringComparison.Ordinal);
        Assert.InRange(page.Length, 1_000_000, 8_000_000);
    }

    private static void SkipUnlessThere() => Assert.SkipWhen(ChartRenderer.Missing() is not null, ChartRenderer.Missing() ?? "");
}
