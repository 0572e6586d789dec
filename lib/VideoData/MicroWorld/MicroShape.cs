namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>Outlines of the synthetic world. Some are seen in training, the others in test only (<see cref="ObjectRoster"/>).</summary>
public enum MicroShape
{
    /// <summary>A filled circle.</summary>
    Disc,
    /// <summary>A square.</summary>
    Square,
    /// <summary>An equilateral triangle.</summary>
    Triangle,
    /// <summary>A five-pointed star.</summary>
    Star,
    /// <summary>A circle with a hole.</summary>
    Ring,
    /// <summary>A heart.</summary>
    Heart,
    /// <summary>An L-shaped corner.</summary>
    Corner,
    /// <summary>An arrow.</summary>
    Arrow,
    /// <summary>Half a disc.</summary>
    HalfDisc,
    /// <summary>A gable house.</summary>
    House,
    /// <summary>A fish: a lens with a tail.</summary>
    Fish,
    /// <summary>A plus sign.</summary>
    Cross,
    /// <summary>A regular hexagon.</summary>
    Hexagon,
    /// <summary>A letter T.</summary>
    Tee,
    /// <summary>A crescent moon.</summary>
    Crescent,
    /// <summary>A drop of water.</summary>
    Drop,
}
