using ScottPlot.Drawing;

namespace ScottPlot;

public interface IPlottable
{
    bool IsVisible { get; set; }

    AxisLimits GetAxisLimits();

    internal IEnumerable<LegendEntry> Entries();

    internal void Draw(DataArea area);

    internal void DrawLast(DataArea area);
}
