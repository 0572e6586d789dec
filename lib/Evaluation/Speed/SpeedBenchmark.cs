using System.Numerics;
using System.Runtime.InteropServices;
using TorchSharp;
using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.Stdha;
using ZeroI2V.Lab.Training;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Evaluation.Speed;

/// <summary>
/// Measures the lab's recognisers beside the plain image model, the peers' methods and, where there is a Python with PyTorch, a
/// model in the official manner: all of them in turns, round by round, with random weights and clips made on the device.
/// </summary>
public sealed class SpeedBenchmark
{
    /// <summary>The image model applied to frames, with a head.</summary>
    public const string Plain = "plain ViT, frame by frame";

    /// <summary>ZeroI2V with its adapters beside the frozen weights.</summary>
    public const string Unfolded = "ZeroI2V, not folded";

    /// <summary>ZeroI2V as it is used.</summary>
    public const string Folded = "ZeroI2V, folded";

    /// <summary>The same, its blocks computed again in the backward pass.</summary>
    public const string Checkpointed = "ZeroI2V, not folded, activations checkpointed";

    /// <summary>PyTorch in the official manner, adapters in place as the official tests run it.</summary>
    public const string OfficialUnfolded = "official-style PyTorch, not folded";

    /// <summary>PyTorch in the official manner, folded.</summary>
    public const string Official = "official-style PyTorch, folded";

    /// <summary>The same with torch.compile.</summary>
    public const string Compiled = "official-style PyTorch, folded, torch.compile";

    /// <summary>PyTorch in the official manner, adapters in place, with torch.compile: its training step.</summary>
    public const string CompiledUnfolded = "official-style PyTorch, not folded, torch.compile";

    /// <summary>Said after a peer's name where it was given the environment that the lab gives libtorch.</summary>
    public const string SameEnvironment = ", same environment";

    private const int CpuBatch = 4;
    private const int LargestGpuBatchLog2 = 8;

    // The peer's process lives beside this one, and its attention weights take more than all that the lab's models do.
    private const int PartOfGpu = 6;

    private readonly SpeedOptions _options;
    private readonly Device _device;
    private readonly Action<string>? _progress;

    /// <summary>Prepares a benchmark.</summary>
    /// <param name="options">What to measure.</param>
    /// <param name="progress">Told what runs.</param>
    /// <exception cref="ArgumentException">The options are not valid, or there is no such device.</exception>
    public SpeedBenchmark(SpeedOptions options, Action<string>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Validate();
        _device = ComputeDevice.Named(options.Device);
        _progress = progress;
    }

    /// <summary>Measures; a report after each workload is complete up to there.</summary>
    /// <param name="soFar">Told the report after each workload of a preset and precision; null for nobody.</param>
    /// <param name="cancellationToken">Stops it between runs.</param>
    public SpeedReport Run(Action<SpeedReport>? soFar = null, CancellationToken cancellationToken = default)
    {
        using var scope = NewDisposeScope();
        var peers = new List<(PythonPeer Peer, string Suffix)>();
        try
        {
            // libtorch first: what it is given as its environment decides whether a peer with the same is worth a row.
            int threads = get_num_threads();
            if (_options.Python is { } python)
            {
                peers.Add((PythonPeer.Start(python, threads, sameEnvironment: false), ""));
                if (PythonPeer.EnvironmentsDiffer && _device.type == DeviceType.CPU)
                    peers.Add((PythonPeer.Start(python, threads, sameEnvironment: true), SameEnvironment));
            }
            var report = new SpeedReport
            {
                Surroundings = Surroundings.Here(),
                Device = _options.Device,
                Libtorch = __version__,
                Peer = peers.Count > 0 ? peers[0].Peer.Version : null,
                PeerDifference = peers.Count > 0 ? Difference(peers[0].Peer) : null,
                Threads = threads,
                Finished = DateTimeOffset.UtcNow,
                OnDevice = [.. ComputeDevice.InWords(_device)],
                Ceilings = [.. _options.Precisions.Select(precision => MatmulSpeed.Measure(precision, _device))],
                Differences = [],
                Entries = [],
            };
            foreach ((string name, RecognizerOptions recognizer) in _options.Presets)
            {
                foreach (Precision precision in _options.Precisions)
                {
                    if (precision != Precision.Float32)
                        report = report with { Differences = [.. report.Differences, Difference(name, recognizer, precision)] };
                    foreach (Workload workload in _options.Workloads)
                    {
                        report = report with
                        {
                            Entries = [.. report.Entries, .. Measure(name, recognizer, workload, precision, peers, cancellationToken)],
                            // A machine that others use too may have been slower at the start.
                            Ceilings = [.. report.Ceilings.Select(ceiling => ceiling.Precision == precision ? ceiling.OrFaster(MatmulSpeed.Measure(precision, _device)) : ceiling)],
                            Finished = DateTimeOffset.UtcNow,
                        };
                        soFar?.Invoke(report);
                    }
                }
            }
            return report;
        }
        finally
        {
            foreach ((PythonPeer peer, _) in peers)
                peer.Dispose();
        }
    }

