using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace ZeroI2V.Lab.Reporting;

/// <summary>A drawing of the lab's own.</summary>
/// <param name="Text">The SVG, which refers to nothing outside itself.</param>
/// <param name="Width">Width in its units.</param>
/// <param name="Height">Height in its units.</param>
public sealed record SvgDrawing(string Text, int Width, int Height);

/// <summary>Drawings as pictures and as pages for papers, by librsvg's <c>rsvg-convert</c>.</summary>
public static class SvgRenderer
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Writes a drawing as PNG.</summary>
    /// <param name="drawing">The drawing.</param>
    /// <param name="path">The file.</param>
    /// <param name="pixelRatio">Pixels to one unit of the drawing.</param>
    /// <exception cref="InvalidOperationException">The program is missing or refuses the drawing.</exception>
    public static void SavePng(SvgDrawing drawing, string path, int pixelRatio = StaticFigure.PixelRatio)
    {
        ArgumentNullException.ThrowIfNull(drawing);
        Run(drawing, path, "png", "--width", Number(drawing.Width * pixelRatio), "--height", Number(drawing.Height * pixelRatio));
    }

    /// <summary>Writes a drawing as a page of PDF, its text as text and its lines as lines.</summary>
    /// <param name="drawing">The drawing.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidOperationException">The program is missing or refuses the drawing.</exception>
    public static void SavePdf(SvgDrawing drawing, string path)
    {
        ArgumentNullException.ThrowIfNull(drawing);
        Run(drawing, path, "pdf");
    }

    private static void Run(SvgDrawing drawing, string path, string format, params string[] size)
    {
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
            process.StandardInput.Write(drawing.Text);
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
