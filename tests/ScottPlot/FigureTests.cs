using System.Globalization;
using System.Xml.Linq;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace ZeroI2V.Lab.Tests.ScottPlot;

/// <summary>
/// Figures as files. Which shapes an SVG is made of is the drawing's own business,
/// so most of these look at limits and files; the ones that read shapes ask for the stand-in.
/// </summary>
public sealed class FigureTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void An_svg_is_well_formed_and_has_the_size_asked_for()
    {
        XElement svg = Draw(Sine(), 500, 300);

        Assert.Equal(Svg + "svg", svg.Name);
        Assert.Equal(500, Number(svg, "width"));
        Assert.Equal(300, Number(svg, "height"));
    }

    [Fact]
    public void Text_with_markup_in_it_stays_text()
    {
        using Plot plot = Sine();
        plot.Title("a < b & \"c\"");

        Assert.Contains("a < b & \"c\"", Draw(plot).Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_that_are_not_set_hold_the_data_and_a_margin()
    {
        using var plot = new Plot();
        plot.Add.Scatter(new double[] { 0.0, 10.0 }, new double[] { -1.0, 1.0 });
        plot.Axes.AutoScale();

        AxisLimits limits = plot.Axes.GetLimits();

        Assert.InRange(limits.Left, -2, -0.001);
        Assert.InRange(limits.Right, 10.001, 12);
        Assert.InRange(limits.Bottom, -1.5, -1.001);
        Assert.InRange(limits.Top, 1.001, 1.5);
    }

    [Fact]
    public void Limits_that_are_set_stay()
    {
        using Plot plot = Sine();
        plot.Axes.SetLimits(1, 2, 3, 4);
        _ = plot.GetSvgXml(400, 300);

        AxisLimits limits = plot.Axes.GetLimits();
        Assert.Equal((1.0, 2.0, 3.0, 4.0), (limits.Left, limits.Right, limits.Bottom, limits.Top));
    }

    [Fact]
    public void A_point_at_the_limits_lies_in_the_corner_of_the_data_area()
    {
        SkipUnlessStandIn();
        using var plot = new Plot();
        plot.Add.ScatterPoints(new double[] { 2.0, 4.0 }, new double[] { 10.0, 30.0 });
        plot.Axes.SetLimits(2, 4, 10, 30);

        XElement svg = Draw(plot, 400, 300);
        XElement area = svg.Descendants(Svg + "clipPath").Single().Element(Svg + "rect")!;
        XElement[] points = [.. svg.Descendants(Svg + "circle")];

        Assert.Equal(Number(area, "x"), Number(points[0], "cx"), 0.02);
        Assert.Equal(Number(area, "y") + Number(area, "height"), Number(points[0], "cy"), 0.02);
        Assert.Equal(Number(area, "x") + Number(area, "width"), Number(points[1], "cx"), 0.02);
        Assert.Equal(Number(area, "y"), Number(points[1], "cy"), 0.02);
    }

    [Fact]
    public void A_bar_reaches_from_its_base_to_its_value()
    {
        SkipUnlessStandIn();
        using var plot = new Plot();
        plot.HideGrid();
        plot.Add.Bar(new Bar { Position = 0, Value = 40, FillColor = Color.FromHex("#123456"), Size = 0.5 });
        plot.Axes.SetLimits(-1, 1, 0, 100);

        XElement svg = Draw(plot, 400, 300);
        XElement area = svg.Descendants(Svg + "clipPath").Single().Element(Svg + "rect")!;
        XElement bar = svg.Descendants(Svg + "rect").Single(rect => (string?)rect.Attribute("fill") == "#123456");

        Assert.Equal(0.4 * Number(area, "height"), Number(bar, "height"), 0.05);
        Assert.Equal(0.25 * Number(area, "width"), Number(bar, "width"), 0.05);
        Assert.Equal(Number(area, "y") + Number(area, "height"), Number(bar, "y") + Number(bar, "height"), 0.05);
    }

    [Fact]
    public void A_missing_value_interrupts_the_line()
    {
        SkipUnlessStandIn();
        using var plot = new Plot();
        plot.Add.ScatterLine(new double[] { 0.0, 1.0, 2.0, 3.0, 4.0 }, new double[] { 0.0, 1.0, double.NaN, 1.0, 0.0 });

        Assert.Equal(2, Draw(plot).Descendants(Svg + "polyline").Count());
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(-3.7, 12.2)]
    [InlineData(0, 1e-6)]
    [InlineData(0.999, 1.001)]
    [InlineData(0, 250_000)]
    public void Ticks_are_round_numbers_inside_the_limits_and_their_labels_have_room(double low, double high)
    {
        SkipUnlessStandIn();
        using var plot = new Plot();
        plot.Axes.SetLimits(low, high, low, high);

        XElement svg = Draw(plot, 400, 300);
        Tick[] major = [.. plot.Axes.Bottom.TickGenerator.Ticks.Where(tick => tick.IsMajor)];

        Assert.InRange(major.Length, 2, 12);
        double spacing = major[1].Position - major[0].Position;
        double mantissa = spacing / Math.Pow(10, Math.Floor(Math.Log10(spacing) + 1e-9));
        Assert.Contains(new[] { 1.0, 2.0, 5.0 }, step => Math.Abs(step - mantissa) < 1e-6);
        Assert.All(major, tick =>
        {
            Assert.InRange(tick.Position, low - spacing * 1e-6, high + spacing * 1e-6);
            Assert.Equal(tick.Position, double.Parse(tick.Label, NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture), spacing * 1e-6);
        });
        double width = Number(svg.Descendants(Svg + "clipPath").Single().Element(Svg + "rect")!, "width");
        double widest = major.Max(tick => tick.Label.Length) * 12 * 0.64;
        Assert.True(width * spacing / (high - low) > widest, "Neighbouring labels overlap.");
    }

    [Fact]
    public void Whole_numbers_only_where_they_are_asked_for()
    {
        using var plot = new Plot();
        plot.Add.Scatter(new double[] { 1.0, 2.0, 3.0 }, new double[] { 1.0, 2.0, 3.0 });
        plot.Axes.Bottom.TickGenerator = new NumericAutomatic { IntegerTicksOnly = true };
        _ = plot.GetSvgXml(900, 300);

        Assert.All(plot.Axes.Bottom.TickGenerator.Ticks.Where(tick => tick.IsMajor), tick => Assert.Equal(Math.Round(tick.Position), tick.Position));
    }

    [Fact]
    public void Ticks_stand_where_they_are_put()
    {
        using Plot plot = Sine();
        plot.Axes.Bottom.SetTicks([0, 1], ["zero", "one"]);

        string text = Draw(plot).Value;

        Assert.Contains("zero", text, StringComparison.Ordinal);
        Assert.Contains("one", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_written_outside_the_figure()
    {
        SkipUnlessStandIn();
        using Plot plot = Sine();
        plot.Title("A title wider than the data, so that it moves in from the edge");
        plot.YLabel("values");
        plot.Axes.Left.SetTicks([0, 1], ["a tick label that makes room on the left only", "1"]);
        plot.XLabel("time");
        plot.ShowLegend(Edge.Bottom);
        plot.Axes.Bottom.SetTicks([0, 6], ["a first label that is long", "a last label that is long"]);

        XElement svg = Draw(plot, 640, 320);

        Assert.All(svg.Descendants(Svg + "text").Where(text => text.Attribute("transform") is null), text =>
        {
            // A little less than letters take on average.
            double width = text.Value.Length * Number(text, "font-size") * ((string?)text.Attribute("font-weight") == "bold" ? 0.55 : 0.46);
            double left = Number(text, "x") - width * ((string?)text.Attribute("text-anchor")) switch { "middle" => 0.5, "end" => 1, _ => 0 };
            Assert.InRange(left, 0, 640);
            Assert.InRange(left + width, 0, 640);
            Assert.InRange(Number(text, "y"), 0, 320);
        });
    }

    [Fact]
    public void The_legend_names_what_has_a_legend_text_and_nothing_else()
    {
        using Plot plot = Sine();
        plot.Add.Scatter(new double[] { 0.0, 1.0 }, new double[] { 0.0, 1.0 }).LegendText = "second";
        plot.Add.Scatter(new double[] { 0.0, 1.0 }, new double[] { 0.0, 1.0 });
        plot.ShowLegend(Alignment.UpperLeft);

        string text = Draw(plot).Value;

        Assert.Contains("sine", text, StringComparison.Ordinal);
        Assert.Contains("second", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_legend_too_wide_for_the_figure_goes_on_in_a_further_line()
    {
        SkipUnlessStandIn();
        using var plot = new Plot();
        for (int i = 0; i < 6; i++)
            plot.Add.Scatter(new double[] { 0.0, 1.0 }, new double[] { 0.0, i }).LegendText = $"one of several long names {i}";
        plot.Legend.Orientation = Orientation.Horizontal;
        plot.ShowLegend(Edge.Bottom);

        XElement[] names = [.. Draw(plot, 500, 300).Descendants(Svg + "text").Where(text => text.Value.StartsWith("one of", StringComparison.Ordinal))];

        Assert.Equal(6, names.Length);
        Assert.All(names, name => Assert.InRange(Number(name, "x") + 26 * 12 * 0.46, 0, 500));
        Assert.All(names, name => Assert.InRange(Number(name, "y"), 150, 300));
        Assert.Equal(3, names.Select(name => Number(name, "y")).Distinct().Count());
    }

    [Fact]
    public void A_png_has_the_size_asked_for()
    {
        SkipUnlessRasterizer();
        string path = Path.Combine(Path.GetTempPath(), $"figure-{Guid.NewGuid():n}.png");
        try
        {
            using Plot plot = Sine();
            SavedImageInfo saved = plot.SavePng(path, 320, 200);

            byte[] png = File.ReadAllBytes(path);
            Assert.Equal((320, 200), PngHeader.Size(png));
            Assert.Equal(png.Length, saved.FileSize);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Lists_of_different_length_are_refused()
    {
        SkipUnlessStandIn();
        using var plot = new Plot();
        var error = Assert.Throws<ArgumentException>(() => plot.Add.Scatter(new double[] { 1.0, 2.0 }, new double[] { 1.0 }));
        Assert.Contains("2 x values and 1 y values", error.Message, StringComparison.Ordinal);
    }

    private static Plot Sine()
    {
        var plot = new Plot();
        double[] xs = [.. Enumerable.Range(0, 30).Select(i => i * 0.2)];
        plot.Add.Scatter(xs, xs.Select(Math.Sin).ToArray()).LegendText = "sine";
        return plot;
    }

    private static XElement Draw(Plot plot, int width = 600, int height = 400) => XElement.Parse(plot.GetSvgXml(width, height));

    private static double Number(XElement element, string name) => double.Parse((string)element.Attribute(name)!, CultureInfo.InvariantCulture);

    private static void SkipUnlessStandIn() => Assert.SkipUnless(IsStandIn(), "This looks at the shapes that the stand-in draws.");

    private static void SkipUnlessRasterizer() => Assert.SkipUnless(
        !IsStandIn() || (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "rsvg-convert"))),
        "rsvg-convert (Debian's librsvg2-bin) is not installed.");

    private static bool IsStandIn() => typeof(Plot).Assembly.GetCustomAttributes(typeof(System.Reflection.AssemblyMetadataAttribute), inherit: false)
        .Cast<System.Reflection.AssemblyMetadataAttribute>().Any(data => data.Key == "LabStandIn");
}
