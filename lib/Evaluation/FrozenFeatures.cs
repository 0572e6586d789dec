using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.Files;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Evaluation;

/// <summary>
/// The class feature of every frame of a list's videos under the frozen image model. Where only the head trains and no head looks
/// at other frames, they are all that a run needs of a video, and the same in every epoch and every run: they are computed once,
/// kept in a file beside the videos (<c>features-HASH.safetensors</c>; it may be deleted at any time), and read by every process.
/// Adapters, temporal heads and trained norms make features differ from step to step; no part of such a run is kept.
/// </summary>
internal sealed class FrozenFeatures
{
    private const string Rules = "layout 1, class feature of each frame behind the last norm", Name = "features";

    /// <summary>Frames that go through the image model at once.</summary>
    private const int FramesAtOnce = 256;

    /// <summary>More bytes than this are not kept: they are held in memory.</summary>
    private const long MostBytes = 1L << 30;

    // [frames of all videos, D]; the frames of video i begin at _first[i].
    private readonly float[] _values;
    private readonly int[] _first;
    private readonly int _width;
    private readonly ClipList _list;

    private FrozenFeatures(ClipList list, int width, float[] values, double seconds)
    {
        (_list, _width, _values, Seconds) = (list, width, values, seconds);
        _first = new int[list.Clips.Count];
        for (int i = 1; i < _first.Length; i++)
            _first[i] = _first[i - 1] + list.Clips[i - 1].Frames;
    }

    /// <summary>Seconds that computing them took, whichever run did it.</summary>
    internal double Seconds { get; }

    /// <summary>Whether a run needs no more of its videos, and gives the same numbers from them.</summary>
    /// <param name="options">The run.</param>
    /// <param name="data">Its clips.</param>
    internal static bool Suffice(VideoRunOptions options, VideoRunData data)
    {
        RecognizerOptions model = options.Recognizer;
        bool frozen = model is { Tuning: BackboneTuning.None, Adapters: null, Lora: null, Aim: null, StAdapter: null, TemporalEmbedding: false, PoolBeforeNorm: false } && model.Heads.IsSpatial;
        // Views of a public data set are cut out at random: of such a video no frame is seen twice.
        return frozen && options.Views is null && Fits(data.Train.List) && Fits(data.Test.List);

        bool Fits(ClipList list) =>
            list.Clips.Sum(clip => (long)clip.Frames) * model.Backbone.Width * sizeof(float) <= MostBytes && list.Clips.All(clip => clip.Sha256.Length > 0);
    }

