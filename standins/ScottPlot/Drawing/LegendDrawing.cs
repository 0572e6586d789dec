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
    private readonly List<(LegendEntry Entry, double X, double Y, double Height)> items = [];

    /// <param name="plot">The figure.</param>
    /// <param name="room">The widest that the box may be; items side by side go on in a further line.</param>
    internal LegendDrawing(Plot plot, double room)
    {
        this.plot = plot;
        label = new LabelStyle { FontSize = plot.Legend.FontSize ?? 12, ForeColor = plot.Legend.FontColor ?? Colors.Black };
        if (!plot.Legend.IsVisible && plot.LegendPanel is null)
            return;
        (double x, double y, double line, double right) = (Inset, Inset, 0, 0);
        foreach (LegendEntry entry in plot.PlottableList.Where(item => item.IsVisible).SelectMany(item => item.Entries()).Where(entry => !string.IsNullOrEmpty(entry.Text)))
        {
            (double textWidth, double textHeight) = TextMeasure.Of(entry.Text, label);
            double width = Symbol + SymbolGap + textWidth;
            double height = Math.Max(textHeight, label.FontSize);
            if (items.Count > 0 && (!Sideways || x + width + Inset > room))
            {
                (x, y) = (Inset, y + line + ItemGap);
                line = 0;
            }
            items.Add((entry, x, y, height));
            right = Math.Max(right, x + width);
            line = Math.Max(line, height);
            x += width + ItemGapSideways;
        }
        if (items.Count > 0)
            Size = (right + Inset, y + line + Inset);
    }

    internal (double Width, double Height) Size { get; }

    private bool Sideways => plot.Legend.Orientation == Orientation.Horizontal;

    internal void Draw(SvgCanvas canvas, double left, double top)
    {
        Legend legend = plot.Legend;
        if (legend.BackgroundColor.Alpha > 0 && legend.OutlineWidth > 0)
            canvas.Rectangle(left + 2, top + 2, left + Size.Width + 2, top + Size.Height + 2, legend.ShadowColor, Colors.Transparent, 0);
        canvas.Rectangle(left, top, left + Size.Width, top + Size.Height, legend.BackgroundColor, legend.OutlineColor, legend.OutlineWidth);
        foreach ((LegendEntry entry, double x, double y, double height) in items)
        {
            double middle = top + y + height / 2;
            DrawSymbol(canvas, entry, left + x, middle);
            canvas.Text(entry.Text, left + x + Symbol + SymbolGap, middle, label, Alignment.MiddleLeft);
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
