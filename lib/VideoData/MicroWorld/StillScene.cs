namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>
/// Plans single pictures that look like frames of the clips: one object anywhere, two apart or one on the other, three of
/// which one is lit. One object is the main one, the largest or the lit one; most questions are about it.
/// </summary>
internal static class StillScene
{
    private const int Places = 16;
    private const int Turns = 12;
    private static readonly double[] SizeBounds = [0.11, 0.135, 0.16, 0.19, 0.225, 0.27, 0.32];
    private static readonly double[] GapBounds = [0.08, 0.2, 0.3, 0.42, 0.56];

    /// <summary>The questions, in the order of the labels.</summary>
    public static IReadOnlyList<StillTarget> Targets { get; } =
    [
        new("shape", Names(ObjectRoster.Train.Shapes)),
        new("texture", Names(ObjectRoster.Train.Textures)),
        new("hue", Names(ObjectRoster.Train.Hues)),
        new("column", Numbers(Places)),
        new("row", Numbers(Places)),
        new("size", Numbers(SizeBounds.Length + 1)),
        new("turn", Numbers(Turns)),
        new("shading turn", Numbers(Turns)),
        new("opacity", ["faint", "half", "nearly", "solid"]),
        new("light", ["dim", "usual", "lit"]),
        new("count", ["one", "two", "three"]),
        new("second column", Numbers(Places)),
        new("second row", Numbers(Places)),
        new("second hue", Names(ObjectRoster.Train.Hues)),
        new("gap", Numbers(GapBounds.Length + 1)),
    ];

    /// <summary>Plans one still and labels it.</summary>
    public static (ScenePlan Plan, int[] Labels) Draw(SceneRandom random)
    {
        double kind = random.Unit();
        (ObjectLook[] looks, ObjectPose[] poses, int main, int second) =
            kind < 0.55 ? One(random) : kind < 0.85 ? Two(random) : Three(random);
        var plan = new ScenePlan
        {
            Objects = looks,
            Poses = [poses],
            Backdrop = new Backdrop(random),
            Camera = new CameraPath(random),
        };
        return (plan, Label(plan, main, second));
    }

    private static (ObjectLook[] Looks, ObjectPose[] Poses, int Main, int Second) One(SceneRandom random)
    {
        ObjectLook look = ObjectLook.Draw(random, ObjectRoster.Train.Draw(random, showsItsTurn: random.Chance(0.4)));
        double radius = random.LogUniform(0.09, 0.4), turn = random.Unit();
        bool wraps = random.Chance(0.12), fades = random.Chance(0.15), dims = random.Chance(0.06);
        double margin = 0.05 + (radius * 0.55);
        var pose = new ObjectPose
        {
            X = wraps ? random.Unit() : random.Uniform(margin, 1 - margin),
            Y = random.Uniform(margin, 1 - margin),
            Radius = wraps ? Math.Min(radius, 0.21) : radius,
            Turn = turn,
            Opacity = fades ? random.Uniform(0.2, 0.95) : 1,
            Light = dims ? 0 : 1,
            WrapsAround = wraps,
        };
        return ([look], [pose], 0, -1);
    }

    private static (ObjectLook[] Looks, ObjectPose[] Poses, int Main, int Second) Two(SceneRandom random)
    {
        MicroObject large = ObjectRoster.Train.Draw(random), small = ObjectRoster.Train.Draw(random, false, large.Hue);
        double r1 = random.Uniform(0.14, 0.25), r2 = Math.Max(r1 * random.Uniform(0.5, 0.85), 0.08);
        double angle = random.Unit(), gap = random.Uniform(0, 0.72);
        double gx = gap * SceneMath.CosTurns(angle), gy = gap * SceneMath.SinTurns(angle);
        // Both within the frame: the middle between them may be anywhere that leaves a margin.
        double roomX = Math.Max(0.5 - 0.09 - Math.Abs(gx / 2), 0), roomY = Math.Max(0.5 - 0.09 - Math.Abs(gy / 2), 0);
        double x = 0.5 + random.Uniform(-roomX, roomX), y = 0.5 + random.Uniform(-roomY, roomY);
        return (
            [ObjectLook.Draw(random, large), ObjectLook.Draw(random, small)],
            [
                new ObjectPose { X = x - (gx / 2), Y = y - (gy / 2), Radius = r1, Turn = random.Unit() },
                new ObjectPose { X = x + (gx / 2), Y = y + (gy / 2), Radius = r2, Turn = random.Unit() },
            ],
            0, 1);
    }

