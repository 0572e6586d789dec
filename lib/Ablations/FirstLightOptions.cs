using ZeroI2V.Lab.Stdha;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.Ablations;

/// <summary>One row of the first comparison: how the model may see time. All else is the same in every row.</summary>
/// <param name="Key">Its name in folders.</param>
/// <param name="Name">Its name in tables.</param>
/// <param name="Heads">Time offsets of the heads.</param>
/// <param name="TemporalEmbedding">Whether a trained vector is added to each frame.</param>
public sealed record FirstLightRow(string Key, string Name, HeadSplit Heads, bool TemporalEmbedding)
{
    /// <summary>The mean over frames of what each frame shows by itself: it cannot know their order.</summary>
    public static FirstLightRow FrameAveraging { get; } = new("frame-averaging", "Frame averaging", HeadSplit.Spatial, TemporalEmbedding: false);

    /// <summary>Each frame may know when it is, and sees no other.</summary>
    public static FirstLightRow EmbeddingOnly { get; } = new("temporal-embedding", "Temporal embedding only", HeadSplit.Spatial, TemporalEmbedding: true);

    /// <summary>The paper's method: two heads look at the frames before and after (Δt = −1, +1).</summary>
    public static FirstLightRow Stdha { get; } = new("stdha", "STDHA (Δt −1, +1)", HeadSplit.Lowest(-1, +1), TemporalEmbedding: true);

    /// <summary>The rows, in the order of tables.</summary>
    public static IReadOnlyList<FirstLightRow> All { get; } = [FrameAveraging, EmbeddingOnly, Stdha];
}

/// <summary>What the first comparison is made from and how.</summary>
public sealed record FirstLightOptions
{
    /// <summary>Clips and stills of the embedded data.</summary>
    public MicroSize Size { get; init; } = MicroSize.Small;

    /// <summary>One run of each row for each seed.</summary>
    public IReadOnlyList<int> Seeds { get; init; } = [0];

    /// <summary>How the image model is made.</summary>
    public ImagePretrainingOptions ImageModel { get; init; } = ImagePretrainingOptions.Small;

    /// <summary>How the rows are trained; the seed is set for each run.</summary>
    public TrainingOptions Training { get; init; } = TrainingOptions.MicroSsv2 with { EvaluateEvery = 1 };

    /// <summary>A public data set in place of MicroSSv2, by the key of its manifest, such as <c>ssv2</c>; <c>lab data import</c> made its lists. Empty for MicroSSv2.</summary>
    public string DataSet { get; init; } = "";

    /// <summary>For a public data set: the file of its image model, such as CLIP's <c>ViT-B-16.pt</c>.</summary>
    public string ImageModelFile { get; init; } = "";

    /// <summary>For a public data set: settings other than the paper's recipe, as <c>lab adapt --set</c> takes them.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Folder of the data sets.</summary>
    public string Data { get; init; } = "data";

    /// <summary>Folder of the image models.</summary>
    public string Models { get; init; } = "models";

    /// <summary>Folder of the runs.</summary>
    public string Runs { get; init; } = "runs";

    /// <summary>A comparison in seconds, for tests of the way and not of the result.</summary>
    public static FirstLightOptions Quick { get; } = new()
    {
        Size = MicroSize.Quick,
        ImageModel = ImagePretrainingOptions.Quick,
        Training = TrainingOptions.MicroSsv2 with { Epochs = 2, WarmUpEpochs = 0.5, EvaluateEvery = 1 },
    };

    /// <summary>The comparison of a size.</summary>
    /// <param name="size">Which.</param>
    /// <returns>Its options.</returns>
    public static FirstLightOptions Of(MicroSize size) => size == MicroSize.Quick ? Quick : new FirstLightOptions { Size = size };
}
