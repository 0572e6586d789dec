using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Stdha;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.Evaluation;

/// <summary>The lab's recipe for MicroSSv2 with the small image model: what the rows of a comparison share.</summary>
public static class MicroRecipe
{
    /// <summary>The recogniser without temporal heads; a row sets its own.</summary>
    public static RecognizerOptions Recognizer { get; } = new()
    {
        Backbone = ImagePretrainingOptions.Small.Backbone,
        Frames = 8,
        Classes = MicroSsv2.Classes.Count,
        // As the official config for Something-Something V2: scale 1, no dropout in adapters.
        Adapters = new AdapterOptions { Scale = 1, Dropout = 0 },
        // A feature of 64 values has none to spare; half of them dropped, nothing was learned of the cyclic classes.
        HeadDropout = 0,
    };

    /// <summary>One run.</summary>
    /// <param name="data">The clips.</param>
    /// <param name="image">The image model.</param>
    /// <param name="heads">Time offsets.</param>
    /// <param name="temporalEmbedding">Whether a trained vector is added to each frame.</param>
    /// <param name="seed">The run's seed.</param>
    /// <returns>The run's options.</returns>
    public static VideoRunOptions Run(VideoRunData data, PretrainedImageModel image, HeadSplit heads, bool temporalEmbedding, int seed) =>
        Run(data, image, Recognizer with { Heads = heads, TemporalEmbedding = temporalEmbedding }, seed);

    /// <summary>One run of a method.</summary>
    /// <param name="data">The clips.</param>
    /// <param name="image">The image model.</param>
    /// <param name="method">ZeroI2V or a peer.</param>
    /// <param name="heads">Time offsets, for the methods that have temporal heads.</param>
    /// <param name="seed">The run's seed.</param>
    /// <returns>The run's options.</returns>
    public static VideoRunOptions Run(VideoRunData data, PretrainedImageModel image, AdaptationMethod method, HeadSplit heads, int seed)
    {
        ArgumentNullException.ThrowIfNull(method);
        VideoRunOptions run = Run(data, image, method.Apply(Recognizer with { Heads = heads }), seed);
        return run with { Training = run.Training with { LearningRate = run.Training.LearningRate * method.LearningRateShare } };
    }

    private static VideoRunOptions Run(VideoRunData data, PretrainedImageModel image, RecognizerOptions recognizer, int seed)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(image);
        return new VideoRunOptions
        {
            Recognizer = recognizer,
            Training = TrainingOptions.MicroSsv2 with { Seed = seed },
            Sampling = new FrameSampling { Frames = Recognizer.Frames },
            Data = data.Name,
            DataSha256 = data.Sha256,
            ImageModelSha256 = image.Sha256,
        };
    }
}
