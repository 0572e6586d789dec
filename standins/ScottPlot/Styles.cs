namespace ScottPlot;

public readonly struct LinePattern
{
    public LinePattern(float[] intervals, float phase, string name)
    {
        Intervals = intervals;
        Phase = phase;
        Name = name;
    }

    public float[] Intervals { get; }

    public float Phase { get; }

    public string Name { get; }

    public static LinePattern Solid => new([], 0, "Solid");

    public static LinePattern Dashed => new([10, 10], 0, "Dashed");

    public static LinePattern DenselyDashed => new([6, 6], 0, "Densely Dashed");

    public static LinePattern Dotted => new([3, 5], 0, "Dotted");
}

public class LineStyle
{
    public float Width { get; set; } = 1;

    public Color Color { get; set; } = Colors.Black;

    public LinePattern Pattern { get; set; } = LinePattern.Solid;

    public bool IsVisible { get; set; } = true;
}

public class TickMarkStyle
{
    public float Length;
    public float Width = 1;
    public Color Color = Colors.Black;
}

public class BackgroundStyle
{
    public Color Color { get; set; } = Colors.White;
}

public class LabelStyle
{
    public string Text { get; set; } = "";

    public bool IsVisible { get; set; } = true;

    public float FontSize { get; set; } = 12;

    public bool Bold { get; set; }

    public Color ForeColor { get; set; } = Colors.Black;

    public Color BackgroundColor { get; set; } = Colors.Transparent;

    public Alignment Alignment { get; set; } = Alignment.UpperLeft;

    /// <summary>Clockwise, in degrees.</summary>
    public float Rotation { get; set; }

    public float OffsetX;
    public float OffsetY;
}

/// <summary>What a plottable with a label shares: its label's style by flat names.</summary>
public abstract class LabelStyleProperties
{
    public abstract LabelStyle LabelStyle { get; set; }

    public string LabelText { get => LabelStyle.Text; set => LabelStyle.Text = value; }

    public float LabelFontSize { get => LabelStyle.FontSize; set => LabelStyle.FontSize = value; }

    public bool LabelBold { get => LabelStyle.Bold; set => LabelStyle.Bold = value; }

    public Color LabelFontColor { get => LabelStyle.ForeColor; set => LabelStyle.ForeColor = value; }

    public Color LabelBackgroundColor { get => LabelStyle.BackgroundColor; set => LabelStyle.BackgroundColor = value; }

    public Alignment LabelAlignment { get => LabelStyle.Alignment; set => LabelStyle.Alignment = value; }

    public float LabelRotation { get => LabelStyle.Rotation; set => LabelStyle.Rotation = value; }

    public float LabelOffsetX { get => LabelStyle.OffsetX; set => LabelStyle.OffsetX = value; }

    public float LabelOffsetY { get => LabelStyle.OffsetY; set => LabelStyle.OffsetY = value; }
}
