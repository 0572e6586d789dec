using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace ScottPlot.Drawing;

/// <summary>SVG to PNG, by librsvg's <c>rsvg-convert</c>.</summary>
internal static class Rasterizer
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    internal static void SavePng(string svg, string path, int width, int height)
    {
        var start = new ProcessStartInfo("rsvg-convert")
        {
            ArgumentList =
            {
                "--format", "png", "--output", Path.GetFullPath(path),
                "--width", width.ToString(CultureInfo.InvariantCulture), "--height", height.ToString(CultureInfo.InvariantCulture),
            },
            RedirectStandardInput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        };
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
            return Process.Start(start)!;
        }
        catch (Win32Exception error)
        {
            throw new InvalidOperationException("SavePng needs the program rsvg-convert, which is not installed; on Debian it is in librsvg2-bin.", error);
        }
    }
}
