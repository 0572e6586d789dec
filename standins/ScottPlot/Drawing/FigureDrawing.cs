namespace ScottPlot.Drawing;

/// <summary>Lays a figure out (title, axes, legend, data) and draws it.</summary>
internal sealed class FigureDrawing
{
    private const double Padding = 8;
    private const double TickGap = 3;
    private readonly Plot plot;
    private readonly SvgCanvas canvas;
    private readonly double width;
    private readonly double height;
    private readonly LegendDrawing legend;

    internal FigureDrawing(Plot plot, int width, int height)
    {
        this.plot = plot;
        canvas = new SvgCanvas(width, height, plot.ScaleFactor);
        this.width = width / plot.ScaleFactor;
        this.height = height / plot.ScaleFactor;
        legend = new LegendDrawing(plot, this.width - 2 * Padding);
    }

    internal string Draw()
    {
        plot.Axes.AutoScaleWhatHasNoLimits();
        DataArea area = Layout();
        canvas.Rectangle(0, 0, width, height, plot.FigureBackground.Color, Colors.Transparent, 0);
        canvas.Rectangle(area.Left, area.Top, area.Right, area.Bottom, plot.DataBackground.Color, Colors.Transparent, 0);
        DrawGrid(area);
        canvas.ClipPath("data", area.Left, area.Top, area.Right, area.Bottom);
        canvas.BeginGroup("clip-path=\"url(#data)\"");
        foreach (IPlottable item in plot.PlottableList.Where(item => item.IsVisible))
            item.Draw(area);
        canvas.EndGroup();
        foreach (IPlottable item in plot.PlottableList.Where(item => item.IsVisible))
            item.DrawLast(area);
        DrawAxes(area);
        DrawTitle(area);
        DrawLegend(area);
        return canvas.Finish();
    }

    /// <summary>Margins depend on tick labels, ticks on the room that margins leave: two rounds settle both.</summary>
    private DataArea Layout()
    {
        AxisLimits limits = plot.Axes.GetLimits();
        var area = new DataArea(canvas, 60, 40, width - 20, height - 50, limits);
        for (int round = 0; round < 3; round++)
        {
            plot.Axes.Bottom.TickGenerator.Regenerate(limits.Left, limits.Right, vertical: false, area.Right - area.Left, plot.Axes.Bottom.TickLabelStyle);
            plot.Axes.Left.TickGenerator.Regenerate(limits.Bottom, limits.Top, vertical: true, area.Bottom - area.Top, plot.Axes.Left.TickLabelStyle);
            double left = Padding + AxisSize(plot.Axes.Left, vertical: true, limits.Bottom, limits.Top);
            double bottom = Padding + AxisSize(plot.Axes.Bottom, vertical: false, limits.Left, limits.Right);
            double right = Padding + AxisSize(plot.Axes.Right, vertical: true, 0, 1);
            double top = Padding + AxisSize(plot.Axes.Top, vertical: false, 0, 1) + TitleSize();
            if (plot.LegendPanel is { } panel && legend.Size is (> 0, _) size)
            {
                left += panel.Edge == Edge.Left ? size.Width + Padding : 0;
                right += panel.Edge == Edge.Right ? size.Width + Padding : 0;
                top += panel.Edge == Edge.Top ? size.Height + Padding : 0;
                bottom += panel.Edge == Edge.Bottom ? size.Height + Padding : 0;
            }
            // The outermost tick labels must not stick out of the figure.
            (double before, double after) = Overhang(plot.Axes.Bottom, area, limits);
            left = Math.Max(left, before + Padding / 2);
            right = Math.Max(right, after + Padding / 2);
            top = Math.Max(top, plot.Axes.Left.TickLabelStyle.FontSize / 2 + Padding / 2);
            area = area with { Left = left, Top = top, Right = Math.Max(left + 1, width - right), Bottom = Math.Max(top + 1, height - bottom) };
        }
        return area;
    }