    /// <summary>Reads the features of a list, or computes them.</summary>
    /// <param name="model">The recogniser, in the numbers and on the device that it computes with.</param>
    /// <param name="clips">The videos.</param>
    /// <param name="options">The run.</param>
    /// <param name="progress">Told how far computing is.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal static FrozenFeatures Of(
        VideoRecognizer model, DecodedClips clips, VideoRunOptions options, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        int width = options.Recognizer.Backbone.Width;
        string identity = Identity(clips.List, options);
        string path = Path.Combine(clips.List.Root, $"features-{identity[..10]}.safetensors");
        try
        {
            return MadeOnce.Ensure(
                path,
                () => TryOpen(path, identity, clips.List, width),
                temporary => Write(temporary, identity, width, Compute(model, clips, progress, cancellationToken)),
                () => progress?.Report(TrainingProgress.Preparing("another process computes features of the frozen image model; waiting for it", TimeSpan.Zero)),
                cancellationToken);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            progress?.Report(TrainingProgress.Preparing($"features cannot be kept in '{clips.List.Root}' ({fault.Message}); this run computes its own", TimeSpan.Zero));
            (float[] values, double seconds) = Compute(model, clips, progress, cancellationToken);
            return new FrozenFeatures(clips.List, width, values, seconds);
        }
    }

    /// <summary>The batches of a loader with features in the place of clips: the same clips, frames and order.</summary>
    /// <param name="loader">A loader over the videos.</param>
    /// <returns>Batches whose <see cref="ClipBatch.Clips"/> are (B, D, T).</returns>
    internal IClipBatches Batches(ClipLoader loader) => new FeatureBatches(this, loader);

    /// <summary>All that the features depend on, the processor's rounding included.</summary>
    private static string Identity(ClipList list, VideoRunOptions options)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add($"{Rules}; {options.ImageModelSha256}; {options.Recognizer.Backbone}; {options.Training.Precision}; {ComputeDevice.Chosen.type}");
        Add($"libtorch {__version__}; {Surroundings.Processor()}; {string.Create(CultureInfo.InvariantCulture, $"{get_num_threads()}")} threads");
        foreach (ClipRecord clip in list.Clips)
            Add($"{clip.Path}\t{clip.Sha256}\t{string.Create(CultureInfo.InvariantCulture, $"{clip.Frames}")}");
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Add(string line) => hash.AppendData(Encoding.UTF8.GetBytes(line + "\n"));
    }

    private static (float[] Values, double Seconds) Compute(VideoRecognizer model, DecodedClips clips, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        Device device = model.Head.parameters().First().device;
        int width = model.Options.Backbone.Width, side = model.Options.Backbone.Resolution, image = 3 * side * side;
        int total = clips.List.Clips.Sum(clip => clip.Frames), done = 0, waiting = 0;
        var values = new float[total * width];
        var pixels = new float[FramesAtOnce * image];
        using var late = new LateReading();
        model.eval();
        using var mode = no_grad();
        for (int i = 0; i < clips.List.Clips.Count; i++)
        {
            FrameStack frames = clips.Frames(i, [.. Enumerable.Range(0, clips.List.Clips[i].Frames)]);
            if ((frames.Height, frames.Width) != (side, side))
                throw new ArgumentException($"Frames must be {side}x{side}, as the recogniser takes them; '{clips.List.Clips[i].Path}' has {frames.Width}x{frames.Height}. Decode the clips with that short side.");
            for (int f = 0; f < frames.Count; f++)
            {
                Span<float> planes = pixels.AsSpan(waiting++ * image, image);
                ClipNormalization.Clip.Apply(frames.Frame(f), planes[..(image / 3)], planes[(image / 3)..(2 * image / 3)], planes[(2 * image / 3)..]);
                if (waiting == FramesAtOnce)
                    Flush();
            }
        }
        Flush();
        late.Read();
        return (values, clock.Elapsed.TotalSeconds);

        void Flush()
        {
            if (waiting == 0)
                return;
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            Tensor images = ComputeDevice.Bring(tensor(pixels[..(waiting * image)], [waiting, 3, side, side]), device);
            late.Read();
            int first = done * width;
            late.Keep(model.Backbone.call(images), features => features.CopyTo(values, first));
            done += waiting;
            waiting = 0;
            TimeSpan left = clock.Elapsed * ((double)(total - done) / done);
            progress?.Report(TrainingProgress.Preparing(FormattableString.Invariant($"features of the frozen image model, {done} of {total} frames, {left:m\\:ss} left"), left));
        }
    }

    private static void Write(string path, string identity, int width, (float[] Values, double Seconds) computed)
    {
        using Tensor features = tensor(computed.Values, [computed.Values.Length / width, width]);
        SafeTensors.Write(path, new Dictionary<string, Tensor> { [Name] = features }, new Dictionary<string, string>
        {
            ["what"] = "Class features of every frame of a list's videos under a frozen image model, computed once for all runs; it may be deleted",
            ["identity"] = identity,
            ["sha256"] = Hash(computed.Values),
            ["seconds"] = computed.Seconds.ToString("R", CultureInfo.InvariantCulture),
        });
    }

    /// <summary>Reads a file; nothing in it is believed before it is checked.</summary>
    /// <returns>The features; null where there is no file, or one that is damaged or another's, which is made anew.</returns>
    private static FrozenFeatures? TryOpen(string path, string identity, ClipList list, int width)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            using WeightSet file = SafeTensors.Read(path);
            if (file.Metadata.GetValueOrDefault("identity") != identity
                || !double.TryParse(file.Metadata.GetValueOrDefault("seconds"), NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds)
                || !file.Tensors.TryGetValue(Name, out Tensor? features) || features.dtype != ScalarType.Float32
                || features.shape is not [var frames, var columns] || frames != list.Clips.Sum(clip => (long)clip.Frames) || columns != width)
            {
                return null;
            }
            float[] values = features.data<float>().ToArray();
            return file.Metadata.GetValueOrDefault("sha256") == Hash(values) ? new FrozenFeatures(list, width, values, seconds) : null;
        }
        catch (CheckpointException)
        {
            return null;
        }
    }

    private static string Hash(float[] values) => Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(values.AsSpan())));

    private ReadOnlySpan<float> Frame(int clip, int frame)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(frame, _list.Clips[clip].Frames);
        return _values.AsSpan((_first[clip] + frame) * _width, _width);
    }

    private sealed class FeatureBatches(FrozenFeatures features, ClipLoader loader) : IClipBatches
    {
        public int Count => loader.Count;

        public int BatchSize => loader.BatchSize;

        public int BatchesPerEpoch => loader.BatchesPerEpoch;

        public IEnumerable<ClipBatch> Epoch(int epoch, int firstBatch = 0)
        {
            int[] order = loader.Order(epoch);
            for (int batch = firstBatch; batch < BatchesPerEpoch; batch++)
                yield return Batch([.. order.Skip(batch * BatchSize).Take(BatchSize)], epoch);
        }

        private ClipBatch Batch(int[] clips, int epoch)
        {
            int[][] frames = [.. clips.Select(clip => loader.FrameNumbers(clip, epoch))];
            (int width, int count) = (features._width, frames[0].Length);
            var values = new float[clips.Length * width * count];
            for (int i = 0; i < clips.Length; i++)
            {
                for (int t = 0; t < count; t++)
                {
                    ReadOnlySpan<float> frame = features.Frame(clips[i], frames[i][t]);
                    frame.CopyTo(values.AsSpan(((i * count) + t) * width));
                }
            }
            // (B, T, D) seen as (B, D, T): as the backbone's result lies.
            return new ClipBatch(
                tensor(values, [clips.Length, count, width]).transpose(1, 2),
                tensor([.. clips.Select(clip => (long)features._list.Clips[clip].Label)], [clips.Length]),
                clips);
        }
    }
}
