using System.Globalization;
using System.Security;
using System.Text;

namespace ScottPlot.Drawing;

internal sealed record Stroke(Color Color, float Width, LinePattern Pattern = default);

internal sealed record LegendEntry(
    string Text, Color? Fill = null, Color? Outline = null, Stroke? Line = null, MarkerShape Marker = MarkerShape.None, float MarkerSize = 0, Color MarkerColor = default);

/// <summary>Writes SVG shapes; coordinates are pixels, y grows downwards.</summary>
internal sealed class SvgCanvas
{
    private readonly StringBuilder svg = new();

    internal SvgCanvas(int width, int height, double scale)
    {
        string viewBox = $"0 0 {Number(width / scale)} {Number(height / scale)}";
        svg.Append(CultureInfo.InvariantCulture, $"""<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="{viewBox}" font-family="{TextMeasure.FontFamily}">""");
        svg.Append('\n');
    }

    internal string Finish() => svg.ToString() + "</svg>\n";

    internal void BeginGroup(string attributes) => svg.Append("<g ").Append(attributes).Append(">\n");

    internal void EndGroup() => svg.Append("</g>\n");

    internal void ClipPath(string id, double left, double top, double right, double bottom) =>
        svg.Append($"""<clipPath id="{id}"><rect x="{Number(left)}" y="{Number(top)}" width="{Number(right - left)}" height="{Number(bottom - top)}"/></clipPath>""").Append('\n');

    internal void Rectangle(double x1, double y1, double x2, double y2, Color fill, Color outline, float outlineWidth, double corner = 0)
    {
        if (fill.Alpha == 0 && outline.Alpha == 0)
            return;
        svg.Append($"""<rect x="{Number(Math.Min(x1, x2))}" y="{Number(Math.Min(y1, y2))}" width="{Number(Math.Abs(x2 - x1))}" height="{Number(Math.Abs(y2 - y1))}" """);
        if (corner > 0)
            svg.Append($"""rx="{Number(corner)}" """);
        svg.Append(Fill(fill)).Append(outline.Alpha > 0 && outlineWidth > 0 ? Line(new Stroke(outline, outlineWidth)) : "").Append("/>\n");
    }

    internal void Line(double x1, double y1, double x2, double y2, Stroke stroke)
    {
        if (stroke.Width > 0 && stroke.Color.Alpha > 0)
            svg.Append($"""<line x1="{Number(x1)}" y1="{Number(y1)}" x2="{Number(x2)}" y2="{Number(y2)}" {Line(stroke)}/>""").Append('\n');
    }

    internal void Path(IReadOnlyList<(double X, double Y)> points, Stroke stroke) =>
        svg.Append($"""<polyline points="{Points(points)}" fill="none" stroke-linejoin="round" stroke-linecap="round" {Line(stroke)}/>""").Append('\n');

    internal void Polygon(IReadOnlyList<(double X, double Y)> points, Color fill, Stroke? outline) =>
        svg.Append($"""<polygon points="{Points(points)}" {Fill(fill)}{(outline is null ? "" : Line(outline))}/>""").Append('\n');