    private static (ObjectLook[] Looks, ObjectPose[] Poses, int Main, int Second) Three(SceneRandom random)
    {
        double x = random.Uniform(0.44, 0.56), y = random.Uniform(0.44, 0.56), spread = random.Uniform(0.24, 0.31);
        double tilt = random.Unit();
        int lit = random.Below(3);
        var looks = new ObjectLook[3];
        var poses = new ObjectPose[3];
        for (int k = 0; k < 3; k++)
        {
            looks[k] = ObjectLook.Draw(random, ObjectRoster.Train.Draw(random));
            double angle = tilt + (k / 3.0);
            poses[k] = new ObjectPose
            {
                X = x + (spread * SceneMath.CosTurns(angle)),
                Y = y + (spread * SceneMath.SinTurns(angle)),
                Radius = random.Uniform(0.13, 0.17),
                Turn = random.Unit(),
                Light = k == lit ? random.Uniform(1.4, 2) : 0,
            };
        }
        return (looks, poses, lit, -1);
    }

    private static int[] Label(ScenePlan plan, int main, int second)
    {
        ObjectLook look = plan.Objects[main];
        ObjectPose pose = plan.Poses[0][main];
        (double x, double y) = SceneRenderer.InFrame(plan, 0, pose.X, pose.Y, 1);
        bool turnShows = look.Object.ShapeShowsItsTurn;
        bool shadingShows = look.Object.Texture is MicroTexture.Gradient or MicroTexture.Halves;
        // The pattern's second colour lies towards PatternTurn; it is lighter or darker than the first.
        double towardsLight = pose.Turn + look.PatternTurn + (look.SecondIsDarker ? 0.5 : 0);
        var labels = new int[Targets.Count];
        Array.Fill(labels, StillTarget.Ignored);
        labels[0] = IndexOf(ObjectRoster.Train.Shapes, look.Object.Shape);
        labels[1] = IndexOf(ObjectRoster.Train.Textures, look.Object.Texture);
        labels[2] = IndexOf(ObjectRoster.Train.Hues, look.Object.Hue);
        labels[3] = Place(x);
        labels[4] = Place(y);
        labels[5] = Bin(pose.Radius, SizeBounds);
        if (turnShows)
            labels[6] = Turn(pose.Turn);
        if (shadingShows)
            labels[7] = Turn(towardsLight);
        labels[8] = pose.Opacity < 0.35 ? 0 : pose.Opacity < 0.65 ? 1 : pose.Opacity < 0.97 ? 2 : 3;
        labels[9] = pose.Light < 0.5 ? 0 : pose.Light > 1.2 ? 2 : 1;
        labels[10] = plan.Objects.Count - 1;
        if (second >= 0)
        {
            ObjectPose other = plan.Poses[0][second];
            (double ox, double oy) = SceneRenderer.InFrame(plan, 0, other.X, other.Y, 1);
            labels[11] = Place(ox);
            labels[12] = Place(oy);
            labels[13] = IndexOf(ObjectRoster.Train.Hues, plan.Objects[second].Object.Hue);
            labels[14] = Bin(Math.Sqrt(((ox - x) * (ox - x)) + ((oy - y) * (oy - y))), GapBounds);
        }
        return labels;
    }

    private static int Place(double at) => Math.Min(Math.Max((int)Math.Floor(at * Places), 0), Places - 1);

    private static int Turn(double turn) => (int)Math.Floor((turn - Math.Floor(turn)) * Turns) % Turns;

    private static int Bin(double value, double[] bounds) => bounds.Count(b => value >= b);

    private static int IndexOf<T>(IReadOnlyList<T> all, T one)
    {
        for (int i = 0; i < all.Count; i++)
        {
            if (EqualityComparer<T>.Default.Equals(all[i], one))
                return i;
        }
        throw new ArgumentException($"'{one}' is not among the training objects.", nameof(one));
    }

    private static string[] Names<T>(IEnumerable<T> values) => [.. values.Select(v => v!.ToString()!.ToLowerInvariant())];

    private static string[] Numbers(int count) =>
        [.. Enumerable.Range(0, count).Select(i => i.ToString(System.Globalization.CultureInfo.InvariantCulture))];
}
