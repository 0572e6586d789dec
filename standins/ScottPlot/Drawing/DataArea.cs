namespace ScottPlot.Drawing;

/// <summary>The rectangle that data is drawn in, and the way from data to pixels.</summary>
internal sealed record DataArea(SvgCanvas Canvas, double Left, double Top, double Right, double Bottom, AxisLimits Limits)
{
    internal double X(double x) => Left + (x - Limits.Left) / (Limits.Right - Limits.Left) * (Right - Left);

    internal double Y(double y) => Bottom - (y - Limits.Bottom) / (Limits.Top - Limits.Bottom) * (Bottom - Top);
}