    internal void Marker(MarkerShape shape, double x, double y, double size, Color color)
    {
        double half = size / 2;
        bool open = shape is MarkerShape.OpenCircle or MarkerShape.OpenSquare or MarkerShape.OpenTriangleUp or MarkerShape.OpenTriangleDown or MarkerShape.OpenDiamond;
        Color fill = open ? Colors.Transparent : color;
        Stroke? outline = open ? new Stroke(color, 1) : null;
        switch (shape)
        {
            case MarkerShape.None:
                break;
            case MarkerShape.FilledCircle or MarkerShape.OpenCircle:
                svg.Append($"""<circle cx="{Number(x)}" cy="{Number(y)}" r="{Number(half)}" {Fill(fill)}{(outline is null ? "" : Line(outline))}/>""").Append('\n');
                break;
            case MarkerShape.FilledSquare or MarkerShape.OpenSquare:
                Polygon([(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)], fill, outline);
                break;
            case MarkerShape.FilledDiamond or MarkerShape.OpenDiamond:
                Polygon([(x, y - half), (x + half, y), (x, y + half), (x - half, y)], fill, outline);
                break;
            case MarkerShape.FilledTriangleUp or MarkerShape.OpenTriangleUp:
                Polygon([(x, y - half), (x + half, y + half), (x - half, y + half)], fill, outline);
                break;
            case MarkerShape.FilledTriangleDown or MarkerShape.OpenTriangleDown:
                Polygon([(x, y + half), (x + half, y - half), (x - half, y - half)], fill, outline);
                break;
            case MarkerShape.Eks:
                Line(x - half, y - half, x + half, y + half, new Stroke(color, 1));
                Line(x - half, y + half, x + half, y - half, new Stroke(color, 1));
                break;
            case MarkerShape.Cross:
                Line(x - half, y, x + half, y, new Stroke(color, 1));
                Line(x, y - half, x, y + half, new Stroke(color, 1));
                break;
            default:
                throw new NotSupportedException($"This ScottPlot draws no marker {shape}.");
        }
    }

    /// <summary>Writes text whose box's <paramref name="alignment"/> lies at the point; turned about that point.</summary>
    internal void Text(string text, double x, double y, LabelStyle style, Alignment alignment)
    {
        if (string.IsNullOrEmpty(text) || !style.IsVisible)
            return;
        (double width, double height) = TextMeasure.Of(text, style);
        int column = (int)alignment % 3;
        int row = (int)alignment / 3;
        double top = y - height * row / 2;
        string turn = style.Rotation == 0 ? "" : $""" transform="rotate({Number(style.Rotation)} {Number(x)} {Number(y)})" """.TrimEnd();
        if (style.BackgroundColor.Alpha > 0)
        {
            double left = x - width * column / 2;
            BeginGroup(turn.TrimStart());
            Rectangle(left - 2, top - 2, left + width + 2, top + height + 2, style.BackgroundColor, Colors.Transparent, 0);
            EndGroup();
        }
        string anchor = column switch { 0 => "start", 1 => "middle", _ => "end" };
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            // Digits and capitals are 0.73 of the font size high; this centres them in their line.
            double baseline = top + (0.865 + i * TextMeasure.LineHeight) * style.FontSize;
            svg.Append($"""<text x="{Number(x)}" y="{Number(baseline)}" font-size="{Number(style.FontSize)}" text-anchor="{anchor}" """)
                .Append(style.Bold ? "font-weight=\"bold\" " : "").Append(Fill(style.ForeColor).TrimEnd()).Append(turn).Append('>')
                .Append(SecurityElement.Escape(lines[i])).Append("</text>\n");
        }
    }

    internal static string Number(double value) => Math.Round(value, 2).ToString("0.##", CultureInfo.InvariantCulture);

    private static string Points(IEnumerable<(double X, double Y)> points) => string.Join(' ', points.Select(point => $"{Number(point.X)},{Number(point.Y)}"));

    private static string Fill(Color color) => color.Alpha switch
    {
        0 => "fill=\"none\" ",
        255 => $"fill=\"{color.Rgb}\" ",
        _ => $"fill=\"{color.Rgb}\" fill-opacity=\"{color.Opacity.ToString("0.###", CultureInfo.InvariantCulture)}\" ",
    };

    private static string Line(Stroke stroke)
    {
        string opacity = stroke.Color.Alpha == 255 ? "" : $"stroke-opacity=\"{stroke.Color.Opacity.ToString("0.###", CultureInfo.InvariantCulture)}\" ";
        float[] dashes = stroke.Pattern.Intervals ?? [];
        string dash = dashes.Length == 0 ? "" : $"stroke-dasharray=\"{string.Join(' ', dashes.Select(part => Number(part)))}\" ";
        return $"stroke=\"{stroke.Color.Rgb}\" stroke-width=\"{Number(stroke.Width)}\" {opacity}{dash}";
    }
}
