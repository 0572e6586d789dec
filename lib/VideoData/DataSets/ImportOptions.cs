namespace ZeroI2V.Lab.VideoData.DataSets;

/// <summary>What is imported, from where, and how strictly.</summary>
public sealed record ImportOptions
{
    /// <summary>The data set.</summary>
    public required DataSetManifest Manifest { get; init; }

    /// <summary>Folder of the official annotation files.</summary>
    public required string Annotations { get; init; }

    /// <summary>Folder of the videos.</summary>
    public required string Videos { get; init; }

    /// <summary>Folder that the lists are written to.</summary>
    public required string Output { get; init; }

    /// <summary>Videos with fewer frames are left out as too short. (Short videos can be used: frames come again.)</summary>
    public int LeastFrames { get; init; } = 2;

    /// <summary>Decodes every frame of every video, not only the first and the last.</summary>
    public bool Thorough { get; init; }

    /// <summary>Videos examined at the same time.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>Checks the numbers.</summary>
    /// <exception cref="ArgumentException">One is out of its range.</exception>
    public void Validate()
    {
        if (LeastFrames < 1)
            throw new ArgumentException($"LeastFrames is {LeastFrames}; expected at least 1.");
        if (Workers is < 1 or > 1024)
            throw new ArgumentException($"Workers is {Workers}; expected 1 to 1024.");
    }
}

/// <summary>How far an import or a check has come.</summary>
/// <param name="Done">Videos done.</param>
/// <param name="Total">Videos in all.</param>
/// <param name="VideosPerSecond">Rate of this process; 0 before the first.</param>
/// <param name="Left">Time left at this rate.</param>
public sealed record ImportProgress(int Done, int Total, double VideosPerSecond, TimeSpan Left)
{
    /// <summary>As a line for people.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"Examined {Done} of {Total} videos, {VideosPerSecond:0.0} videos/s, {(int)Left.TotalHours}:{Left:mm\\:ss} left");
}

/// <summary>What an import came to.</summary>
/// <param name="Train">The training list, as written.</param>
/// <param name="Validation">The validation list, as written.</param>
/// <param name="Problems">Everything that is wrong.</param>
/// <param name="Examined">Videos examined now; the others were known from an earlier import.</param>
public sealed record ImportResult(ClipList Train, ClipList Validation, IReadOnlyList<DataProblem> Problems, int Examined);
