using System.Text.Json.Nodes;
using Plotly.NET;

namespace ZeroI2V.Lab.Reporting;

/// <summary>A chart as a notebook saves it: one output in several forms, of which each reader takes the best that it can show.</summary>
public static class ChartOutput
{
    /// <summary>What VS Code and JupyterLab draw with their own plotly.js.</summary>
    public const string PlotlyMimeType = "application/vnd.plotly.v1+json";

    // From notebooks/, the lab's own copy: a page made of a notebook and laid beside it is interactive without a network.
    // Elsewhere the picture stays, which is in every notebook; plotly.js, 4.5 MB, is in none.
    private const string LibraryUrl = "../bin/lab/" + PlotlyLibrary.FileName;

    /// <summary>The forms of a chart, its picture drawn now.</summary>
    /// <param name="chart">The chart.</param>
    /// <returns>Content by MIME type: Plotly JSON, HTML, PNG in base64.</returns>
    /// <exception cref="InvalidOperationException">The picture cannot be drawn; the message says what is missing.</exception>
    public static IReadOnlyDictionary<string, string> Bundle(GenericChart chart) => Bundle(chart, ChartRenderer.Render(chart));

    /// <summary>The forms of a chart.</summary>
    /// <param name="chart">The chart.</param>
    /// <param name="picture">Its picture; null leaves the picture out.</param>
    /// <returns>Content by MIME type: Plotly JSON, HTML and, with a picture, PNG in base64.</returns>
    public static IReadOnlyDictionary<string, string> Bundle(GenericChart chart, RenderedChart? picture)
    {
        string json = FigureJson(chart);
        var forms = new Dictionary<string, string>
        {
            [PlotlyMimeType] = json,
            ["text/html"] = PlotlyHtml.Fragment(json, PlotlyHtml.IdOf(json), picture?.Png, picture?.Width ?? ChartRenderer.DefaultWidth, LibraryUrl),
        };
        if (picture is not null)
            forms["image/png"] = Convert.ToBase64String(picture.Png);
        return forms;
    }

    /// <summary>The chart as <c>{"data": […], "layout": {…}, "config": {…}}</c>.</summary>
    /// <param name="chart">The chart.</param>
    /// <returns>The JSON.</returns>
    public static string FigureJson(GenericChart chart)
    {
        ArgumentNullException.ThrowIfNull(chart);
        return JsonNode.Parse(GenericChart.toJson(chart))!.ToJsonString();
    }
}
