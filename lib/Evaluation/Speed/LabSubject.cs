using TorchSharp;
using TorchSharp.Modules;
using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Evaluation.Speed;

/// <summary>One of the lab's recognisers with a batch of random clips on a device, ready to run.</summary>
internal sealed class LabSubject : IDisposable
{
    private readonly VideoRecognizer _model;
    private readonly Tensor _clips;
    private readonly Tensor _labels;
    private readonly AdamW? _optimizer;
    private readonly ActivationCheckpoints? _checkpoints;
    private readonly Device _device;

    /// <summary>Makes it.</summary>
    /// <param name="options">The recogniser.</param>
    /// <param name="batch">Clips.</param>
    /// <param name="training">Whether it is to train.</param>
    /// <param name="precision">In which numbers.</param>
    /// <param name="device">Where.</param>
    /// <param name="checkpointing">Whether training computes blocks again in place of keeping what is inside them.</param>
    internal LabSubject(RecognizerOptions options, int batch, bool training, Precision precision, Device device, bool checkpointing = false)
    {
        _device = device;
        _model = new VideoRecognizer(options);
        try
        {
            _model.Cast(precision);
            _model.to(device);
            int side = options.Backbone.Resolution;
            // The numbers do not matter, but they must not be nothing: denormals are slow.
            _clips = randn([batch, 3, options.Frames, side, side], device: device).DetachFromDisposeScope();
            _labels = zeros([batch], dtype: ScalarType.Int64, device: device).DetachFromDisposeScope();
            if (training)
            {
                ParameterGroups groups = TrainableParameters.Freeze(_model);
                _optimizer = optim.AdamW(groups.WithDecay.Concat(groups.WithoutDecay).Select(item => item.Parameter), lr: 1e-9, weight_decay: 0.05);
                _checkpoints = checkpointing ? new ActivationCheckpoints(_model) : null;
            }
            _model.train(training);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Makes it and measures its memory.</summary>
    /// <param name="options">The recogniser.</param>
    /// <param name="batch">Clips.</param>
    /// <param name="training">Whether it is to train.</param>
    /// <param name="precision">In which numbers.</param>
    /// <param name="device">Where.</param>
    /// <param name="checkpointing">Whether training computes blocks again in place of keeping what is inside them.</param>
    /// <param name="peak">The most bytes that its first two runs take above its weights and batch; null where the system does not tell. The
    /// first run makes the optimizer's state; what is kept for the runs to come is made in the second.</param>
    internal static LabSubject Measured(RecognizerOptions options, int batch, bool training, Precision precision, Device device, bool checkpointing, out long? peak)
    {
        peak = device.type == DeviceType.CUDA ? new GpuMemory(options, batch, training, precision, device.ToString(), checkpointing).Peak() : null;
        var subject = new LabSubject(options, batch, training, precision, device, checkpointing);
        if (device.type == DeviceType.CPU)
            peak = PeakMemory.Of(() => { subject.Run(); subject.Run(); });
        return subject;
    }

    /// <summary>Runs once, to its end.</summary>
    internal void Run()
    {
        using (NewDisposeScope())
        {
            if (_optimizer is null)
            {
                using var frozen = no_grad();
                _model.call(_clips);
            }
            else
            {
                _optimizer.zero_grad();
                nn.functional.cross_entropy(_model.call(_clips), _labels).backward();
                _checkpoints?.Backward();
                _optimizer.step();
            }
        }
        if (_device.type == DeviceType.CUDA)
            cuda.synchronize(_device);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _checkpoints?.Dispose();
        _optimizer?.Dispose();
        _clips?.Dispose();
        _labels?.Dispose();
        _model.Dispose();
    }
}
