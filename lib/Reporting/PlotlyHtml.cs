using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ZeroI2V.Lab.Reporting;

/// <summary>Charts as HTML that needs nothing from the network.</summary>
public static class PlotlyHtml
{
    /// <summary>plotly.js itself as a script element, 4.5 MB: once a page, before or after the charts.</summary>
    /// <returns>The element.</returns>
    /// <exception cref="FileNotFoundException">plotly.js is missing.</exception>
    public static string LibraryScript() => $"<script>{File.ReadAllText(PlotlyLibrary.Require())}</script>\n";

    /// <summary>
    /// One chart: its picture, which the chart itself takes the place of where the page has plotly.js.
    /// So a saved notebook shows it wherever scripts are taken out, and carries plotly.js at most once.
    /// </summary>
    /// <param name="figureJson">The figure, as <c>GenericChart.toJson</c> writes it.</param>
    /// <param name="divId">The element's id, unique in the page (<see cref="IdOf"/>).</param>
    /// <param name="png">The chart's picture; null leaves an empty place until plotly.js draws.</param>
    /// <param name="width">Width of the picture on the page, in CSS pixels.</param>
    /// <param name="libraryUrl">Where the page may find plotly.js, asked for once a page and only where the page has none; null to ask for nothing.</param>
    /// <returns>The HTML.</returns>
    /// <exception cref="ArgumentException">The id is not made of letters, digits and dashes.</exception>
    public static string Fragment(string figureJson, string divId, byte[]? png = null, int width = 900, string? libraryUrl = null)
    {
        ArgumentNullException.ThrowIfNull(figureJson);
        if (string.IsNullOrEmpty(divId) || !divId.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-'))
            throw new ArgumentException($"A chart's id must be made of ASCII letters, digits and dashes; found '{divId}'.", nameof(divId));
        string picture = png is null ? "" : $"<img alt=\"chart\" style=\"width:{width}px;max-width:100%\" src=\"data:image/png;base64,{Convert.ToBase64String(png)}\">";
        // A Jupyter page says where its server is, which gives out the kernel's files; any other page looks where it is told.
        // Where a page has require.js, plotly.js would give itself to that and not to the page, were it not hidden meanwhile.
        string load = libraryUrl is null ? "" : $$"""

              if (!window.Plotly && !window.labPlotly) {
                var settings = document.getElementById("jupyter-config-data"), server = document.body.getAttribute("data-base-url") || (settings && JSON.parse(settings.textContent).baseUrl);
                var places = [{{Script(JsonSerializer.Serialize(libraryUrl))}}], events = window.labPlotly = new EventTarget();
                if (server) { places.unshift(server + "kernelspecs/.net-csharp/{{PlotlyLibrary.FileName}}"); }
                (function next() {
                  if (places.length === 0) { return; }
                  var define = window.define, script = document.createElement("script");
                  window.define = undefined;
                  script.onload = function () { window.define = define; events.dispatchEvent(new Event("load")); };
                  script.onerror = function () { window.define = define; next(); };
                  script.src = places.shift();
                  document.head.appendChild(script);
                })();
              }
              if (window.labPlotly) { window.labPlotly.addEventListener("load", draw); }
            """;
        return $$"""
            <div id="{{divId}}">{{picture}}</div>
            <script>
            (function () {
              var figure = {{Script(figureJson)}}, place = document.getElementById("{{divId}}"), drawn = false;
              function draw() { if (window.Plotly && place && !drawn) { drawn = true; place.textContent = ""; window.Plotly.newPlot(place, figure.data, figure.layout, figure.config); } }
              if (window.Plotly) { draw(); } else { window.addEventListener("load", draw); }{{load}}
            })();
            </script>

            """;
    }

    /// <summary>A whole page: plotly.js and the charts, in one file that opens anywhere.</summary>
    /// <param name="title">The page's title.</param>
    /// <param name="figureJsons">The figures, in order.</param>
    /// <returns>The page.</returns>
    public static string Page(string title, IEnumerable<string> figureJsons)
    {
        var page = new StringBuilder($"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{WebUtility.HtmlEncode(title)}</title></head>\n<body>\n");
        page.Append(LibraryScript());
        int number = 0;
        foreach (string figure in figureJsons)
            page.Append(Fragment(figure, $"chart-{++number}"));
        return page.Append("</body></html>\n").ToString();
    }

    /// <summary>An id that is the same for the same figure, so that a notebook run again does not change where its charts did not.</summary>
    /// <param name="figureJson">The figure.</param>
    /// <returns>The id.</returns>
    public static string IdOf(string figureJson) =>
        "chart-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(figureJson)).AsSpan(0, 8));

    /// <summary>JSON as it may stand inside a script element: no text in it can end the element.</summary>
    internal static string Script(string json) => json.Replace("<", "\\u003c", StringComparison.Ordinal);
}
