using System.Text;
using ScottPlot.Drawing;
using ZeroI2V.Lab.Reporting;

namespace ScottPlot;

/// <summary>A figure.</summary>
public class Plot : IDisposable
{
    public BackgroundStyle FigureBackground = new();
    public BackgroundStyle DataBackground = new() { Color = Colors.Transparent };

    public Plot()
    {
        Add = new PlottableAdder(this);
        Axes = new AxisManager(this);
        Legend = new Legend(this);
        Grid = new Grids.DefaultGrid(Axes.Bottom, Axes.Left);
    }

    public List<IPlottable> PlottableList { get; } = [];

    public PlottableAdder Add { get; }

    public AxisManager Axes { get; }

    public Grids.DefaultGrid Grid { get; }

    public Legend Legend { get; set; }

    /// <summary>Enlarges everything that is measured in pixels.</summary>
    public double ScaleFactor { get; set; } = 1;

    internal Panels.LegendPanel? LegendPanel { get; private set; }

    public void Title(string? text = null, float? size = null) => SetLabel(Axes.Title.Label, text ?? "", size);

    public void XLabel(string label, float? size = null) => SetLabel(Axes.Bottom.Label, label, size);

    public void YLabel(string label, float? size = null) => SetLabel(Axes.Left.Label, label, size);

    public void HideGrid() => Grid.IsVisible = false;

    public Legend ShowLegend()
    {
        Legend.IsVisible = true;
        LegendPanel = null;
        return Legend;
    }

    public Legend ShowLegend(Alignment alignment)
    {
        Legend.Alignment = alignment;
        return ShowLegend();
    }

    public Legend ShowLegend(Alignment alignment, Orientation orientation)
    {
        Legend.Orientation = orientation;
        return ShowLegend(alignment);
    }

    public Panels.LegendPanel ShowLegend(Edge edge)
    {
        Legend.IsVisible = false;
        LegendPanel = new Panels.LegendPanel(Legend) { Edge = edge };
        return LegendPanel;
    }

    public Legend HideLegend()
    {
        Legend.IsVisible = false;
        LegendPanel = null;
        return Legend;
    }

    public string GetSvgXml(int width, int height)
    {
        if (width < 1 || height < 1)
            throw new ArgumentException($"A figure of {width} × {height} pixels cannot be drawn.", nameof(width));
        return new FigureDrawing(this, width, height).Draw();
    }

    public SavedImageInfo SaveSvg(string filePath, int width, int height)
    {
        byte[] svg = Encoding.UTF8.GetBytes(GetSvgXml(width, height));
        File.WriteAllBytes(filePath, svg);
        return new SavedImageInfo(filePath, svg.Length);
    }

    public SavedImageInfo SavePng(string filePath, int width, int height)
    {
        RsvgConvert.Run(GetSvgXml(width, height), filePath, "png", (width, height));
        return new SavedImageInfo(filePath, (int)new FileInfo(filePath).Length);
    }

    public void Dispose() => GC.SuppressFinalize(this);

    private static void SetLabel(LabelStyle style, string text, float? size)
    {
        style.Text = text;
        style.IsVisible = true;
        style.FontSize = size ?? style.FontSize;
    }
}

public class SavedImageInfo
{
    public SavedImageInfo(string path, int fileSize)
    {
        Path = System.IO.Path.GetFullPath(path);
        FileSize = fileSize;
    }

    public string Path { get; }

    public int FileSize { get; }
}
