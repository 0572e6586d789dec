using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.Stdha;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.MicroWorld;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Ablations;

/// <summary>What all runs of a sweep share, made once: image model, lists, decoded clips, importance of heads.</summary>
public sealed class SweepSource
{
    private readonly Dictionary<string, VideoRunData> _listed = [];
    private readonly Dictionary<string, VideoRunData> _decoded = [];
    private readonly Dictionary<string, HeadImportance> _importance = [];
    private readonly Func<string, MicroSplits> _lists;
    private readonly RunStore? _store;

    /// <summary>Over an image model and lists that are there.</summary>
    /// <param name="image">The frozen image model.</param>
    /// <param name="lists">The lists of a kind of data.</param>
    public SweepSource(PretrainedImageModel image, Func<string, MicroSplits> lists) => (Image, _lists) = (image, lists);

    /// <summary>The frozen image model.</summary>
    public PretrainedImageModel Image { get; }

    private SweepSource(PublicDataSet set, RunStore? store)
        : this(set.Image, key => throw new ArgumentException($"The data here are {set.Manifest.Name}; found '{key}'.", nameof(key)))
    {
        DataSet = set;
        _store = store;
        _listed[set.Manifest.Id] = set.Clips;
        // Its frames are read when they are needed.
        _decoded[set.Manifest.Id] = set.Clips;
    }

    /// <summary>Over a public data set.</summary>
    /// <param name="choice">The data set and the image model.</param>
    /// <param name="size">All of it, or quick.</param>
    /// <param name="data">Folder of the data sets.</param>
    /// <param name="store">Where measured importance of heads is kept; null keeps none.</param>
    /// <exception cref="ArgumentException">It cannot be opened (<see cref="PublicDataSet.Open"/>).</exception>
    public static SweepSource Of(DataSetChoice choice, MicroSize size, string data, RunStore? store = null) => new(PublicDataSet.Open(choice, data, size), store);

    /// <summary>Time offsets that runs on the lab's own data have where a row sets none.</summary>
    internal static HeadSplit MicroHeads { get; } = HeadSplit.Lowest(-1, 1);

    /// <summary>The public data set; null over the lab's own data.</summary>
    public PublicDataSet? DataSet { get; }

    /// <summary>A sweep in the numbers of this image model, and on the public data set where there is one.</summary>
    /// <param name="sweep">The sweep as its file has it, or fitted already.</param>
    /// <exception cref="ArgumentException">It does not fit; the message names what.</exception>
    public SweepDefinition Fit(SweepDefinition sweep) => SweepFitting.Fit(sweep, this);

    /// <summary>A fitted sweep on fewer kinds of data, or with runs cut short (<see cref="SweepDefinition.Narrowed"/>).</summary>
    /// <param name="sweep">The sweep as its file has it.</param>
    /// <param name="epochs">Epochs of every run; 0 for those of the sweep.</param>
    /// <param name="kinds">Kinds of data; none for all.</param>
    public SweepDefinition Narrowed(SweepDefinition sweep, int epochs, IReadOnlyList<string> kinds) =>
        Fit(sweep).Narrowed(epochs, kinds, DataSet is null ? TrainingOptions.MicroSsv2 : DataSet.Run(DataSet.Clips, seed: 0).Training);

    /// <summary>The run that rows change.</summary>
    /// <param name="clips">Its clips.</param>
    /// <param name="method">Its method.</param>
    /// <param name="seed">Its seed.</param>
    internal VideoRunOptions Start(VideoRunData clips, AdaptationMethod method, int seed) =>
        DataSet is null ? MicroRecipe.Run(clips, Image, method, MicroHeads, seed) : DataSet.Run(clips, method, seed);

    /// <summary>Makes the image model of a size where it is missing, and the data of each kind when it is first asked for.</summary>
    /// <param name="size">The size.</param>
    /// <param name="data">Folder of the data sets.</param>
    /// <param name="models">Folder of the image models.</param>
    /// <param name="made">Told of data in the making.</param>
    /// <param name="trained">Told of the image model's training.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static SweepSource Ensure(
        MicroSize size, string data, string models, IProgress<MicroProgress>? made = null, IProgress<TrainingProgress>? trained = null, CancellationToken cancellationToken = default)
    {
        ImagePretrainingOptions options = size == MicroSize.Quick ? ImagePretrainingOptions.Quick : ImagePretrainingOptions.Small;
        PretrainedImageModel image = new ImagePretrainer(options).Ensure(models, MicroImages.Ensure(data, options.Stills, made, cancellationToken), trained, cancellationToken);
        return new SweepSource(image, key => SweepData.Named(key).Ensure!(data, size, made, cancellationToken));
    }

    /// <summary>The clips of a kind of data, nothing decoded yet: enough to name runs.</summary>
    /// <param name="data">The kind.</param>
    public VideoRunData Listed(string data)
    {
        if (_listed.TryGetValue(data, out VideoRunData? known))
            return known;
        MicroSplits splits = _lists(data);
        int side = MicroRecipe.Recognizer.Backbone.Resolution;
        return _listed[data] = new VideoRunData(DecodedClips.OnDemand(splits.Train, side), DecodedClips.OnDemand(splits.Test, side));
    }

    /// <summary>The clips of a kind of data, decoded; once for all runs of this process.</summary>
    /// <param name="data">The kind.</param>
    /// <param name="progress">Told after each video.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public VideoRunData Decoded(string data, IProgress<DecodingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        if (_decoded.TryGetValue(data, out VideoRunData? known))
            return known;
        VideoRunData listed = Listed(data);
        return _decoded[data] = VideoRunData.Load(listed.Train.List, listed.Test.List, MicroRecipe.Recognizer.Backbone.Resolution, progress, cancellationToken);
    }

    /// <summary>Does runs in this process, on one core: so numbers do not depend on how many processes share them.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="progress">Told how far the queue has come.</param>
    /// <param name="decoding">Told of clips being decoded.</param>
    /// <param name="cancellationToken">Stops it; a later call goes on from there.</param>
    /// <returns>What came of each run, in order (<see cref="QueuedRuns.Execute"/>).</returns>
    public IReadOnlyList<QueueResult> Execute(
        IReadOnlyList<SweepRun> runs, IProgress<QueueProgress>? progress = null, IProgress<DecodingProgress>? decoding = null, CancellationToken cancellationToken = default)
    {
        int threads = get_num_threads();
        set_num_threads(1);
        try
        {
            return QueuedRuns.Execute(runs, run => run.Settings.Clips(Decoded(run.Data, decoding, cancellationToken), run.Seed), Image.Path, progress, cancellationToken);
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    /// <summary>Importance of the image model's heads for a kind of data.</summary>
    /// <param name="data">The kind.</param>
    public HeadImportance Importance(string data)
    {
        if (_importance.TryGetValue(data, out HeadImportance? known))
            return known;
        VideoRunData clips = Listed(data);
        VideoRunOptions run = Start(clips, AdaptationMethod.ZeroI2V, seed: 0);
        return _importance[data] = _store is null ? Measure() : KeptImportance.Of(_store, run, Measure);

        HeadImportance Measure() => HeadImportance.Measure(Image.Path, clips, run);
    }
}