    /// <summary>The subjects that a preset is measured with: their names and options.</summary>
    private IEnumerable<(string Name, RecognizerOptions Options)> Subjects(RecognizerOptions zero, Workload workload)
    {
        yield return (Plain, zero with { Heads = HeadSplit.Spatial, Adapters = null, TemporalEmbedding = false });
        yield return (Unfolded, zero);
        if (workload == Workload.TrainingStep)
            yield return (Checkpointed, zero);
        else
            yield return (Folded, zero.Folded());
        if (!_options.Methods)
            yield break;
        yield return (AdaptationMethod.Aim.Name, AdaptationMethod.Aim.Apply(zero));
        yield return (AdaptationMethod.StAdapter.Name, AdaptationMethod.StAdapter.Apply(zero));
    }

    private List<SpeedEntry> Measure(
        string preset, RecognizerOptions zero, Workload workload, Precision precision, List<(PythonPeer Peer, string Suffix)> peers, CancellationToken cancellationToken)
    {
        bool training = workload == Workload.TrainingStep;
        string compiled = training ? CompiledUnfolded : Compiled;
        if (training && precision == Precision.Float16)
            return [];
        int batch = 1;
        if (workload == Workload.Throughput)
        {
            Say("choosing a batch");
            batch = LargestBatch(zero, precision);
        }
        var timing = new InterleavedTiming();
        var alive = new List<LabSubject>();
        var entries = new Dictionary<string, SpeedEntry>();
        try
        {
            foreach ((string name, RecognizerOptions options) in Subjects(zero, workload))
            {
                // The plain image model has nothing to train but its head; its step is no comparison.
                if (training && name == Plain)
                    continue;
                Add(name, ModelCost.Of(options).Flops * batch, () =>
                {
                    LabSubject subject = LabSubject.Measured(options, batch, training, precision, _device, checkpointing: name == Checkpointed, out long? peak);
                    alive.Add(subject);
                    timing.Add(name, subject.Run);
                    return peak;
                });
            }
            foreach ((PythonPeer peer, string suffix) in peers)
            {
                if (!PythonPeer.CanBe(zero))
                    continue;
                AddPeer(peer, OfficialUnfolded + suffix, zero, compile: false);
                if (!training)
                    AddPeer(peer, Official + suffix, zero.Folded(), compile: false);
                // As a user finds it: with the lab's environment compiled models are slower (2.1 s become 10, PyTorch 2.6, ViT-B/16).
                if (peer.Compiles && suffix.Length == 0)
                    AddPeer(peer, compiled, training ? zero : zero.Folded(), compile: true);
            }
            // What is missing stands in the table too, with the reason.
            if (_options.Peer && peers.Count == 0)
                Leave(training ? OfficialUnfolded : Official, "no Python with PyTorch");
            if (_options.Peer && !peers.Any(peer => peer.Peer.Compiles))
                Leave(compiled, peers.Count == 0 ? "no Python with PyTorch" : $"PyTorch {peers[0].Peer.Version} has no torch.compile");
            timing.Measure(warmUp: 1, _options.Rounds, name => Say($"{name}"), cancellationToken);
            return [.. entries.Values.Select(entry => entry.NotMeasured is null ? entry with { Seconds = timing.Clock(entry.Subject).Values } : entry)];
        }
        finally
        {
            foreach (LabSubject subject in alive)
                subject.Dispose();
            foreach ((PythonPeer peer, _) in peers)
                peer.Drop();
        }

        void AddPeer(PythonPeer peer, string name, RecognizerOptions options, bool compile) => Add(name, null, () =>
        {
            if (_device.type == DeviceType.CUDA)
            {
                peer.Make("first", GpuMemory.First, 1, training, precision, _options.Device);
                peer.Run("first");
            }
            peer.Make(name, options, batch, training, precision, _options.Device, compile);
            long peak = peer.Peak(name);
            timing.Add(name, () => peer.Run(name));
            return compile ? null : peak;
        });

        void Leave(string name, string why) => entries.Add(name, Entry(name, null) with { NotMeasured = why });

        SpeedEntry Entry(string name, long? multiplyAdds) => new()
        {
            Preset = preset, Frames = zero.Frames, Workload = workload, Precision = precision, Subject = name, Batch = batch, Seconds = [], MultiplyAdds = multiplyAdds,
        };

        // What cannot be made is said in its row; the others are measured all the same.
        void Add(string name, long? multiplyAdds, Func<long?> make)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Say($"making {name}");
            SpeedEntry entry = Entry(name, multiplyAdds);
            try
            {
                entries.Add(name, entry with { PeakBytes = make() });
            }
            catch (Exception error) when (error is ExternalException or InvalidOperationException)
            {
                entries.Add(name, entry with { NotMeasured = error.Message });
            }
        }

