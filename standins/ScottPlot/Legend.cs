namespace ScottPlot;

/// <summary>The box that names what is drawn.</summary>
public class Legend
{
    public Legend(Plot plot) => Plot = plot;

    public Plot Plot { get; }

    public bool IsVisible { get; set; }

    public Alignment Alignment { get; set; } = Alignment.LowerRight;

    public Orientation Orientation { get; set; } = Orientation.Vertical;

    public float? FontSize { get; set; }

    public Color? FontColor { get; set; }

    public Color BackgroundColor { get; set; } = Colors.White;

    public Color OutlineColor { get; set; } = Colors.Black;

    public float OutlineWidth { get; set; } = 1;

    public Color ShadowColor { get; set; } = Colors.Black.WithOpacity(0.2);
}
