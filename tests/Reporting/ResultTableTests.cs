using ZeroI2V.Lab.Reporting;

namespace ZeroI2V.Lab.Tests.Reporting;

public sealed class ResultTableTests
{
    private static ResultTable Small => new()
    {
        Caption = "Accuracy",
        Synthetic = true,
        Columns = [new("model", TextAlignment.Left), new("top-1")],
        Rows = [["plain", "9.5 %"], ["a|b <c>", "91.0 %"]],
    };

    [Fact]
    public void Plain_text_lines_up_words_left_and_numbers_right() => Assert.Equal(
        """
        Accuracy (synthetic data)
        model     top-1
        ───────  ──────
        plain     9.5 %
        a|b <c>  91.0 %

        """,
        Small.ToText(),
        ignoreLineEndingDifferences: true);

    [Fact]
    public void Markdown_escapes_its_own_bars() => Assert.Equal(
        """
        Accuracy (synthetic data)

        | model    |  top-1 |
        |----------|-------:|
        | plain    |  9.5 % |
        | a\|b <c> | 91.0 % |

        """,
        Small.ToMarkdown(),
        ignoreLineEndingDifferences: true);

    [Fact]
    public void Html_encodes_its_text_and_says_synthetic()
    {
        string html = Small.ToHtml();

        Assert.Contains("a|b &lt;c&gt;", html, StringComparison.Ordinal);
        Assert.Contains("Accuracy (synthetic data)</caption>", html, StringComparison.Ordinal);
        Assert.Contains("<td style=\"text-align:right\">91.0 %</td>", html, StringComparison.Ordinal);
        _ = System.Xml.Linq.XElement.Parse(html);
    }

    [Fact]
    public void Measured_data_is_not_called_synthetic() => Assert.Equal("Accuracy", (Small with { Synthetic = false }).FullCaption);

    [Fact]
    public void A_row_with_too_few_cells_is_named()
    {
        var error = Assert.Throws<ArgumentException>(() => (Small with { Rows = [["plain", "1"], ["short"]] }).ToText());
        Assert.Contains("Row 2", error.Message, StringComparison.Ordinal);
        Assert.Contains("2 cells", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.9167, "91.7 %")]
    [InlineData(0, "0.0 %")]
    [InlineData(1, "100.0 %")]
    [InlineData(double.NaN, "–")]
    public void Fractions_are_written_as_percent(double fraction, string text) => Assert.Equal(text, ReportText.Percent(fraction));
}
