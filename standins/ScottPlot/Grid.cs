namespace ScottPlot.Grids;

public class DefaultGrid
{
    public DefaultGrid(IXAxis xAxis, IYAxis yAxis)
    {
        XAxis = xAxis;
        YAxis = yAxis;
    }

    public IXAxis XAxis { get; set; }

    public IYAxis YAxis { get; set; }

    public bool IsVisible { get; set; } = true;

    public GridStyle XAxisStyle { get; set; } = new();

    public GridStyle YAxisStyle { get; set; } = new();

    public Color MajorLineColor
    {
        get => XAxisStyle.MajorLineStyle.Color;
        set => XAxisStyle.MajorLineStyle.Color = YAxisStyle.MajorLineStyle.Color = value;
    }

    public float MajorLineWidth
    {
        set => XAxisStyle.MajorLineStyle.Width = YAxisStyle.MajorLineStyle.Width = value;
    }
}
