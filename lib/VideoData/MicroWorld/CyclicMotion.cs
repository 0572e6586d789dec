namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>
/// Motions that go round: the first frame may show any phase, so no frame, and no frame at a given time, tells the
/// direction. Speed differs widely from clip to clip and within a clip; only neighbouring frames give the sense.
/// </summary>
internal static class CyclicMotion
{
    public static IReadOnlyList<MicroMotion> All { get; } =
    [
        Pair("orbiting clockwise", "orbiting counter-clockwise", Orbiting),
        Pair("spinning clockwise", "spinning counter-clockwise", Spinning),
        Pair("drifting right", "drifting left", Drifting),
        Pair("pulsing outwards", "pulsing inwards", Pulsing),
        Pair("flashing clockwise", "flashing counter-clockwise", Flashing),
    ];

    private static MicroMotion Pair(
        string forward,
        string backward,
        Func<SceneRandom, ObjectRoster, int, (IReadOnlyList<ObjectLook> Objects, ObjectPose[][] Poses)> plan) =>
        new() { Forward = forward, Backward = backward, Group = MicroMotion.Cyclic, Plan = plan };

    private static (IReadOnlyList<ObjectLook> Objects, ObjectPose[][] Poses) Orbiting(
        SceneRandom random, ObjectRoster roster, int frames)
    {
        MicroObject planet = roster.Draw(random), sun = roster.Draw(random, false, planet.Hue);
        bool hasSun = random.Chance(0.5);
        double radius = random.Uniform(0.13, 0.17), orbit = random.Uniform(0.25, 0.31), sunRadius = random.Uniform(0.08, 0.11);
        double x = random.Uniform(0.44, 0.56), y = random.Uniform(0.44, 0.56), turn = random.Unit(), sunTurn = random.Unit();
        ObjectLook planetLook = ObjectLook.Draw(random, planet), sunLook = ObjectLook.Draw(random, sun);
        double[] phase = Phase(random, frames, 26, 72, 30);
        return (hasSun ? [sunLook, planetLook] : [planetLook], Frames(frames, i =>
        {
            var moving = new ObjectPose
            {
                X = x + (orbit * SceneMath.CosTurns(phase[i])),
                Y = y + (orbit * SceneMath.SinTurns(phase[i])),
                Radius = radius,
                Turn = turn,
            };
            return hasSun ? [new ObjectPose { X = x, Y = y, Radius = sunRadius, Turn = sunTurn }, moving] : [moving];
        }));
    }

    private static (IReadOnlyList<ObjectLook> Objects, ObjectPose[][] Poses) Spinning(
        SceneRandom random, ObjectRoster roster, int frames)
    {
        ObjectLook look = ObjectLook.Draw(random, roster.Draw(random, showsItsTurn: true));
        double radius = random.Uniform(0.26, 0.36), x = random.Uniform(0.4, 0.6), y = random.Uniform(0.4, 0.6);
        double[] phase = Phase(random, frames, 26, 68, 28);
        return ([look], Frames(frames, i => [new ObjectPose { X = x, Y = y, Radius = radius, Turn = phase[i] }]));
    }

    private static (IReadOnlyList<ObjectLook> Objects, ObjectPose[][] Poses) Drifting(
        SceneRandom random, ObjectRoster roster, int frames)
    {
        ObjectLook look = ObjectLook.Draw(random, roster.Draw(random));
        double radius = random.Uniform(0.15, 0.21), y = random.Uniform(0.22, 0.78), turn = random.Unit();
        double[] phase = Phase(random, frames, 28, 75, 30);
        return ([look], Frames(frames, i =>
            [new ObjectPose { X = phase[i] - Math.Floor(phase[i]), Y = y, Radius = radius, Turn = turn, WrapsAround = true }]));
    }

    private static (IReadOnlyList<ObjectLook> Objects, ObjectPose[][] Poses) Pulsing(
        SceneRandom random, ObjectRoster roster, int frames)
    {
        ObjectLook look = ObjectLook.Draw(random, roster.Draw(random));
        double small = random.Uniform(0.09, 0.12), large = random.Uniform(0.32, 0.4), turn = random.Unit();
        double x = random.Uniform(0.4, 0.6), y = random.Uniform(0.4, 0.6);
        double[] phase = Phase(random, frames, 38, 78, 28);
        return ([look], Frames(frames, i =>
        {
            double share = phase[i] - Math.Floor(phase[i]);
            return [new ObjectPose { X = x, Y = y, Radius = small + ((large - small) * share), Turn = turn }];
        }));
    }

    private static (IReadOnlyList<ObjectLook> Objects, ObjectPose[][] Poses) Flashing(
        SceneRandom random, ObjectRoster roster, int frames)
    {
        double x = random.Uniform(0.46, 0.54), y = random.Uniform(0.46, 0.54), spread = random.Uniform(0.25, 0.3);
        double tilt = random.Uniform(-0.06, 0.06) - 0.25;
        var looks = new ObjectLook[3];
        var places = new ObjectPose[3];
        for (int k = 0; k < 3; k++)
        {
            looks[k] = ObjectLook.Draw(random, roster.Draw(random));
            double angle = tilt + (k / 3.0);
            places[k] = new ObjectPose
            {
                X = x + (spread * SceneMath.CosTurns(angle)),
                Y = y + (spread * SceneMath.SinTurns(angle)),
                Radius = random.Uniform(0.135, 0.17),
                Turn = random.Unit(),
            };
        }
        double sharpness = random.Uniform(3, 8);
        double[] phase = Phase(random, frames, 50, 100, 36);
        return (looks, Frames(frames, i =>
        {
            var poses = new ObjectPose[3];
            for (int k = 0; k < 3; k++)
            {
                // Lit for a third of the cycle, with soft edges that are the same on either side.
                double away = phase[i] - (k / 3.0);
                away = Math.Abs(away - Math.Round(away));
                poses[k] = places[k] with { Light = 2 * SceneMath.Saturate(0.5 + (sharpness * ((1 / 6.0) - away))) };
            }
            return poses;
        }));
    }

    /// <summary>
    /// Phase in turns, frame by frame, from a start anywhere. The mean speed is drawn on a logarithmic scale; within the
    /// clip the speed goes up and down by a factor of up to two.
    /// </summary>
    /// <param name="random">The scene's random numbers.</param>
    /// <param name="frames">How many frames.</param>
    /// <param name="slowest">Least mean speed, in degrees an eighth of the clip (the step that eight-frame sampling sees).</param>
    /// <param name="fastest">Greatest mean speed, in the same unit.</param>
    /// <param name="limit">Greatest step between two frames of a 24-frame clip, in degrees; keeps the sense of turning clear.</param>
    private static double[] Phase(SceneRandom random, int frames, double slowest, double fastest, double limit)
    {
        double mean = random.LogUniform(slowest, fastest) * 8 / frames, swing = random.Uniform(0.4, 1.2);
        double most = limit * 24 / frames;
        var wobble = new SmoothWobble(random, 0.4, 2.2);
        var phase = new double[frames];
        phase[0] = random.Unit();
        for (int i = 1; i < frames; i++)
        {
            double step = mean * SceneMath.Exp2(swing * wobble.At((i - 0.5) / (frames - 1)));
            phase[i] = phase[i - 1] + (Math.Min(step, most) / 360);
        }
        return phase;
    }

    private static ObjectPose[][] Frames(int frames, Func<int, ObjectPose[]> pose) =>
        [.. Enumerable.Range(0, frames).Select(pose)];
}
