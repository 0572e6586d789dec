namespace ScottPlot.Drawing;

/// <summary>Measures and draws a legend's box.</summary>
internal sealed class LegendDrawing
{
    private const double Inset = 8;
    private const double Symbol = 22;
    private const double SymbolGap = 7;
    private const double ItemGap = 6;
    private const double ItemGapSideways = 16;
    private readonly Plot plot;
    private readonly LabelStyle label;
    private readonly List<(LegendEntry Entry, double Width, double Height)> items = [];

    internal LegendDrawing(Plot plot)
    {
        this.plot = plot;
        label = new LabelStyle { FontSize = plot.Legend.FontSize ?? 12, ForeColor = plot.Legend.FontColor ?? Colors.Black };
        if (!plot.Legend.IsVisible && plot.LegendPanel is null)
            return;
        foreach (LegendEntry entry in plot.PlottableList.Where(item => item.IsVisible).SelectMany(item => item.Entries()).Where(entry => !string.IsNullOrEmpty(entry.Text)))
        {
            (double width, double height) = TextMeasure.Of(entry.Text, label);
            items.Add((entry, Symbol + SymbolGap + width, Math.Max(height, label.FontSize)));
        }
        if (items.Count == 0)
            return;
        Size = Sideways
            ? (2 * Inset + items.Sum(item => item.Width) + (items.Count - 1) * ItemGapSideways, 2 * Inset + items.Max(item => item.Height))
            : (2 * Inset + items.Max(item => item.Width), 2 * Inset + items.Sum(item => item.Height) + (items.Count - 1) * ItemGap);
    }

    internal (double Width, double Height) Size { get; }

    private bool Sideways => plot.Legend.Orientation == Orientation.Horizontal;

    internal void Draw(SvgCanvas canvas, double left, double top)
    {
        Legend legend = plot.Legend;
        if (legend.BackgroundColor.Alpha > 0 && legend.OutlineWidth > 0)
            canvas.Rectangle(left + 2, top + 2, left + Size.Width + 2, top + Size.Height + 2, legend.ShadowColor, Colors.Transparent, 0);
        canvas.Rectangle(left, top, left + Size.Width, top + Size.Height, legend.BackgroundColor, legend.OutlineColor, legend.OutlineWidth);
        (double x, double y) = (left + Inset, top + Inset);
        foreach ((LegendEntry entry, double width, double height) in items)
        {
            double middle = y + height / 2;
            DrawSymbol(canvas, entry, x, middle);
            canvas.Text(entry.Text, x + Symbol + SymbolGap, middle, label, Alignment.MiddleLeft);
            if (Sideways)
                x += width + ItemGapSideways;
            else
                y += height + ItemGap;
        }
    }

    private void DrawSymbol(SvgCanvas canvas, LegendEntry entry, double x, double middle)
    {
        if (entry.Fill is { } fill)
        {
            double half = label.FontSize / 2;
            canvas.Rectangle(x, middle - half, x + Symbol, middle + half, fill, entry.Outline ?? Colors.Transparent, entry.Outline is null ? 0 : 1);
        }
        if (entry.Line is { } line)
            canvas.Line(x, middle, x + Symbol, middle, line);
        canvas.Marker(entry.Marker, x + Symbol / 2, middle, entry.MarkerSize, entry.MarkerColor);
    }
}
