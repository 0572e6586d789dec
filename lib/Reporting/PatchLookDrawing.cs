using System.Globalization;
using System.Net;
using System.Text;
using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.GradCam;
using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.Reporting;

/// <summary>Draws where one patch looks: a row a head, a column a frame; the patch that asks is framed, the frame that answers is coloured by attention.</summary>
/// <param name="Title">What is shown.</param>
/// <param name="Subtitle">Model, layer, data.</param>
/// <param name="Look">The look.</param>
public sealed record PatchLookDrawing(string Title, string Subtitle, PatchLook Look)
{
    private const int Edge = 16, Labels = 120, Top = 74, Tile = 96, Gap = 8, Foot = 62;

    /// <summary>Draws it.</summary>
    public SvgDrawing Draw()
    {
        FrameStack frames = Look.Frames;
        int width = 2 * Edge + Labels + frames.Count * (Tile + Gap), height = Top + Look.Heads.Count * (Tile + Gap) + Foot;
        var svg = new StringBuilder();
        Add(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" font-family=\"DejaVu Sans, Arial, sans-serif\" fill=\"{ReportColors.Ink}\">\n");
        Add(svg, $"<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n<defs>\n");
        for (int t = 0; t < frames.Count; t++)
            Add(svg, $"<image id=\"f{t}\" width=\"{Tile}\" height=\"{Tile}\" preserveAspectRatio=\"none\" href=\"data:image/png;base64,{Convert.ToBase64String(PngPicture.Encode(frames.Frame(t), frames.Width, frames.Height))}\"/>\n");
        Add(svg, $"</defs>\n<text x=\"{Edge}\" y=\"24\" font-size=\"15\" font-weight=\"bold\">{WebUtility.HtmlEncode(Title)}</text>\n<text x=\"{Edge}\" y=\"42\" font-size=\"11\" fill=\"{ReportColors.Muted}\">{WebUtility.HtmlEncode(Subtitle)}</text>\n");
        for (int t = 0; t < frames.Count; t++)
            Add(svg, $"<text x=\"{Left(t) + Tile / 2}\" y=\"{Top - 8}\" font-size=\"11\" text-anchor=\"middle\">frame {t}{(t == Look.Frame ? ", which asks" : "")}</text>\n");
        float most = Look.Heads.SelectMany(head => head.Patches).Max();
        for (int i = 0; i < Look.Heads.Count; i++)
            Row(svg, Top + i * (Tile + Gap), Look.Heads[i], most);
        string[] notes =
        [
            "White frame: the patch that asks. Colour: its attention in the frame that answers,",
            string.Create(CultureInfo.InvariantCulture, $"clear to full, 0 to {most:0.00}, one scale; the rest goes to the class token."),
            "Pale frames have no part in this head's answer.",
        ];
        for (int i = 0; i < notes.Length; i++)
            Add(svg, $"<text x=\"{Edge}\" y=\"{height - Foot + 18 + 15 * i}\" font-size=\"11\" fill=\"{ReportColors.Muted}\">{notes[i]}</text>\n");
        return new SvgDrawing(svg.Append("</svg>\n").ToString(), width, height);
    }

    private void Row(StringBuilder svg, int y, HeadLook head, float most)
    {
        string offset = head.Offset < 0 ? $"−{-head.Offset}" : head.Offset == 0 ? "0" : $"+{head.Offset}";
        Add(svg, $"<text x=\"{Edge}\" y=\"{y + Tile / 2 - 4}\" font-size=\"13\">head {head.Head}</text>\n<text x=\"{Edge}\" y=\"{y + Tile / 2 + 16}\" font-size=\"14\" font-weight=\"bold\" fill=\"{ReportColors.Of(head.Offset == 0 ? 0 : head.Offset < 0 ? 2 : 6)}\">Δt {offset}</text>\n");
        Add(svg, $"<text x=\"{Edge}\" y=\"{y + Tile / 2 + 34}\" font-size=\"11\" fill=\"{ReportColors.Muted}\">{100 * head.Patches.Sum():0} % on patches</text>\n");
        double patch = Tile / (double)Look.Side;
        for (int t = 0; t < Look.Frames.Count; t++)
        {
            bool seen = t == head.SeenFrame;
            Add(svg, $"<use href=\"#f{t}\" x=\"{Left(t)}\" y=\"{y}\" opacity=\"{(seen || t == Look.Frame ? 1 : 0.28)}\"/>\n");
            if (seen)
                for (int i = 0; i < head.Patches.Count; i++)
                {
                    // Where there is no attention the frame is left as it is.
                    float share = most > 0 ? head.Patches[i] / most : 0;
                    (byte r, byte g, byte b) = HeatColors.Of(0.35f + 0.65f * share);
                    Add(svg, $"<rect x=\"{Left(t) + i % Look.Side * patch:0.##}\" y=\"{y + i / Look.Side * patch:0.##}\" width=\"{patch:0.##}\" height=\"{patch:0.##}\" fill=\"#{r:x2}{g:x2}{b:x2}\" opacity=\"{0.9 * Math.Sqrt(share):0.###}\"/>\n");
                }
            if (t == Look.Frame)
                Add(svg, $"<rect x=\"{Left(t) + Look.Patch % Look.Side * patch + 1:0.##}\" y=\"{y + Look.Patch / Look.Side * patch + 1:0.##}\" width=\"{patch - 2:0.##}\" height=\"{patch - 2:0.##}\" fill=\"none\" stroke=\"#fff\" stroke-width=\"3\"/>\n");
        }
    }

    private static int Left(int frame) => Edge + Labels + frame * (Tile + Gap);

    private static void Add(StringBuilder svg, FormattableString text) => svg.Append(text.ToString(CultureInfo.InvariantCulture));
}
