using System.Globalization;
using System.Net;
using System.Text;
using ZeroI2V.Lab.GradCam;
using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.Reporting;

/// <summary>A sheet of maps over frames: a row a panel, a column a frame, with a legend that says the scale. As in the paper's figure.</summary>
public sealed record CamSheet
{
    private const int Gap = 5, Labels = 124, Edge = 18, Top = 92, Bars = 16, Foot = 64;

    /// <summary>What is shown: clip, class, model.</summary>
    public required string Title { get; init; }

    /// <summary>Layer, place, method, and that data are made where they are.</summary>
    public required string Subtitle { get; init; }

    /// <summary>The frames that the model saw.</summary>
    public required FrameStack Frames { get; init; }

    /// <summary>What stands above each frame.</summary>
    public required IReadOnlyList<string> FrameLabels { get; init; }

    /// <summary>The maps, a row each.</summary>
    public required IReadOnlyList<CamPanel> Panels { get; init; }

    /// <summary>How opaque the strongest evidence is, 0 to 1.</summary>
    public double Alpha { get; init; } = CamOverlay.DefaultAlpha;

    /// <summary>Side of a frame in the drawing.</summary>
    public int Tile { get; init; } = 96;

    /// <summary>Draws the sheet. Below each row bars say how much evidence each frame has: the map over time.</summary>
    /// <exception cref="CamException">A map has another number of frames than the clip.</exception>
    public SvgDrawing Draw()
    {
        foreach (CamPanel panel in Panels)
            CamOverlay.RequireFrames(Frames, panel);
        if (FrameLabels.Count != Frames.Count)
            throw new CamException($"There are {FrameLabels.Count} labels for {Frames.Count} frames.");
        int width = Edge * 2 + Labels + Frames.Count * (Tile + Gap), row = Tile + Bars + Gap;
        int height = Top + (Tile + Gap) + Panels.Count * row + Foot;
        var svg = new StringBuilder();
        Add(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" font-family=\"DejaVu Sans, Arial, sans-serif\" fill=\"{ReportColors.Ink}\">\n");
        Add(svg, $"<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n<defs>\n");
        for (int t = 0; t < Frames.Count; t++)
            Add(svg, $"<image id=\"f{t}\" width=\"{Tile}\" height=\"{Tile}\" preserveAspectRatio=\"none\" href=\"{Data(Frames.Frame(t), Frames.Width, Frames.Height)}\"/>\n");
        Add(svg, $"<linearGradient id=\"heat\">{Stops()}</linearGradient>\n</defs>\n");
        Add(svg, $"<text x=\"{Edge}\" y=\"30\" font-size=\"17\" font-weight=\"bold\">{Escaped(Title)}</text>\n");
        // A letter of this size takes some six units; what is longer than two lines runs over the edge.
        string[] lines = Wrapped(Subtitle, (width - 2 * Edge) / 6);
        for (int i = 0; i < lines.Length; i++)
            Add(svg, $"<text x=\"{Edge}\" y=\"{48 + 15 * i}\" font-size=\"11\" fill=\"{ReportColors.Muted}\">{Escaped(lines[i])}</text>\n");
        Row(svg, Top, "clip", null);
        for (int t = 0; t < Frames.Count; t++)
            Add(svg, $"<text x=\"{Left(t) + Tile / 2.0}\" y=\"{Top - 6}\" font-size=\"10\" text-anchor=\"middle\" fill=\"{ReportColors.Muted}\">{Escaped(FrameLabels[t])}</text>\n");
        for (int p = 0; p < Panels.Count; p++)
            Row(svg, Top + Tile + Gap + p * row, Panels[p].Title, Panels[p]);
        Legend(svg, height - Foot + 18, width);
        return new SvgDrawing(svg.Append("</svg>\n").ToString(), width, height);
    }

