using System.ComponentModel;
using System.Diagnostics;
using System.Text;
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

/// <summary>
/// Draws charts without a screen: plotly.js's own export, in a Chromium that has a profile of its own,
/// no network and a time limit, and leaves no file behind.
/// </summary>
public static class ChartRenderer
{
    /// <summary>Width of a chart whose layout does not say one, in CSS pixels.</summary>
    public const int DefaultWidth = 900;

    /// <summary>Height of a chart whose layout does not say one, in CSS pixels.</summary>
    public const int DefaultHeight = 430;

    /// <summary>Pixels of the PNG to one CSS pixel.</summary>
    public const int PixelRatio = 2;

    private const string Result = "lab-result";
    private static readonly string[] BrowserNames = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(90);

    // Two browsers at once are slower than one after the other on two cores.
    private static readonly Lock OneAtATime = new();

    /// <summary>What is missing on this machine for drawing; null where nothing is.</summary>
    /// <returns>The missing part and how to get it.</returns>
    public static string? Missing()
    {
        if (FindBrowser() is null)
            return $"Drawing a chart needs Chromium; none of {string.Join(", ", BrowserNames)} is on the PATH. Install Debian's package 'chromium' (./lab setup does).";
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

        DirectoryInfo folder = Directory.CreateTempSubdirectory("lab-chart-");
        try
        {
            string page = Path.Combine(folder.FullName, "page.html");
            File.WriteAllText(page, Page(figureJson, width, height));
            string dom;
            lock (OneAtATime)
                dom = RunBrowser(page, folder.FullName);
            JsonNode result = ReadResult(dom);
            return new RenderedChart(
                Convert.FromBase64String(After((string)result["png"]!, "data:image/png;base64,")),
                Uri.UnescapeDataString(After((string)result["svg"]!, "data:image/svg+xml,")),
                width,
                height);
        }
        finally
        {
            Remove(folder);
        }
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

    private static string RunBrowser(string page, string folder)
    {
        var start = new ProcessStartInfo(FindBrowser()!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            ArgumentList =
            {
                "--headless", "--disable-gpu", "--no-first-run", "--no-default-browser-check", "--disable-background-networking",
                "--disable-component-update", "--disable-default-apps", "--disable-extensions", "--disable-sync", "--disable-breakpad",
                "--disable-crash-reporter", "--disable-dev-shm-usage", "--mute-audio", "--password-store=basic",
                "--host-resolver-rules=MAP * ~NOTFOUND",
                $"--user-data-dir={Path.Combine(folder, "profile")}",
                // Time in the page runs as fast as its work is done; the work waits for this much of it at most.
                "--virtual-time-budget=60000",
                "--dump-dom",
            },
        };
        // Chromium's sandbox refuses to run as root; the page is ours and has no network.
        if (Environment.IsPrivilegedProcess)
            start.ArgumentList.Add("--no-sandbox");
        start.ArgumentList.Add(new Uri(page).AbsoluteUri);
        start.Environment["HOME"] = folder;
        start.Environment["XDG_CONFIG_HOME"] = folder;
        start.Environment["XDG_CACHE_HOME"] = folder;

        using Process browser = Start(start);
        Task<string> output = browser.StandardOutput.ReadToEndAsync();
        Task<string> errors = browser.StandardError.ReadToEndAsync();
        if (!browser.WaitForExit(TimeLimit))
        {
            browser.Kill(entireProcessTree: true);
            browser.WaitForExit();
            throw new TimeoutException($"Chromium did not draw the chart within {TimeLimit.TotalSeconds:0} seconds. The machine may be overloaded; try again.");
        }
        string dom = output.GetAwaiter().GetResult();
        if (browser.ExitCode != 0)
            throw new InvalidOperationException($"Chromium ended with exit code {browser.ExitCode} while drawing a chart: {Tail(errors.GetAwaiter().GetResult())}");
        if (!dom.Contains($"id=\"{Result}\"", StringComparison.Ordinal))
            throw new InvalidOperationException($"Chromium opened the chart's page but plotly.js did not finish: {Tail(errors.GetAwaiter().GetResult())}");
        return dom;
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start.");
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException($"{start.FileName} could not be started: {e.Message}", e);
        }
    }

    private static JsonNode ReadResult(string dom)
    {
        string opening = $"id=\"{Result}\">";
        int start = dom.IndexOf(opening, StringComparison.Ordinal) + opening.Length;
        int end = dom.IndexOf('<', start);
        JsonNode result = JsonNode.Parse(Convert.FromBase64String(dom[start..end]))!;
        return result["error"] is { } error ? throw new InvalidOperationException($"plotly.js could not draw the figure: {error}") : result;
    }

    private static string After(string text, string prefix) =>
        text.StartsWith(prefix, StringComparison.Ordinal)
            ? text[prefix.Length..]
            : throw new InvalidOperationException($"plotly.js gave '{text[..Math.Min(40, text.Length)]}…'; expected '{prefix}…'.");

    private static string Tail(string text) => text.Length <= 600 ? text.Trim() : "…" + text[^600..].Trim();

    private static string? FindBrowser() => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .SelectMany(folder => BrowserNames.Select(name => Path.Combine(folder, name + (OperatingSystem.IsWindows() ? ".exe" : ""))))
        .OrderBy(path => Array.IndexOf(BrowserNames, Path.GetFileNameWithoutExtension(path)))
        .FirstOrDefault(File.Exists);

    // A browser's helper may still write for a moment after the browser has ended.
    private static void Remove(DirectoryInfo folder)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                folder.Delete(recursive: true);
                return;
            }
            catch (IOException) when (attempt < 40)
            {
                Thread.Sleep(50);
            }
        }
    }
}
