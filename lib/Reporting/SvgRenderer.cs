namespace ZeroI2V.Lab.Reporting;

/// <summary>A drawing of the lab's own.</summary>
/// <param name="Text">The SVG, which refers to nothing outside itself.</param>
/// <param name="Width">Width in its units.</param>
/// <param name="Height">Height in its units.</param>
public sealed record SvgDrawing(string Text, int Width, int Height);

/// <summary>Drawings as pictures and as pages for papers, by librsvg's <c>rsvg-convert</c>.</summary>
public static class SvgRenderer
{
    /// <summary>Writes a drawing as PNG.</summary>
    /// <param name="drawing">The drawing.</param>
    /// <param name="path">The file.</param>
    /// <param name="pixelRatio">Pixels to one unit of the drawing.</param>
    /// <exception cref="InvalidOperationException">The program is missing or refuses the drawing.</exception>
    public static void SavePng(SvgDrawing drawing, string path, int pixelRatio = StaticFigure.PixelRatio)
    {
        ArgumentNullException.ThrowIfNull(drawing);
        RsvgConvert.Run(drawing.Text, path, "png", (drawing.Width * pixelRatio, drawing.Height * pixelRatio));
    }

    /// <summary>Writes a drawing as a page of PDF, its text as text and its lines as lines.</summary>
    /// <param name="drawing">The drawing.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidOperationException">The program is missing or refuses the drawing.</exception>
    public static void SavePdf(SvgDrawing drawing, string path)
    {
        ArgumentNullException.ThrowIfNull(drawing);
        RsvgConvert.Run(drawing.Text, path, "pdf");
    }
}