    private static (double Before, double After) Overhang(IAxis axis, DataArea area, AxisLimits limits)
    {
        double before = 0, after = 0;
        if (axis.TickLabelStyle.Rotation != 0)
            return (0, 0);
        foreach (Tick tick in Shown(axis, limits.Left, limits.Right).Where(tick => tick.IsMajor))
        {
            double half = TextMeasure.Of(tick.Label, axis.TickLabelStyle).Width / 2;
            before = Math.Max(before, half - (area.X(tick.Position) - area.Left));
            after = Math.Max(after, half - (area.Right - area.X(tick.Position)));
        }
        return (before, after);
    }

    private double TitleSize()
    {
        LabelStyle label = plot.Axes.Title.Label;
        return plot.Axes.Title.IsVisible && label.IsVisible && label.Text.Length > 0 ? TextMeasure.Of(label.Text, label).Height + 10 : 0;
    }

    private static double AxisSize(IAxis axis, bool vertical, double low, double high)
    {
        if (!axis.IsVisible)
            return 0;
        double size = TickLabelSize(axis, vertical, low, high);
        if (size > 0)
            size += axis.MajorTickStyle.Length + TickGap;
        if (axis.Label.IsVisible && axis.Label.Text.Length > 0)
            size += TextMeasure.Of(axis.Label.Text, axis.Label).Height + 7;
        return Math.Clamp(size, axis.MinimumSize, axis.MaximumSize);
    }

    private static double TickLabelSize(IAxis axis, bool vertical, double low, double high)
    {
        if (!axis.TickLabelStyle.IsVisible)
            return 0;
        return Shown(axis, low, high).Where(tick => tick.IsMajor).Select(tick =>
        {
            (double w, double h) = TextMeasure.Of(tick.Label, axis.TickLabelStyle);
            double turn = axis.TickLabelStyle.Rotation * Math.PI / 180;
            return vertical
                ? Math.Abs(Math.Cos(turn)) * w + Math.Abs(Math.Sin(turn)) * h
                : Math.Abs(Math.Sin(turn)) * w + Math.Abs(Math.Cos(turn)) * h;
        }).DefaultIfEmpty().Max();
    }

    private static IEnumerable<Tick> Shown(IAxis axis, double low, double high)
    {
        (low, high) = (Math.Min(low, high), Math.Max(low, high));
        double slack = (high - low) * 1e-9;
        return axis.TickGenerator.Ticks.Where(tick => tick.Position >= low - slack && tick.Position <= high + slack);
    }

    private void DrawGrid(DataArea area)
    {
        if (!plot.Grid.IsVisible)
            return;
        LineStyle vertical = plot.Grid.XAxisStyle.MajorLineStyle;
        if (plot.Grid.XAxisStyle.IsVisible && vertical.IsVisible)
        {
            foreach (Tick tick in Shown(plot.Axes.Bottom, area.Limits.Left, area.Limits.Right).Where(tick => tick.IsMajor))
                canvas.Line(area.X(tick.Position), area.Top, area.X(tick.Position), area.Bottom, new Stroke(vertical.Color, vertical.Width, vertical.Pattern));
        }
        LineStyle horizontal = plot.Grid.YAxisStyle.MajorLineStyle;
        if (plot.Grid.YAxisStyle.IsVisible && horizontal.IsVisible)
        {
            foreach (Tick tick in Shown(plot.Axes.Left, area.Limits.Bottom, area.Limits.Top).Where(tick => tick.IsMajor))
                canvas.Line(area.Left, area.Y(tick.Position), area.Right, area.Y(tick.Position), new Stroke(horizontal.Color, horizontal.Width, horizontal.Pattern));
        }
    }