        void Say(string what) => _progress?.Invoke($"{preset}, {workload}, {precision}: {what}");
    }

    private int LargestBatch(RecognizerOptions zero, Precision precision)
    {
        if (_options.Batch > 0)
            return _options.Batch;
        if (_device.type == DeviceType.CPU)
            return CpuBatch;
        // Not tried out here: this process would keep what a batch too large had taken, and the peer would lack it.
        long perClip = Math.Max(1, new GpuMemory(zero, CpuBatch, Training: false, precision, _options.Device, Checkpointing: false).Peak() / CpuBatch);
        long fit = GpuMemory.Left(_device).Total / PartOfGpu / perClip;
        return fit < 2 ? 1 : 1 << Math.Min(BitOperations.Log2((ulong)fit), LargestGpuBatchLog2);
    }

    /// <summary>The largest difference of a logit between the lab's small model and the peer's with the same weights and clip.</summary>
    private static double Difference(PythonPeer peer)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var generator = new Generator(1);
        RecognizerOptions options = SpeedOptions.QuickPresets[0].Recognizer;
        using var model = new VideoRecognizer(options);
        foreach (TorchSharp.Modules.Parameter parameter in model.parameters())
            parameter.copy_(parameter.add(randn(parameter.shape, generator: generator).mul(0.02)));
        model.eval();
        int side = options.Backbone.Resolution;
        Tensor clips = randn([2, 3, options.Frames, side, side], generator: generator);
        string folder = Directory.CreateTempSubdirectory("lab-bench-").FullName;
        try
        {
            string weights = Path.Combine(folder, "weights.safetensors"), input = Path.Combine(folder, "clips.safetensors");
            model.Save(weights);
            SafeTensors.Write(input, new Dictionary<string, Tensor> { ["clips"] = clips });
            peer.Make("check", options, batch: 1, training: false, Precision.Float32, "cpu", weights: weights);
            double[] theirs = peer.Logits("check", input);
            peer.Drop();
            float[] ours = [.. model.call(clips).data<float>()];
            return ours.Zip(theirs, (a, b) => Math.Abs(a - b)).Max();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>What a lower precision changes in the folded recogniser: the same random weights, one random clip.</summary>
    private PrecisionDifference Difference(string preset, RecognizerOptions zero, Precision precision)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var model = new VideoRecognizer(zero.Folded());
        model.to(_device);
        model.eval();
        int side = zero.Backbone.Resolution;
        Tensor clip = randn([1, 3, zero.Frames, side, side], device: _device);
        Tensor exact = model.call(clip).to(ScalarType.Float64);
        model.Cast(precision);
        Tensor rounded = model.call(clip).to(ScalarType.Float64), difference = rounded.sub(exact);
        return new PrecisionDifference(
            preset,
            precision,
            difference.abs().max().item<double>(),
            difference.norm().item<double>() / exact.norm().item<double>(),
            exact.argmax(1L).item<long>() == rounded.argmax(1L).item<long>());
    }
}
