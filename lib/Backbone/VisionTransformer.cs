using TorchSharp.Modules;
using TorchSharp.Utils;
using ZeroI2V.Lab.Checkpoints;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Backbone;

/// <summary>
/// CLIP's vision tower ("Learning Transferable Visual Models From Natural Language Supervision", section 2.4),
/// for images and for the frames of clips. With offsets, adapters and a temporal embedding it is the backbone of
/// ZeroI2V; without, the plain image model, and not one operation more.
/// </summary>
/// <remarks>
/// Images: (B, 3, H, W) → class feature (B, D). Clips: (B, 3, T, H, W) → class feature of each frame (B, D, T).
/// State names are CLIP's below <c>visual.</c>.
/// </remarks>
public sealed class VisionTransformer : nn.Module<Tensor, Tensor>
{
    private readonly int _frames;
    private readonly bool _poolBeforeNorm;

    [ComponentName(Name = "class_embedding")]
    private readonly Parameter _classEmbedding;

    [ComponentName(Name = "positional_embedding")]
    private readonly Parameter _positionalEmbedding;

    [ComponentName(Name = "temporal_embedding")]
    private readonly Parameter? _temporalEmbedding;

    [ComponentName(Name = "conv1")]
    private readonly PatchEmbedding _patches;

    [ComponentName(Name = "ln_pre")]
    private readonly LayerNorm? _firstNorm;

    [ComponentName(Name = "transformer")]
    private readonly Transformer _transformer;

    [ComponentName(Name = "ln_post")]
    private readonly LayerNorm _lastNorm;

    [ComponentName(Name = "proj")]
    private readonly Parameter? _projection;

    /// <summary>The image model with CLIP's initial values, drawn from torch's global generator.</summary>
    /// <param name="options">Its sizes.</param>
    /// <exception cref="ArgumentException">The sizes do not fit one another.</exception>
    public VisionTransformer(VitOptions options)
        : this(options, video: null)
    {
    }

    /// <summary>The backbone of a video recogniser; its projection is dropped.</summary>
    internal VisionTransformer(RecognizerOptions options)
        : this(options.Backbone with { Projection = 0 }, options)
    {
    }

    private VisionTransformer(VitOptions options, RecognizerOptions? video)
        : base(nameof(VisionTransformer))
    {
        options.Validate();
        video?.Validate();
        Options = options;
        _frames = video is { TemporalEmbedding: true } ? video.Frames : 0;
        _poolBeforeNorm = video is { PoolBeforeNorm: true };
        double scale = Math.Pow(options.Width, -0.5);
        _classEmbedding = new Parameter(empty(options.Width));
        _positionalEmbedding = new Parameter(empty(options.Tokens(), options.Width));
        nn.init.normal_(_classEmbedding, std: scale);
        nn.init.normal_(_positionalEmbedding, std: scale);
        if (_frames > 0)
            _temporalEmbedding = new Parameter(zeros(1, _frames, options.Width));
        _patches = new PatchEmbedding(options.Width, options.PatchSize);
        if (!options.WithoutFirstNorm)
            _firstNorm = nn.LayerNorm(options.Width, eps: options.LayerNormEps);
        _transformer = new Transformer(options, video);
        _lastNorm = nn.LayerNorm(options.Width, eps: options.LayerNormEps);
        if (options.Projection > 0)
        {
            _projection = new Parameter(empty(options.Width, options.Projection));
            nn.init.normal_(_projection, std: scale);
        }
        RegisterComponents();
    }

    /// <summary>Its sizes.</summary>
    public VitOptions Options { get; }

    /// <summary>The blocks, first to last.</summary>
    internal IReadOnlyList<ResidualBlock> Blocks => _transformer.Blocks;

    /// <summary>The vector added to each frame's tokens, (1, T, D), or null.</summary>
    internal Parameter? TemporalEmbedding => _temporalEmbedding;

    /// <summary>The norm after the blocks.</summary>
    internal LayerNorm LastNorm => _lastNorm;

    /// <summary>Class, positional and temporal embeddings.</summary>
    internal IEnumerable<Parameter> Embeddings => new[] { _classEmbedding, _positionalEmbedding, _temporalEmbedding }.OfType<Parameter>();

    /// <summary>Everything beyond the image model: what an adaptation adds to the blocks, and the temporal embedding.</summary>
    internal IEnumerable<Parameter> Added
    {
        get
        {
            IEnumerable<Parameter> added = Blocks.SelectMany(block => block.Added).SelectMany(module => module.parameters());
            return _temporalEmbedding is null ? added : added.Append(_temporalEmbedding);
        }
    }

    /// <summary>All norms.</summary>
    internal IEnumerable<LayerNorm> Norms => new[] { _firstNorm }.OfType<LayerNorm>().Concat(Blocks.SelectMany(block => block.Norms)).Append(_lastNorm);