    private void DrawAxes(DataArea area)
    {
        DrawFrame(plot.Axes.Left, area.Left, area.Top, area.Left, area.Bottom);
        DrawFrame(plot.Axes.Right, area.Right, area.Top, area.Right, area.Bottom);
        DrawFrame(plot.Axes.Bottom, area.Left, area.Bottom, area.Right, area.Bottom);
        DrawFrame(plot.Axes.Top, area.Left, area.Top, area.Right, area.Top);

        IAxis bottom = plot.Axes.Bottom;
        if (bottom.IsVisible)
        {
            foreach (Tick tick in Shown(bottom, area.Limits.Left, area.Limits.Right))
            {
                TickMarkStyle mark = tick.IsMajor ? bottom.MajorTickStyle : bottom.MinorTickStyle;
                double x = area.X(tick.Position);
                canvas.Line(x, area.Bottom, x, area.Bottom + mark.Length, new Stroke(mark.Color, mark.Width));
                // Turned labels end at their tick, so that they do not run under the neighbours.
                Alignment hang = bottom.TickLabelStyle.Rotation switch { < 0 => Alignment.MiddleRight, > 0 => Alignment.MiddleLeft, _ => Alignment.UpperCenter };
                if (tick.IsMajor)
                    canvas.Text(tick.Label, x, area.Bottom + bottom.MajorTickStyle.Length + TickGap, bottom.TickLabelStyle, hang);
            }
            double size = AxisSize(bottom, vertical: false, area.Limits.Left, area.Limits.Right);
            canvas.Text(bottom.Label.Text, (area.Left + area.Right) / 2, area.Bottom + size, bottom.Label, Alignment.LowerCenter);
        }

        IAxis left = plot.Axes.Left;
        if (left.IsVisible)
        {
            foreach (Tick tick in Shown(left, area.Limits.Bottom, area.Limits.Top))
            {
                TickMarkStyle mark = tick.IsMajor ? left.MajorTickStyle : left.MinorTickStyle;
                double y = area.Y(tick.Position);
                canvas.Line(area.Left - mark.Length, y, area.Left, y, new Stroke(mark.Color, mark.Width));
                if (tick.IsMajor)
                    canvas.Text(tick.Label, area.Left - left.MajorTickStyle.Length - TickGap, y, left.TickLabelStyle, Alignment.MiddleRight);
            }
            double size = AxisSize(left, vertical: true, area.Limits.Bottom, area.Limits.Top);
            canvas.Text(left.Label.Text, area.Left - size, (area.Top + area.Bottom) / 2, left.Label, Alignment.UpperCenter);
        }
    }

    private void DrawFrame(IAxis axis, double x1, double y1, double x2, double y2)
    {
        if (axis.IsVisible && axis.FrameLineStyle.IsVisible)
            canvas.Line(x1, y1, x2, y2, new Stroke(axis.FrameLineStyle.Color, axis.FrameLineStyle.Width, axis.FrameLineStyle.Pattern));
    }

    private void DrawTitle(DataArea area)
    {
        double centre = plot.Axes.Title.FullFigureCenter ? width / 2 : (area.Left + area.Right) / 2;
        // A title wider than the room over the data moves in from the nearer edge.
        LabelStyle label = plot.Axes.Title.Label;
        double half = TextMeasure.Of(label.Text, label).Width / 2 + 4;
        centre = Math.Max(half, Math.Min(width - half, centre));
        if (plot.Axes.Title.IsVisible)
            canvas.Text(label.Text, centre, Padding, label, Alignment.UpperCenter);
    }

    private void DrawLegend(DataArea area)
    {
        if (legend.Size.Width == 0)
            return;
        (double w, double h) = legend.Size;
        if (plot.LegendPanel is { } panel)
        {
            double bottomAxis = AxisSize(plot.Axes.Bottom, vertical: false, area.Limits.Left, area.Limits.Right);
            double centre = Math.Clamp((area.Left + area.Right - w) / 2, 0, Math.Max(0, width - w));
            (double x, double y) = panel.Edge switch
            {
                Edge.Right => (area.Right + Padding, area.Top),
                Edge.Left => (Padding, area.Top),
                Edge.Top => (centre, area.Top - h - Padding),
                _ => (centre, area.Bottom + bottomAxis + Padding),
            };
            legend.Draw(canvas, x, y);
            return;
        }
        if (!plot.Legend.IsVisible)
            return;
        int column = (int)plot.Legend.Alignment % 3;
        int row = (int)plot.Legend.Alignment / 3;
        double roomX = area.Right - area.Left - w - 2 * Padding;
        double roomY = area.Bottom - area.Top - h - 2 * Padding;
        legend.Draw(canvas, area.Left + Padding + roomX * column / 2, area.Top + Padding + roomY * row / 2);
    }
}
