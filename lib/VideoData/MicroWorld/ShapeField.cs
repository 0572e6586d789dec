namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>
/// Signed distance to an outline of radius one (negative inside), tabulated once and interpolated: an edge can then be
/// drawn smoothly at any size and angle.
/// </summary>
internal sealed class ShapeField
{
    private const int Side = 97;
    private const double Extent = 1.3;
    private static readonly Lazy<ShapeField>[] Fields =
        [.. Enum.GetValues<MicroShape>().Select(s => new Lazy<ShapeField>(() => new ShapeField(s)))];

    private readonly float[] _distance = new float[Side * Side];

    private ShapeField(MicroShape shape)
    {
        (double X, double Y)[] outline = shape is MicroShape.Disc or MicroShape.Ring ? [] : Normalize(Outline(shape));
        for (int row = 0; row < Side; row++)
        {
            for (int column = 0; column < Side; column++)
            {
                double x = ((2.0 * column / (Side - 1)) - 1) * Extent;
                double y = ((2.0 * row / (Side - 1)) - 1) * Extent;
                double fromCentre = Math.Sqrt((x * x) + (y * y));
                _distance[(row * Side) + column] = (float)(shape switch
                {
                    MicroShape.Disc => fromCentre - 0.95,
                    MicroShape.Ring => Math.Abs(fromCentre - 0.7) - 0.26,
                    _ => Distance(outline, x, y),
                });
            }
        }
    }

    public static ShapeField Of(MicroShape shape) => Fields[(int)shape].Value;

    /// <summary>Signed distance at a point in units of the object's radius.</summary>
    public double At(double x, double y)
    {
        double column = ((x / Extent) + 1) * (0.5 * (Side - 1));
        double row = ((y / Extent) + 1) * (0.5 * (Side - 1));
        column = Math.Min(Math.Max(column, 0), Side - 1.001);
        row = Math.Min(Math.Max(row, 0), Side - 1.001);
        int c = (int)column, r = (int)row;
        double u = column - c, v = row - r;
        int at = (r * Side) + c;
        double top = _distance[at] + (u * (_distance[at + 1] - _distance[at]));
        double bottom = _distance[at + Side] + (u * (_distance[at + Side + 1] - _distance[at + Side]));
        return top + (v * (bottom - top));
    }

    private static List<(double X, double Y)> Outline(MicroShape shape) => shape switch
    {
        MicroShape.Square => Regular(4, 1, 1),
        MicroShape.Triangle => Regular(3, 1, 1),
        MicroShape.Star => Regular(5, 1, 0.52),
        MicroShape.Hexagon => Regular(6, 1, 1),
        MicroShape.Cross => [(-.38, -1), (.38, -1), (.38, -.38), (1, -.38), (1, .38), (.38, .38), (.38, 1), (-.38, 1),
            (-.38, .38), (-1, .38), (-1, -.38), (-.38, -.38)],
        MicroShape.Corner => [(-.85, -1), (0, -1), (0, .2), (.85, .2), (.85, 1), (-.85, 1)],
        MicroShape.Tee => [(-.9, -.9), (.9, -.9), (.9, -.2), (.38, -.2), (.38, 1), (-.38, 1), (-.38, -.2),
            (-.9, -.2)],
        MicroShape.Arrow => [(0, -1), (.9, 0), (.42, 0), (.42, 1), (-.42, 1), (-.42, 0), (-.9, 0)],
        MicroShape.House => [(0, -1), (.85, -.2), (.62, -.2), (.62, .85), (-.62, .85), (-.62, -.2), (-.85, -.2)],
        MicroShape.HalfDisc => Arc(0, 0, 1, 0.5, 1.0),
        MicroShape.Crescent => [.. Arc(0, 0, 1, 0.1257, 0.8743), .. Arc(.704, 0, .71, 0.7515, 0.2485)],
        MicroShape.Drop => [(0, -1.15), .. Arc(0, .2, .72, -0.09, 0.59)],
        MicroShape.Fish => [.. Arc(.2, .55, .95, -0.135, -0.40), (-1.0, -.55), (-.85, 0), (-1.0, .55),
            .. Arc(.2, -.55, .95, 0.40, 0.135)],
        MicroShape.Heart => [(0, 1), .. Arc(-.48, -.28, .52, 0.40, 0.93), .. Arc(.48, -.28, .52, 0.57, 1.10)],
        _ => throw new ArgumentOutOfRangeException(nameof(shape), shape, "This outline is not a polygon."),
    };

    /// <summary>Points on a circle from one angle to another, in turns; y points down, so angles grow clockwise.</summary>
    private static List<(double X, double Y)> Arc(double x, double y, double radius, double from, double to)
    {
        const int Steps = 20;
        var points = new List<(double, double)>();
        for (int i = 0; i <= Steps; i++)
        {
            double turn = from + ((to - from) * i / Steps);
            points.Add((x + (radius * SceneMath.CosTurns(turn)), y + (radius * SceneMath.SinTurns(turn))));
        }
        return points;
    }

    private static List<(double X, double Y)> Regular(int corners, double outer, double inner)
    {
        var points = new List<(double, double)>();
        for (int i = 0; i < 2 * corners; i++)
        {
            if (i % 2 == 1 && inner == outer)
                continue;
            double radius = i % 2 == 0 ? outer : inner, turn = (i / (2.0 * corners)) - 0.25;
            points.Add((radius * SceneMath.CosTurns(turn), radius * SceneMath.SinTurns(turn)));
        }
        return points;
    }

    /// <summary>Moves the centre of area to the origin and scales the farthest corner to radius one.</summary>
    private static (double X, double Y)[] Normalize(List<(double X, double Y)> points)
    {
        double area = 0, cx = 0, cy = 0;
        for (int i = 0; i < points.Count; i++)
        {
            (double x0, double y0) = points[i];
            (double x1, double y1) = points[(i + 1) % points.Count];
            double cross = (x0 * y1) - (x1 * y0);
            area += cross / 2;
            cx += (x0 + x1) * cross / 6;
            cy += (y0 + y1) * cross / 6;
        }
        cx /= area;
        cy /= area;
        double farthest = points.Max(p => Math.Sqrt(((p.X - cx) * (p.X - cx)) + ((p.Y - cy) * (p.Y - cy))));
        return [.. points.Select(p => ((p.X - cx) / farthest, (p.Y - cy) / farthest))];
    }

    private static double Distance((double X, double Y)[] outline, double x, double y)
    {
        double nearest = double.MaxValue;
        bool inside = false;
        for (int i = 0, j = outline.Length - 1; i < outline.Length; j = i++)
        {
            (double ax, double ay) = outline[j];
            (double bx, double by) = outline[i];
            double ex = bx - ax, ey = by - ay, length = (ex * ex) + (ey * ey);
            double along = length > 0 ? SceneMath.Saturate((((x - ax) * ex) + ((y - ay) * ey)) / length) : 0;
            double dx = x - ax - (along * ex), dy = y - ay - (along * ey);
            nearest = Math.Min(nearest, (dx * dx) + (dy * dy));
            if ((by > y) != (ay > y) && x < ((ax - bx) * (y - by) / (ay - by)) + bx)
                inside = !inside;
        }
        return inside ? -Math.Sqrt(nearest) : Math.Sqrt(nearest);
    }
}
