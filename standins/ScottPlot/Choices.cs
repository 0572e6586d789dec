namespace ScottPlot;

public enum Alignment
{
    UpperLeft = 0, UpperCenter = 1, UpperRight = 2,
    MiddleLeft = 3, MiddleCenter = 4, MiddleRight = 5,
    LowerLeft = 6, LowerCenter = 7, LowerRight = 8,
}

public enum Edge { Left = 0, Right = 1, Bottom = 2, Top = 3 }

public enum ImageFormat { Png = 2, Svg = 4 }

public enum Orientation { Horizontal = 0, Vertical = 1 }

public enum MarkerShape
{
    None = 0, FilledCircle = 1, OpenCircle = 2, FilledSquare = 3, OpenSquare = 4, FilledTriangleUp = 5, OpenTriangleUp = 6,
    FilledTriangleDown = 7, OpenTriangleDown = 8, FilledDiamond = 9, OpenDiamond = 10, Eks = 11, Cross = 12,
}
