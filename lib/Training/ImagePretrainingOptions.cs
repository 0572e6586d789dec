using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.Training;

/// <summary>How the lab's own image model is made: the stand-in for CLIP where no CLIP can be fetched.</summary>
public sealed record ImagePretrainingOptions
{
    /// <summary>The image transformer.</summary>
    public required VitOptions Backbone { get; init; }

    /// <summary>Which stills it learns from.</summary>
    public required MicroSize Stills { get; init; }

    /// <summary>How it is trained.</summary>
    public required TrainingOptions Training { get; init; }

    /// <summary>The small image model: minutes on two cores.</summary>
    public static ImagePretrainingOptions Small { get; } = new()
    {
        Backbone = new VitOptions { Width = 64, Layers = 4, Heads = 4, PatchSize = 6, Resolution = 36 },
        Stills = MicroSize.Small,
        Training = new TrainingOptions
        {
            Epochs = 40,
            BatchSize = 64,
            LearningRate = 1.5e-3,
            WarmUpEpochs = 1,
            GradientClip = 1,
        },
    };

    /// <summary>A model of a few seconds' training, for tests of the way and not of the result.</summary>
    public static ImagePretrainingOptions Quick { get; } = Small with
    {
        Stills = MicroSize.Quick,
        Training = Small.Training with { Epochs = 2, BatchSize = 50, WarmUpEpochs = 0.5 },
    };

    /// <summary>Checks every part.</summary>
    /// <returns>This record.</returns>
    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    public ImagePretrainingOptions Validate()
    {
        Backbone.Validate();
        Training.Validate();
        return this;
    }
}