    private void Row(StringBuilder svg, int y, string title, CamPanel? panel)
    {
        string[] lines = Wrapped(title, 16);
        for (int i = 0; i < lines.Length; i++)
            Add(svg, $"<text x=\"{Edge}\" y=\"{y + Tile / 2.0 + 4 + (i - (lines.Length - 1) / 2.0) * 15}\" font-size=\"12.5\">{Escaped(lines[i])}</text>\n");
        float[] overTime = panel?.Map.OverTime() ?? [];
        double most = overTime.Append(0).Max();
        for (int t = 0; t < Frames.Count; t++)
        {
            Add(svg, $"<use href=\"#f{t}\" x=\"{Left(t)}\" y=\"{y}\"/>\n");
            if (panel is null)
                continue;
            Add(svg, $"<image x=\"{Left(t)}\" y=\"{y}\" width=\"{Tile}\" height=\"{Tile}\" preserveAspectRatio=\"none\" href=\"{Data(CamOverlay.Rgba(panel, t, Tile, Tile, Alpha), Tile, Tile)}\"/>\n");
            double bar = most > 0 ? (Bars - 6) * overTime[t] / most : 0;
            Add(svg, $"<rect x=\"{Left(t) + Tile / 4}\" y=\"{y + Tile + 2 + Bars - 6 - bar:0.##}\" width=\"{Tile / 2}\" height=\"{bar:0.##}\" fill=\"{ReportColors.Of(6)}\" opacity=\"0.8\"/>\n");
        }
    }

    private void Legend(StringBuilder svg, int y, int width)
    {
        int x = Edge + Labels;
        const int Length = 220;
        Add(svg, $"<rect x=\"{x}\" y=\"{y}\" width=\"{Length}\" height=\"11\" fill=\"url(#heat)\"/>\n");
        Add(svg, $"<text x=\"{x}\" y=\"{y + 24}\" font-size=\"10\">0</text>\n<text x=\"{x + Length}\" y=\"{y + 24}\" font-size=\"10\" text-anchor=\"end\">most</text>\n");
        Add(svg, $"<text x=\"{x + Length + 16}\" y=\"{y + 9}\" font-size=\"10\" fill=\"{ReportColors.Muted}\">{Escaped(Scales())}</text>\n");
        Add(svg, $"<text x=\"{x + Length + 16}\" y=\"{y + 24}\" font-size=\"10\" fill=\"{ReportColors.Muted}\">Bars: the evidence of each frame, of the row's frame with the most. What speaks against the score is not shown.</text>\n");
    }

    private string Scales() => string.Join("; ", Panels.GroupBy(panel => panel.Scale).Select(same => string.Create(
        CultureInfo.InvariantCulture, $"{string.Join(", ", same.Select(panel => panel.Title))}: {(same.Count() > 1 ? "one scale, " : "")}most = {same.Key.Top:0.00e+0}")));

    private int Left(int frame) => Edge + Labels + frame * (Tile + Gap);

    private static string Data(ReadOnlySpan<byte> pixels, int width, int height) => "data:image/png;base64," + Convert.ToBase64String(PngPicture.Encode(pixels, width, height));

    private static string Stops() => string.Concat(Enumerable.Range(0, 33).Select(i =>
    {
        (byte r, byte g, byte b) = HeatColors.Of(i / 32f);
        return string.Create(CultureInfo.InvariantCulture, $"<stop offset=\"{i / 32.0:0.####}\" stop-color=\"#{r:x2}{g:x2}{b:x2}\"/>");
    }));

    /// <summary>Words over lines of so many letters.</summary>
    private static string[] Wrapped(string text, int letters)
    {
        var lines = new List<string> { "" };
        foreach (string word in text.Split(' '))
        {
            if (lines[^1].Length > 0 && lines[^1].Length + word.Length >= letters)
                lines.Add("");
            lines[^1] += (lines[^1].Length > 0 ? " " : "") + word;
        }
        return [.. lines];
    }

    private static void Add(StringBuilder svg, FormattableString text) => svg.Append(text.ToString(CultureInfo.InvariantCulture));

    private static string Escaped(string text) => WebUtility.HtmlEncode(text);
}
