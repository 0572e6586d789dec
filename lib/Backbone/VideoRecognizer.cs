using TorchSharp.Utils;
using ZeroI2V.Lab.Checkpoints;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Backbone;

/// <summary>
/// ZeroI2V: an image transformer with temporal heads and linear adapters, the mean of the frames' class features,
/// and a linear head. (B, 3, T, H, W) → logits (B, K). State names are the official checkpoints':
/// <c>backbone.…</c> and <c>cls_head.fc_cls.*</c>.
/// </summary>
public sealed class VideoRecognizer : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "backbone")]
    private readonly VisionTransformer _backbone;

    [ComponentName(Name = "cls_head")]
    private readonly ClassificationHead _head;

    /// <summary>A recogniser with CLIP's initial values, drawn from torch's global generator.</summary>
    /// <param name="options">Backbone, frames, offsets, adapters, classes.</param>
    /// <exception cref="ArgumentException">The options do not fit one another.</exception>
    public VideoRecognizer(RecognizerOptions options)
        : base(nameof(VideoRecognizer))
    {
        options.Validate();
        Options = options;
        _backbone = new VisionTransformer(options);
        _head = new ClassificationHead(options.Backbone.Width, options.Classes, options.HeadDropout);
        RegisterComponents();
    }

    /// <summary>Its options.</summary>
    public RecognizerOptions Options { get; }

    /// <summary>The adapted image transformer.</summary>
    public VisionTransformer Backbone => _backbone;

    /// <summary>Mean over frames, dropout, linear layer.</summary>
    public ClassificationHead Head => _head;

    /// <summary>In whose names the image model's file was; the folded model is written in them again. Kept through saving, opening and folding.</summary>
    public WeightNaming ImageNaming { get; internal set; } = WeightNaming.Clip;

    /// <summary>Recognises.</summary>
    /// <param name="clips">Normalised pixels, (B, 3, T, H, W).</param>
    /// <returns>Logits, (B, K).</returns>
    /// <exception cref="ArgumentException">The clips have another shape.</exception>
    public override Tensor forward(Tensor clips)
    {
        using var scope = NewDisposeScope();
        return _head.call(Features(clips)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Casts the image model's weights in the blocks, once. Embeddings, norms, head and all that an adaptation adds keep
    /// 32-bit floats: what trains is trained in them, and cast where it meets the blocks.
    /// </summary>
    /// <param name="precision">In which numbers the blocks compute.</param>
    /// <exception cref="NotSupportedException">The weights of the blocks are to train, or have low-rank updates that are not folded.</exception>
    public void Cast(Precision precision)
    {
        if (precision != Precision.Float32 && (Options.Tuning == Adapters.BackboneTuning.Full || Options.Lora is not null))
            throw new NotSupportedException($"{precision} is for frozen blocks; this recogniser has {(Options.Lora is null ? "blocks that train" : "low-rank updates in them")}. Use {Precision.Float32}{(Options.Lora is null ? "" : ", or fold it first")}.");
        foreach (ResidualBlock block in _backbone.Blocks)
            block.Cast(precision.ElementType());
    }

    /// <summary>The class feature of each frame.</summary>
    /// <param name="clips">Normalised pixels, (B, 3, T, H, W).</param>
    /// <returns>(B, D, T); with <see cref="RecognizerOptions.PoolBeforeNorm"/> the mean's, (B, D, 1).</returns>
    /// <exception cref="ArgumentException">The clips have another shape.</exception>
    public Tensor Features(Tensor clips)
    {
        if (clips.shape.Length != 5)
            throw new ArgumentException($"The clips have shape ({string.Join(", ", clips.shape)}); expected (B, 3, T, H, W).", nameof(clips));
        return _backbone.call(clips);
    }

    /// <summary>
    /// Loads the weights of an image model into the backbone. Adapters, temporal embedding and head keep their initial
    /// values, by design; everything else must come from the file. CLIP's text tower and projection are left out.
    /// </summary>
    /// <param name="weights">An image model of any family: CLIP, OpenCLIP, Hugging Face's CLIP, timm, the lab's own; or the backbone of a recogniser.</param>
    /// <returns>What was loaded, what keeps its initial values and what was left out.</returns>
    /// <exception cref="CheckpointException">Keys are missing, unexpected or of another shape; all are listed.</exception>
    public LoadReport LoadBackbone(WeightSet weights) => WeightLoading.LoadBackbone(this, weights);

    /// <summary>Loads the weights of an image model from a file; see <see cref="LoadBackbone(WeightSet)"/>.</summary>
    /// <param name="path">safetensors, PyTorch zip or TorchScript archive.</param>
    /// <returns>What was loaded, what keeps its initial values and what was left out.</returns>
    /// <exception cref="CheckpointException">The file is damaged or does not fit.</exception>
    public LoadReport LoadBackbone(string path)
    {
        using WeightSet weights = WeightFile.Read(path);
        return LoadBackbone(weights);
    }

    /// <summary>Loads a whole recogniser: every parameter must come from the file, and nothing else may be in it.</summary>
    /// <param name="weights">Weights in official naming.</param>
    /// <returns>What was loaded.</returns>
    /// <exception cref="CheckpointException">Keys are missing, unexpected or of another shape; all are listed.</exception>
    public LoadReport Load(WeightSet weights) => WeightLoading.LoadRecognizer(this, weights);

    /// <summary>
    /// Loads what an adaptation trained, out of a file that leaves the frozen image model out, as ST-Adapter's do. The
    /// image model comes first, by <see cref="LoadBackbone(WeightSet)"/>.
    /// </summary>
    /// <param name="weights">Adapters and head; weights of the image model that it has all the same are loaded too.</param>
    /// <returns>What was loaded, and which weights of the image model stay as they are.</returns>
    /// <exception cref="CheckpointException">Adapters or head are missing, or something is unexpected or of another shape; all are listed.</exception>
    public LoadReport LoadAdaptation(WeightSet weights) => WeightLoading.LoadAdaptation(this, weights);

    /// <summary>Saves the whole recogniser as safetensors in official naming, its options among the metadata.</summary>
    /// <param name="path">The file.</param>
    /// <param name="metadata">More strings to keep with it, such as provenance.</param>
    public void Save(string path, IReadOnlyDictionary<string, string>? metadata = null) => WeightLoading.SaveRecognizer(this, path, metadata);

    /// <summary>Makes a recogniser from a file that <see cref="Save"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="CheckpointException">The file is damaged, or carries no options.</exception>
    public static VideoRecognizer Open(string path) => Open(path, out _);

    /// <summary>Makes a recogniser from a file that <see cref="Save"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <param name="report">What was loaded; it names weights that are no numbers.</param>
    /// <exception cref="CheckpointException">The file is damaged, or carries no options.</exception>
    public static VideoRecognizer Open(string path, out LoadReport report) => WeightLoading.OpenRecognizer(path, out report);
}
