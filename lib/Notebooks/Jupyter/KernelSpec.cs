using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ZeroI2V.Lab.Files;
using ZeroI2V.Lab.Reporting;

namespace ZeroI2V.Lab.Notebooks.Jupyter;

/// <summary>What tells Jupyter and VS Code that the kernel is there and how it is started.</summary>
internal static class KernelSpec
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, IndentSize = 1, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The folder that clients look into for this user's kernels.</summary>
    public static string UserFolder()
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string data = Environment.GetEnvironmentVariable("JUPYTER_DATA_DIR") is { Length: > 0 } set ? set
            : OperatingSystem.IsWindows() ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "jupyter")
            : OperatingSystem.IsMacOS() ? Path.Combine(home, "Library", "Jupyter")
            : Path.Combine(Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 } share ? share : Path.Combine(home, ".local", "share"), "jupyter");
        return Path.Combine(data, "kernels");
    }

    /// <summary>
    /// Pages by nbconvert that need nothing beside them and no network: plotly.js is in the page, once. By default nbconvert
    /// leaves it where the lab has it, and asks a server for require.js, which no chart of ours needs.
    /// </summary>
    private const string PageTemplate = """
        {%- extends 'lab/index.html.j2' -%}
        {%- block html_head_js_requirejs -%}{%- endblock -%}
        {%- block html_head -%}
        {{ super() }}
        {{ resources.include_js("plotly.min.js") }}
        {%- endblock -%}

        """;

    /// <summary>The template's name, as <c>nbconvert --template</c> takes it.</summary>
    internal const string PageTemplateName = "zeroi2v";

    /// <summary>Writes the kernel's folder, and beside the kernels' folder the template for pages, over earlier ones.</summary>
    /// <param name="kernels">The folder of kernels.</param>
    /// <returns>The file that was written.</returns>
    public static string Install(string kernels)
    {
        string folder = Path.Combine(Path.GetFullPath(kernels), KernelReplies.KernelName);
        string file = Path.Combine(folder, "kernel.json");
        // A Jupyter server gives out what lies here, and charts ask it for plotly.js (PlotlyHtml).
        if (PlotlyLibrary.Find() is { } plotly)
        {
            string templates = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(kernels))!, "nbconvert", "templates", PageTemplateName);
            foreach (string place in (string[])[folder, templates])
            {
                Directory.CreateDirectory(place);
                AtomicFile.Make(Path.Combine(place, PlotlyLibrary.FileName), temporary => File.Copy(plotly, temporary));
            }

            AtomicFile.WriteText(Path.Combine(templates, "conf.json"), """{ "base_template": "lab", "mimetypes": { "text/html": true } }""" + "\n");
            AtomicFile.WriteText(Path.Combine(templates, "index.html.j2"), PageTemplate);
        }

        AtomicFile.WriteText(file, Json().ToJsonString(Indented) + "\n");
        return file;
    }

    /// <summary>How this program is started as a kernel.</summary>
    internal static JsonObject Json()
    {
        return new JsonObject
        {
            ["argv"] = new JsonArray([.. LabProcess.Command("kernel", "{connection_file}").Select(part => (JsonNode)part)]),
            ["display_name"] = KernelReplies.DisplayName,
            ["language"] = "C#",
            ["interrupt_mode"] = "message",
            // Managed memory up to three quarters of the machine's: a cell that wants more fails with an error, before the
            // system ends some process without a word. One heap for all threads of native code, as the script `lab` has it.
            ["env"] = new JsonObject { ["DOTNET_GCHeapHardLimitPercent"] = "4B", ["MALLOC_ARENA_MAX"] = "1" },
            ["metadata"] = new JsonObject { ["debugger"] = false },
        };
    }
}
