namespace ZeroI2V.Lab.VideoData.DataSets;

/// <summary>What a recogniser sees of a data set by one official configuration.</summary>
public sealed record DataRecipe
{
    /// <summary>The configuration's name, such as <c>vit-b-16-8x16</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The recogniser's preset that it belongs to, such as <c>ViTB16.Kinetics400_8x16</c>.</summary>
    public required string Model { get; init; }

    /// <summary>The official file or the table that says so.</summary>
    public required string Source { get; init; }

    /// <summary>Epochs of training.</summary>
    public required int Epochs { get; init; }

    /// <summary>Label smoothing.</summary>
    public required double LabelSmoothing { get; init; }

    /// <summary>Training.</summary>
    public required ClipView Training { get; init; }

    /// <summary>Evaluation while training: one view.</summary>
    public required ClipView Validation { get; init; }

    /// <summary>The test whose numbers are reported.</summary>
    public required ClipView Test { get; init; }
}
