using System.Globalization;
using System.Net;
using System.Text;
using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.Stdha;

namespace ZeroI2V.Lab.Reporting;

/// <summary>Draws which frame answers which: the frames that ask below, the frames that answer above, an arrow for each, head by head.</summary>
/// <param name="Title">What the offsets are.</param>
/// <param name="Split">The offsets.</param>
public sealed record WhoSeesWhom(string Title, HeadSplit Split)
{
    private const int Edge = 16, Top = 44, Box = 34, Step = 52, Rise = 46, Between = 34, Bottom = 34;

    /// <summary>h.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>D; channel ranges are shares of it.</summary>
    public int Width { get; init; } = 16;

    /// <summary>T.</summary>
    public int Frames { get; init; } = 3;

    /// <summary>Draws it, one panel for each stretch of channels with one offset inside a head.</summary>
    public SvgDrawing Draw()
    {
        int[][] shown = ThreeFrames.Shown(Split, Heads, Width, Frames);
        int channels = Width / Heads;
        var panels = new List<(string Name, int Offset, int[] Seen)>();
        int[] offsets = Split.ChannelOffsets(0, Heads, Width);
        for (int head = 0; head < Heads; head++)
            for (int first = head * channels; first < (head + 1) * channels;)
            {
                int last = first;
                while (last + 1 < (head + 1) * channels && offsets[last + 1] == offsets[first])
                    last++;
                int start = first;
                string part = last - first + 1 == channels ? "" : string.Create(CultureInfo.InvariantCulture, $", channels {first}–{last}");
                panels.Add(($"head {head}{part}", offsets[first], [.. shown.Select(frame => frame[start])]));
                first = last + 1;
            }
        int panel = Math.Max(Frames * Step + Between, 150);
        int width = 2 * Edge + panels.Count * panel - Between + 20, height = Top + 24 + Box + Rise + Box + Bottom;
        var svg = new StringBuilder();
        Add(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" font-family=\"DejaVu Sans, Arial, sans-serif\" fill=\"{ReportColors.Ink}\">\n");
        Add(svg, $"<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n");
        Add(svg, $"<text x=\"{Edge}\" y=\"24\" font-size=\"15\" font-weight=\"bold\">{WebUtility.HtmlEncode(Title)}</text>\n");
        for (int i = 0; i < panels.Count; i++)
            Panel(svg, Edge + i * panel, panels[i].Name, panels[i].Offset, panels[i].Seen);
        Add(svg, $"<text x=\"{Edge}\" y=\"{height - 12}\" font-size=\"11\" fill=\"{ReportColors.Muted}\">above: the frame whose keys and values answer; below: the frame that asks{(Split.Tokens == ShiftedTokens.ClassToken ? "; only the class token's come from another frame" : "")}{(Split.Parts == ShiftedParts.QueriesKeysAndValues ? "; its query comes from there too" : "")}</text>\n");
        return new SvgDrawing(svg.Append("</svg>\n").ToString(), width, height);
    }

    private void Panel(StringBuilder svg, int x, string name, int offset, int[] seen)
    {
        string colour = ReportColors.Of(offset == 0 ? 0 : offset < 0 ? 2 : 6);
        int above = Top + 24, below = above + Box + Rise;
        Add(svg, $"<text x=\"{x}\" y=\"{Top + 10}\" font-size=\"12\">{name}  <tspan font-weight=\"bold\" fill=\"{colour}\">Δt {Signed(offset)}</tspan></text>\n");
        for (int t = 0; t < Frames; t++)
        {
            foreach (int y in (int[])[above, below])
            {
                Add(svg, $"<rect x=\"{x + t * Step}\" y=\"{y}\" width=\"{Box}\" height=\"{Box}\" rx=\"5\" fill=\"{ReportColors.Grid}\" stroke=\"{ReportColors.Muted}\" stroke-width=\"1\"/>\n");
                Add(svg, $"<text x=\"{x + t * Step + Box / 2}\" y=\"{y + Box / 2 + 5}\" font-size=\"14\" text-anchor=\"middle\">{t}</text>\n");
            }
            double fromX = x + t * Step + Box / 2.0, toX = x + seen[t] * Step + Box / 2.0, fromY = below - 3, toY = above + Box + 4;
            // Arrows that end at one frame come in side by side.
            toX += Math.Sign(t - seen[t]) * 7;
            double length = Math.Sqrt((toX - fromX) * (toX - fromX) + (toY - fromY) * (toY - fromY)), dx = (toX - fromX) / length, dy = (toY - fromY) / length;
            Add(svg, $"<line x1=\"{fromX:0.#}\" y1=\"{fromY:0.#}\" x2=\"{toX - 6 * dx:0.#}\" y2=\"{toY - 6 * dy:0.#}\" stroke=\"{colour}\" stroke-width=\"2.4\"/>\n");
            Add(svg, $"<path d=\"M{toX:0.#} {toY:0.#} L{toX - 9 * dx + 4.5 * dy:0.#} {toY - 9 * dy - 4.5 * dx:0.#} L{toX - 9 * dx - 4.5 * dy:0.#} {toY - 9 * dy + 4.5 * dx:0.#} Z\" fill=\"{colour}\"/>\n");
        }
    }

    private static string Signed(int offset) => offset < 0 ? "−" + (-offset).ToString(CultureInfo.InvariantCulture) : offset.ToString("+0;-0;0", CultureInfo.InvariantCulture);

    private static void Add(StringBuilder svg, FormattableString text) => svg.Append(text.ToString(CultureInfo.InvariantCulture));
}
