using System.Text.Json;
using System.Text.Json.Nodes;
using ScottPlot;
using ZeroI2V.Lab.Files;
using ZeroI2V.Lab.Training;

namespace ZeroI2V.Lab.Reporting;

/// <summary>A figure's files.</summary>
/// <param name="Svg">The vector figure.</param>
/// <param name="Png">The picture, by default twice as many pixels each way.</param>
/// <param name="Sidecar">What it was made from, as JSON.</param>
/// <param name="Pdf">The same as a page of PDF, where it was written.</param>
public sealed record SavedFigure(string Svg, string Png, string Sidecar, string? Pdf = null);

/// <summary>Writes a figure for papers and the README, with its provenance beside it.</summary>
public static class StaticFigure
{
    /// <summary>Pixels of the PNG to one unit of the SVG.</summary>
    public const int PixelRatio = 2;

    /// <summary>Writes <c>name.svg</c>, <c>name.png</c> and <c>name.json</c>; each is the old or the new one, never half of one.</summary>
    /// <param name="plot">The figure.</param>
    /// <param name="folder">The folder, made if missing: <c>figures/</c>.</param>
    /// <param name="name">The figure's name: lower-case letters, digits, dashes.</param>
    /// <param name="title">What the figure shows.</param>
    /// <param name="provenance">What it was made from.</param>
    /// <param name="width">Width in units of the SVG.</param>
    /// <param name="height">Height in units of the SVG.</param>
    /// <returns>The files.</returns>
    /// <exception cref="ArgumentException">The name has other characters.</exception>
    public static SavedFigure Save(Plot plot, string folder, string name, string title, Provenance provenance, int width = 760, int height = 440)
    {
        ArgumentNullException.ThrowIfNull(plot);
        ArgumentNullException.ThrowIfNull(provenance);
        SavedFigure files = Place(folder, name);
        double scale = plot.ScaleFactor;
        AtomicFile.Make(files.Svg, path => plot.SaveSvg(path, width, height));
        try
        {
            plot.ScaleFactor = scale * PixelRatio;
            AtomicFile.Make(files.Png, path => plot.SavePng(path, width * PixelRatio, height * PixelRatio));
        }
        finally
        {
            plot.ScaleFactor = scale;
        }

        WriteSidecar(files, name, title, provenance);
        return files;
    }

    /// <summary>Writes <c>name.svg</c>, <c>name.pdf</c>, <c>name.png</c> and <c>name.json</c>; each is the old or the new one, never half of one.</summary>
    /// <param name="drawing">The figure.</param>
    /// <param name="folder">The folder, made if missing: <c>figures/</c>.</param>
    /// <param name="name">The figure's name: lower-case letters, digits, dashes.</param>
    /// <param name="title">What the figure shows.</param>
    /// <param name="provenance">What it was made from.</param>
    /// <param name="pixelRatio">Pixels of the PNG to one unit of the drawing.</param>
    /// <returns>The files.</returns>
    /// <exception cref="ArgumentException">The name has other characters.</exception>
    public static SavedFigure Save(SvgDrawing drawing, string folder, string name, string title, Provenance provenance, int pixelRatio = PixelRatio)
    {
        ArgumentNullException.ThrowIfNull(drawing);
        ArgumentNullException.ThrowIfNull(provenance);
        SavedFigure files = Place(folder, name) with { Pdf = Path.Combine(folder, name + ".pdf") };
        AtomicFile.WriteText(files.Svg, drawing.Text);
        AtomicFile.Make(files.Pdf!, path => SvgRenderer.SavePdf(drawing, path));
        AtomicFile.Make(files.Png, path => SvgRenderer.SavePng(drawing, path, pixelRatio));
        WriteSidecar(files, name, title, provenance);
        return files;
    }

    private static SavedFigure Place(string folder, string name)
    {
        if (string.IsNullOrEmpty(name) || !name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-'))
            throw new ArgumentException($"A figure's name must be made of lower-case ASCII letters, digits and dashes; found '{name}'.", nameof(name));
        Directory.CreateDirectory(folder);
        return new SavedFigure(Path.Combine(folder, name + ".svg"), Path.Combine(folder, name + ".png"), Path.Combine(folder, name + ".json"));
    }

    private static void WriteSidecar(SavedFigure files, string name, string title, Provenance provenance)
    {
        var sidecar = new JsonObject
        {
            ["figure"] = name,
            ["title"] = title,
            ["synthetic"] = provenance.Data.Any(data => data.Synthetic),
            ["files"] = new JsonObject([.. new[] { files.Svg, files.Pdf, files.Png }.OfType<string>().Select(file => KeyValuePair.Create<string, JsonNode?>(Path.GetFileName(file), FileHash.Sha256(file)))]),
            ["provenance"] = JsonSerializer.SerializeToNode(provenance, RunJson.Options),
        };
        AtomicFile.WriteText(files.Sidecar, sidecar.ToJsonString(RunJson.Options) + "\n");
    }
}
