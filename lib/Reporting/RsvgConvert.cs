using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace ZeroI2V.Lab.Reporting;

/// <summary>Runs librsvg's program <c>rsvg-convert</c>. The stand-in for ScottPlot compiles this file too.</summary>
internal static class RsvgConvert
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Draws an SVG into a file.</summary>
    /// <param name="svg">The SVG's text.</param>
    /// <param name="path">The file to write.</param>
    /// <param name="format">What to write, such as <c>png</c>.</param>
    /// <param name="pixels">Width and height of the picture; null for the drawing's own.</param>
    /// <exception cref="InvalidOperationException">The program is missing or refuses the drawing.</exception>
    /// <exception cref="TimeoutException">It was still drawing after a minute.</exception>
    internal static void Run(string svg, string path, string format, (int Width, int Height)? pixels = null)
    {
        string[] size = pixels is (int width, int height) ? ["--width", Number(width), "--height", Number(height)] : [];
        var start = new ProcessStartInfo("rsvg-convert", ["--format", format, "--output", Path.GetFullPath(path), .. size])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        };
        // What librsvg would write into a PDF otherwise is the time, and no two would be alike.
        start.Environment["SOURCE_DATE_EPOCH"] = "0";
        using Process process = Start(start);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        try
        {
            process.StandardInput.Write(svg);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program ended before it had read all; its message below says why.
        }
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"rsvg-convert was still drawing {path} after {Limit.TotalSeconds:0} seconds.");
        }
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"rsvg-convert could not draw {path}: {errors.GetAwaiter().GetResult().Trim()}");
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start.");
        }
        catch (Win32Exception error)
        {
            throw new InvalidOperationException("Drawing needs the program rsvg-convert, which is not installed; on Debian it is in librsvg2-bin (./lab setup installs it).", error);
        }
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
