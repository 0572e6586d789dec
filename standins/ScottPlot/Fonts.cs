namespace ScottPlot;

/// <summary>The fonts of figures.</summary>
public static class Fonts
{
    public static string Default { get; set; } = "DejaVu Sans";
}
