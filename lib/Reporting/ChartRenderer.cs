using System.Text.Json;
using System.Text.Json.Nodes;
using Plotly.NET;

namespace ZeroI2V.Lab.Reporting;

/// <summary>A chart's picture.</summary>
/// <param name="Png">The picture; its pixels are <see cref="ChartRenderer.PixelRatio"/> times the chart's.</param>
/// <param name="Svg">The same as SVG.</param>
/// <param name="Width">The chart's width in CSS pixels.</param>
/// <param name="Height">The chart's height in CSS pixels.</param>
public sealed record RenderedChart(byte[] Png, string Svg, int Width, int Height);

/// <summary>Draws charts without a screen: plotly.js's own export, in a headless browser.</summary>
public static class ChartRenderer
{
    /// <summary>Width of a chart whose layout does not say one, in CSS pixels.</summary>
    public const int DefaultWidth = 900;

    /// <summary>Height of a chart whose layout does not say one, in CSS pixels.</summary>
    public const int DefaultHeight = 430;

    /// <summary>Pixels of the PNG to one CSS pixel.</summary>
    public const int PixelRatio = 2;

    private const string Result = "lab-result";

    /// <summary>What is missing on this machine for drawing; null where nothing is.</summary>
    /// <returns>The missing part and how to get it.</returns>
    public static string? Missing()
    {
        if (HeadlessBrowser.Missing() is { } browser)
            return browser;
        return PlotlyLibrary.Find() is null
            ? $"Drawing a chart needs plotly.js; {PlotlyLibrary.FileName} is neither beside the program nor in node_modules. Run 'npm install' in the repository (./lab setup does) and build again."
            : null;
    }

    /// <summary>Draws a chart in the size that its layout says.</summary>
    /// <param name="chart">The chart.</param>
    /// <returns>The picture.</returns>
    /// <exception cref="InvalidOperationException">Something is missing, plotly.js refuses the figure, or the browser fails.</exception>
    /// <exception cref="TimeoutException">The browser did not finish in time.</exception>
    public static RenderedChart Render(GenericChart chart) => RenderJson(ChartOutput.FigureJson(chart));

    /// <summary>Draws a figure in the size that its layout says.</summary>
    /// <param name="figureJson">The figure: a JSON object with <c>data</c> and <c>layout</c>.</param>
    /// <returns>The picture.</returns>
    /// <exception cref="ArgumentException">The text is not such an object.</exception>
    /// <exception cref="InvalidOperationException">Something is missing, plotly.js refuses the figure, or the browser fails.</exception>
    /// <exception cref="TimeoutException">The browser did not finish in time.</exception>
    public static RenderedChart RenderJson(string figureJson)
    {
        (int width, int height) = SizeOf(figureJson);
        if (Missing() is { } missing)
            throw new InvalidOperationException(missing);

        (string document, string errors) = HeadlessBrowser.Open(Page(figureJson, width, height));
        JsonNode result = ReadResult(document, errors);
        return new RenderedChart(
            PalettePng.Of(Convert.FromBase64String(After((string)result["png"]!, "data:image/png;base64,"))),
            Uri.UnescapeDataString(After((string)result["svg"]!, "data:image/svg+xml,")),
            width,
            height);
    }

    private static (int Width, int Height) SizeOf(string figureJson)
    {
        try
        {
            if (JsonNode.Parse(figureJson) is JsonObject figure && figure["data"] is JsonArray)
            {
                JsonNode? layout = figure["layout"];
                return ((int?)(double?)layout?["width"] ?? DefaultWidth, (int?)(double?)layout?["height"] ?? DefaultHeight);
            }
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"The figure must be JSON; {e.Message}", nameof(figureJson), e);
        }
        throw new ArgumentException("The figure must be a JSON object with a list 'data'.", nameof(figureJson));
    }

    private static string Page(string figureJson, int width, int height) => $$"""
        <!DOCTYPE html>
        <html><head><meta charset="utf-8"><script src="{{new Uri(PlotlyLibrary.Require()).AbsoluteUri}}"></script></head><body><script>
        (async function () {
          var result;
          try {
            var figure = {{PlotlyHtml.Script(figureJson)}}, size = { width: {{width}}, height: {{height}} };
            if (!window.Plotly) { throw new Error("plotly.js did not load"); }
            result = {
              png: await Plotly.toImage(figure, Object.assign({ format: "png", scale: {{PixelRatio}} }, size)),
              svg: await Plotly.toImage(figure, Object.assign({ format: "svg" }, size))
            };
          } catch (error) { result = { error: String(error) }; }
          var place = document.createElement("pre");
          place.id = "{{Result}}";
          place.textContent = btoa(unescape(encodeURIComponent(JSON.stringify(result))));
          document.body.appendChild(place);
        })();
        </script></body></html>
        """;

    private static JsonNode ReadResult(string dom, string errors)
    {
        string opening = $"id=\"{Result}\">";
        if (!dom.Contains(opening, StringComparison.Ordinal))
            throw new InvalidOperationException($"Chromium opened the chart's page but plotly.js did not finish: {HeadlessBrowser.Tail(errors)}");
        int start = dom.IndexOf(opening, StringComparison.Ordinal) + opening.Length;
        int end = dom.IndexOf('<', start);
        JsonNode result = JsonNode.Parse(Convert.FromBase64String(dom[start..end]))!;
        return result["error"] is { } error ? throw new InvalidOperationException($"plotly.js could not draw the figure: {error}") : result;
    }

    private static string After(string text, string prefix) =>
        text.StartsWith(prefix, StringComparison.Ordinal)
            ? text[prefix.Length..]
            : throw new InvalidOperationException($"plotly.js gave '{text[..Math.Min(40, text.Length)]}…'; expected '{prefix}…'.");

}
