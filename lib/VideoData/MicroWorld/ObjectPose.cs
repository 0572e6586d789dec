namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>Where and how an object stands in a frame, in scene coordinates: (0, 0) top left, (1, 1) bottom right.</summary>
internal readonly record struct ObjectPose
{
    /// <summary>Centre, to the right.</summary>
    public required double X { get; init; }

    /// <summary>Centre, downwards.</summary>
    public required double Y { get; init; }

    /// <summary>Radius of the circle around the outline.</summary>
    public required double Radius { get; init; }

    /// <summary>Angle in turns, clockwise.</summary>
    public double Turn { get; init; }

    /// <summary>0 invisible … 1 solid.</summary>
    public double Opacity { get; init; } = 1;

    /// <summary>0 dim … 1 usual … 2 glowing.</summary>
    public double Light { get; init; } = 1;

    /// <summary>Centre outside the frame counts modulo one: what leaves at one side is seen to enter at the other.</summary>
    public bool WrapsAround { get; init; }

    /// <summary>A pose at the scene's top left.</summary>
    public ObjectPose()
    {
    }
}
