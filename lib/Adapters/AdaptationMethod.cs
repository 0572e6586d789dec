using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Stdha;

namespace ZeroI2V.Lab.Adapters;

/// <summary>
/// A way to make a video recogniser out of an image model: ZeroI2V, its ablations that have a name of their own, and the
/// peers it is compared with. A method is a change of <see cref="RecognizerOptions"/>, so all of them are built, trained,
/// measured and saved alike.
/// </summary>
/// <param name="Key">Its name in commands and folders.</param>
/// <param name="Name">Its name in tables.</param>
/// <param name="Source">The paper that it follows.</param>
/// <param name="Summary">What it adds, what trains, how it sees time.</param>
/// <param name="Apply">Makes a recogniser of this method out of a recogniser of ZeroI2V with the same backbone, frames and classes.</param>
/// <param name="LearningRateShare">Learning rate as a share of the recipe's, which is made for small added parts.</param>
public sealed record AdaptationMethod(
    string Key, string Name, string Source, string Summary, Func<RecognizerOptions, RecognizerOptions> Apply, double LearningRateShare = 1)
{
    /// <summary>ZeroI2V: temporal heads and linear adapters. Offsets stay as given; where there are none, Δt −1 and +1.</summary>
    public static AdaptationMethod ZeroI2V { get; } = new(
        "zeroi2v", "ZeroI2V", "Li, Zhu, Wang, ECCV 2024",
        "linear adapters in four places, temporal heads, temporal embedding; trains them, the last norm and the head; folds to the image model",
        options => WithTemporalHeads(options));

    /// <summary>ZeroI2V with GELU in its adapters, the ablation that gives up folding.</summary>
    public static AdaptationMethod GeluAdapters { get; } = new(
        "gelu-adapters", "GELU adapters + STDHA", "Li, Zhu, Wang, ECCV 2024, ablation",
        "as ZeroI2V, GELU between the adapters' layers; cannot be folded",
        options => WithTemporalHeads(options) with { Adapters = (options.Adapters ?? new AdapterOptions()) with { Activation = AdapterActivation.Gelu } });

    /// <summary>The mean over frames that are seen one by one: linear adapters, no temporal heads, no temporal embedding.</summary>
    public static AdaptationMethod FrameAveraging { get; } = new(
        "frame-averaging", "Frame averaging", "Li, Zhu, Wang, ECCV 2024, ablation without temporal modelling",
        "linear adapters in four places; no part of it sees more than one frame; folds to the image model",
        options => options with { Heads = HeadSplit.Spatial, TemporalEmbedding = false, Adapters = options.Adapters ?? new AdapterOptions() });

    /// <summary>A linear classifier on the frozen image model's mean feature.</summary>
    public static AdaptationMethod LinearProbe { get; } = new(
        "linear-probe", "Linear probe", "Radford et al., ICML 2021 (CLIP), section 3.2",
        "nothing added but the head, which alone trains; the mean over frames",
        options => Bare(options) with { Tuning = BackboneTuning.None });

    /// <summary>The whole image model trains, frame by frame.</summary>
    public static AdaptationMethod FullTuning { get; } = new(
        "full-tuning", "Full fine-tuning", "Yang et al., ICLR 2023 (AIM), table 1, the space-only baseline fully tuned",
        "nothing added but the head; everything trains, at a tenth of the learning rate (backbone lr_mult 0.1 of the official configs); the mean over frames",
        options => Bare(options) with { Tuning = BackboneTuning.Full }, LearningRateShare: 0.1);

    /// <summary>LoRA on queries and values.</summary>
    public static AdaptationMethod Lora { get; } = new(
        "lora", "LoRA (q, v)", "Hu et al., ICLR 2022",
        "low-rank updates of the query and value projections; trains them and the head; the mean over frames; folds to the image model",
        options => Bare(options) with { Lora = new LoraOptions(), Tuning = BackboneTuning.None });

    /// <summary>ST-Adapter, as its official 12×384 model.</summary>
    public static AdaptationMethod StAdapter { get; } = new(
        "st-adapter", "ST-Adapter", "Pan et al., NeurIPS 2022",
        "a bottleneck with a depthwise convolution over three frames before each MLP; trains them and the head; the mean over frames comes before the last norm",
        options => Bare(options) with { StAdapter = new StAdapterOptions(), PoolBeforeNorm = true, Tuning = BackboneTuning.None });

    /// <summary>AIM.</summary>
    public static AdaptationMethod Aim { get; } = new(
        "aim", "AIM", "Yang et al., ICLR 2023",
        "the frozen attention again over time, GELU adapters behind both attentions and beside the MLP, temporal embedding; trains them, the last norm and the head",
        options => Bare(options) with { Aim = new AimOptions(), TemporalEmbedding = true });

    /// <summary>All methods, in the order of tables.</summary>
    public static IReadOnlyList<AdaptationMethod> All { get; } = [ZeroI2V, GeluAdapters, FrameAveraging, LinearProbe, FullTuning, Lora, StAdapter, Aim];

    /// <summary>The method of a name.</summary>
    /// <param name="key">Such as <c>aim</c>.</param>
    /// <exception cref="ArgumentException">There is no such method; the message lists all.</exception>
    public static AdaptationMethod Named(string key) => All.FirstOrDefault(method => method.Key == key)
        ?? throw new ArgumentException($"There is no method '{key}'; choose one of {string.Join(", ", All.Select(method => method.Key))}.", nameof(key));

    /// <summary>The image model, frame by frame, with a head.</summary>
    private static RecognizerOptions Bare(RecognizerOptions options) => options with { Heads = HeadSplit.Spatial, Adapters = null, Lora = null, Aim = null, StAdapter = null, TemporalEmbedding = false };

    private static RecognizerOptions WithTemporalHeads(RecognizerOptions options) => options with
    {
        Heads = options.Heads.IsSpatial ? HeadSplit.Lowest(-1, 1) : options.Heads,
        Adapters = options.Adapters ?? new AdapterOptions(),
    };
}
