namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>Everything that one scene shows, before it is drawn.</summary>
internal sealed record ScenePlan
{
    /// <summary>The objects, those at the back first.</summary>
    public required IReadOnlyList<ObjectLook> Objects { get; init; }

    /// <summary>Pose of each object in each frame: [frame][object].</summary>
    public required IReadOnlyList<ObjectPose[]> Poses { get; init; }

    /// <summary>The background.</summary>
    public required Backdrop Backdrop { get; init; }

    /// <summary>How the camera shakes and the light varies.</summary>
    public required CameraPath Camera { get; init; }
}