    /// <summary>Set while activations are checkpointed.</summary>
    internal ActivationCheckpoints? Checkpoints
    {
        get => _transformer.Checkpoints;
        set => _transformer.Checkpoints = value;
    }

    /// <summary>Taps listen here; see <see cref="ForwardTap"/>.</summary>
    internal event Action<TapPoint, int, Tensor> Observed
    {
        add => _transformer.Observed += value;
        remove => _transformer.Observed -= value;
    }

    /// <summary>Class features of images or of each frame of clips.</summary>
    /// <param name="input">Normalised pixels, (B, 3, H, W) or (B, 3, T, H, W).</param>
    /// <returns>(B, D) or (B, D, T); with <see cref="RecognizerOptions.PoolBeforeNorm"/> (B, D, 1).</returns>
    /// <exception cref="ArgumentException">The input has another shape.</exception>
    public override Tensor forward(Tensor input)
    {
        long[] s = input.shape;
        bool clips = s.Length == 5;
        if (s.Length is not (4 or 5) || s[0] < 1 || s[1] != 3 || s[^2] != Options.Resolution || s[^1] != Options.Resolution || (clips && s[2] < 1))
            throw new ArgumentException($"The input has shape ({string.Join(", ", s)}); expected (B, 3, {Options.Resolution}, {Options.Resolution}) or (B, 3, T, {Options.Resolution}, {Options.Resolution}). Resize the frames, or change Resolution.");
        if (_temporalEmbedding is not null && (!clips || s[2] != _frames))
            throw new ArgumentException($"The input has {(clips ? s[2] : 1)} frames; the temporal embedding has {_frames}. Sample as many, or make the model with other Frames.");

        using var scope = NewDisposeScope();
        int frames = clips ? (int)s[2] : 1;
        Tensor tokens = _transformer.call(Embed(input), frames);
        Tensor classes = tokens.select(1, 0); // (B·T, D)
        if (_poolBeforeNorm)
            (classes, frames) = (classes.view(s[0], frames, Options.Width).mean([1L]), 1);
        Tensor feature = _lastNorm.call(classes);
        if (clips)
            feature = feature.view(s[0], frames, Options.Width).transpose(1, 2);
        return feature.MoveToOuterDisposeScope();
    }

    /// <summary>CLIP's image embedding: the class feature times the projection.</summary>
    /// <param name="feature">Class features, (B, D).</param>
    /// <returns>(B, <see cref="VitOptions.Projection"/>).</returns>
    /// <exception cref="InvalidOperationException">The model has no projection.</exception>
    public Tensor Project(Tensor feature)
    {
        if (_projection is null)
            throw new InvalidOperationException("The model has no projection; set VitOptions.Projection to the columns of visual.proj.");
        if (feature.shape is not [_, var width] || width != Options.Width)
            throw new ArgumentException($"The features have shape ({string.Join(", ", feature.shape)}); expected (B, {Options.Width}).", nameof(feature));
        return feature.mm(_projection);
    }

    /// <summary>Loads an image model: CLIP as OpenAI, OpenCLIP, Hugging Face or timm name it (a text tower is left out), or the lab's own.</summary>
    /// <param name="weights">The weights, of any floating type; they are widened.</param>
    /// <returns>What was loaded and what was left out on purpose.</returns>
    /// <exception cref="CheckpointException">Keys are missing, unexpected or of another shape; all are listed.</exception>
    public LoadReport Load(WeightSet weights) => WeightLoading.LoadImageModel(this, weights);

    /// <summary>Saves the model as safetensors under CLIP's names, <c>visual.…</c>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="metadata">Strings to keep with it, such as provenance.</param>
    public void Save(string path, IReadOnlyDictionary<string, string>? metadata = null) => WeightLoading.SaveImageModel(this, path, metadata);

    /// <summary>(B, 3, H, W) or (B, 3, T, H, W) → tokens before the first block, (B·T, N, D).</summary>
    private Tensor Embed(Tensor input)
    {
        using var scope = NewDisposeScope();
        Tensor images = input.shape.Length == 5 ? input.permute(0, 2, 1, 3, 4).reshape(-1, 3, Options.Resolution, Options.Resolution) : input;
        long count = images.shape[0];
        Tensor classes = _classEmbedding.view(1, 1, Options.Width).expand(count, 1, Options.Width);
        // Where and when a token is, added as one: (N, D), or (T, N, D) for each clip.
        Tensor place = _temporalEmbedding is null ? _positionalEmbedding : _positionalEmbedding.add(_temporalEmbedding.transpose(0, 1));
        Tensor x = cat([classes, _patches.call(images)], dim: 1);
        x = x.view([-1, .. place.shape]).add_(place).view(count, -1, Options.Width);
        if (_firstNorm is not null)
            x = _firstNorm.call(x);
        _transformer.Notify(TapPoint.FirstNorm, 0, x);
        return x.MoveToOuterDisposeScope();
    }
}
