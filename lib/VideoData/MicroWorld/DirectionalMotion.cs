namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>Motions with a beginning and an end, after the templates of Something-Something.</summary>
internal static class DirectionalMotion
{
    public static IReadOnlyList<MicroMotion> All { get; } =
    [
        Pair("moving right", "moving left", (r, o, n) => Across(r, o, n, vertical: false)),
        Pair("moving down", "moving up", (r, o, n) => Across(r, o, n, vertical: true)),
        Pair("growing", "shrinking", Growing),
        Pair("appearing", "disappearing", Appearing),
        Pair("approaching", "separating", Approaching),
        Pair("moving onto", "moving off", MovingOnto),
    ];

    private static MicroMotion Pair(
        string forward,
        string backward,
        Func<SceneRandom, ObjectRoster, int, (IReadOnlyList<ObjectLook> Objects, ObjectPose[][] Poses)> plan) =>
        new() { Forward = forward, Backward = backward, Group = MicroMotion.Directional, Plan = plan };

    private static (IReadOnlyList<ObjectLook> Objects, ObjectPose[][] Poses) Across(
        SceneRandom random, ObjectRoster roster, int frames, bool vertical)
    {
        ObjectLook look = ObjectLook.Draw(random, roster.Draw(random));
        double radius = random.Uniform(0.15, 0.22), turn = random.Unit();
        double from = random.Uniform(0.14, 0.34), to = random.Uniform(0.66, 0.86);
        double sideFrom = random.Uniform(0.2, 0.8);
        double sideTo = Math.Min(Math.Max(sideFrom + random.Uniform(-0.12, 0.12), 0.18), 0.82);
        double[] progress = Progress(random, frames, 0.2);
        return ([look], Frames(frames, i =>
        {
            double along = Mix(from, to, progress[i]), side = Mix(sideFrom, sideTo, progress[i]);
            return [new ObjectPose { X = vertical ? side : along, Y = vertical ? along : side, Radius = radius, Turn = turn }];
        }));
    }

    private static (IReadOnlyList<ObjectLook> Objects, ObjectPose[][] Poses) Growing(
        SceneRandom random, ObjectRoster roster, int frames)
    {
        ObjectLook look = ObjectLook.Draw(random, roster.Draw(random));
        double small = random.Uniform(0.09, 0.13), large = random.Uniform(0.26, 0.37), turn = random.Unit();
        double x = random.Uniform(0.35, 0.65), y = random.Uniform(0.35, 0.65);
        double[] progress = Progress(random, frames, 0.2);
        return ([look], Frames(frames, i =>
            [new ObjectPose { X = x, Y = y, Radius = Mix(small, large, progress[i]), Turn = turn }]));
    }

    private static (IReadOnlyList<ObjectLook> Objects, ObjectPose[][] Poses) Appearing(
        SceneRandom random, ObjectRoster roster, int frames)
    {
        ObjectLook look = ObjectLook.Draw(random, roster.Draw(random));
        double radius = random.Uniform(0.16, 0.26), turn = random.Unit();
        double x = random.Uniform(0.25, 0.75), y = random.Uniform(0.25, 0.75);
        double middle = random.Uniform(0.25, 0.75), duration = random.LogUniform(0.08, 0.5);
        return ([look], Frames(frames, i =>
        {
            double time = (i + 0.5) / frames;
            double opacity = SceneMath.Saturate(0.5 + ((time - middle) / duration));
            return [new ObjectPose { X = x, Y = y, Radius = radius, Turn = turn, Opacity = opacity }];
        }));
    }

    private static (IReadOnlyList<ObjectLook> Objects, ObjectPose[][] Poses) Approaching(
        SceneRandom random, ObjectRoster roster, int frames)
    {
        (ObjectLook first, ObjectLook second) = Two(random, roster);
        double r1 = random.Uniform(0.13, 0.18), r2 = random.Uniform(0.13, 0.18);
        double turn1 = random.Unit(), turn2 = random.Unit(), axis = random.Unit();
        double ax = SceneMath.CosTurns(axis), ay = SceneMath.SinTurns(axis);
        double x = random.Uniform(0.44, 0.56), y = random.Uniform(0.44, 0.56);
        double far = random.Uniform(0.6, 0.7), near = (r1 + r2) * random.Uniform(0.9, 1.05);
        double share = random.Uniform(0.42, 0.58); // how much of the way the first one goes
        double[] progress = Progress(random, frames, 0.2);
        return ([first, second], Frames(frames, i =>
        {
            double gap = Mix(far, near, progress[i]), back = gap * share, ahead = gap * (1 - share);
            return
            [
                new ObjectPose { X = x - (back * ax), Y = y - (back * ay), Radius = r1, Turn = turn1 },
                new ObjectPose { X = x + (ahead * ax), Y = y + (ahead * ay), Radius = r2, Turn = turn2 },
            ];
        }));
    }

    private static (IReadOnlyList<ObjectLook> Objects, ObjectPose[][] Poses) MovingOnto(
        SceneRandom random, ObjectRoster roster, int frames)
    {
        (ObjectLook under, ObjectLook over) = Two(random, roster);
        double r1 = random.Uniform(0.2, 0.25), r2 = random.Uniform(0.14, 0.17);
        double turn1 = random.Unit(), turn2 = random.Unit(), side = random.Unit();
        double ax = SceneMath.CosTurns(side), ay = SceneMath.SinTurns(side);
        // The resting one stands off the middle, away from the side that the other comes from.
        double x = 0.5 - (0.17 * ax) + random.Uniform(-0.05, 0.05), y = 0.5 - (0.17 * ay) + random.Uniform(-0.05, 0.05);
        double far = random.Uniform(0.48, 0.55), near = random.Uniform(0, 0.06);
        double[] progress = Progress(random, frames, 0.2);
        return ([under, over], Frames(frames, i =>
        {
            double gap = Mix(far, near, progress[i]);
            return
            [
                new ObjectPose { X = x, Y = y, Radius = r1, Turn = turn1 },
                new ObjectPose { X = x + (gap * ax), Y = y + (gap * ay), Radius = r2, Turn = turn2 },
            ];
        }));
    }

    private static (ObjectLook First, ObjectLook Second) Two(SceneRandom random, ObjectRoster roster)
    {
        MicroObject first = roster.Draw(random), second = roster.Draw(random, false, first.Hue);
        return (ObjectLook.Draw(random, first), ObjectLook.Draw(random, second));
    }

    /// <summary>
    /// From 0 to 1 over the frames, resting up to <paramref name="rest"/> of the clip at either end, with a pace that
    /// varies. Run backwards it has the same distribution.
    /// </summary>
    private static double[] Progress(SceneRandom random, int frames, double rest)
    {
        double start = random.Uniform(0, rest), end = 1 - random.Uniform(0, rest), swing = random.Uniform(0.2, 1);
        var wobble = new SmoothWobble(random, 0.3, 1.5);
        var sum = new double[frames];
        for (int i = 1; i < frames; i++)
        {
            double time = (i - 0.5) / (frames - 1);
            double pace = time < start || time > end ? 0 : SceneMath.Exp2(swing * wobble.At(time));
            sum[i] = sum[i - 1] + pace;
        }
        return [.. sum.Select(s => s / sum[^1])];
    }

    private static double Mix(double from, double to, double share) => from + ((to - from) * share);

    private static ObjectPose[][] Frames(int frames, Func<int, ObjectPose[]> pose) =>
        [.. Enumerable.Range(0, frames).Select(pose)];
}
