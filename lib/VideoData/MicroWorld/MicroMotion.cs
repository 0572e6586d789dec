namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>
/// A pair of classes of MicroSSv2: a motion and the same motion run backwards. Every scene of the pair is drawn once and
/// written twice, its frames in order for <see cref="Forward"/> and in reverse order for <see cref="Backward"/>.
/// </summary>
internal sealed record MicroMotion
{
    /// <summary>Told by when things are: a temporal embedding suffices.</summary>
    public const string Directional = "directional";

    /// <summary>Told only by comparing neighbouring frames: no time of the clip is special.</summary>
    public const string Cyclic = "cyclic";

    /// <summary>Name of the class whose frames run in order.</summary>
    public required string Forward { get; init; }

    /// <summary>Name of the time-reversed class.</summary>
    public required string Backward { get; init; }

    /// <summary><see cref="Directional"/> or <see cref="Cyclic"/>.</summary>
    public required string Group { get; init; }

    /// <summary>Plans the objects and their poses in so many frames.</summary>
    public required Func<SceneRandom, ObjectRoster, int, (IReadOnlyList<ObjectLook> Objects, ObjectPose[][] Poses)> Plan { get; init; }

    /// <summary>All pairs; class 2k is pair k forwards, class 2k+1 the same backwards.</summary>
    public static IReadOnlyList<MicroMotion> All { get; } = [.. DirectionalMotion.All, .. CyclicMotion.All];

    /// <summary>A whole scene: objects and motion, background, camera.</summary>
    public ScenePlan Scene(SceneRandom random, ObjectRoster roster, int frames, MicroPlace? place = null)
    {
        (IReadOnlyList<ObjectLook> objects, ObjectPose[][] poses) = Plan(random, roster, frames);
        return new ScenePlan
        {
            Objects = objects,
            Poses = poses,
            Backdrop = new Backdrop(random, place),
            Camera = new CameraPath(random),
        };
    }
}
