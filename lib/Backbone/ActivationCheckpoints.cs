using static TorchSharp.torch;

namespace ZeroI2V.Lab.Backbone;

/// <summary>
/// Activation checkpointing ("Training Deep Nets with Sublinear Memory Cost", Chen et al. 2016), block by block: the forward pass
/// keeps of each block its input alone, and <see cref="Backward"/> computes the block once more before it goes back through it.
/// Training then holds the activations of one block in place of all, for one more forward pass. Gradients are the same.
/// </summary>
/// <remarks>
/// While it is alive, calls of the recogniser that record gradients end at a tensor of their own after the last block, so a
/// training step is: call, loss, <c>loss.backward()</c>, <see cref="Backward"/>. Dropout draws the same numbers again: on a CPU
/// those that it would draw without checkpoints, since the generator's state is kept for each block; on a GPU, whose generator's
/// state TorchSharp does not give, each block begins with a seed of its own, drawn from the CPU's generator.
/// </remarks>
public sealed class ActivationCheckpoints : IDisposable
{
    private readonly VisionTransformer _model;
    private readonly Stack<Segment> _segments = new();
    private int _frames;
    private Tensor? _first;
    private Tensor? _last;

    /// <summary>Checkpoints a recogniser's blocks from here on.</summary>
    /// <param name="recognizer">The recogniser.</param>
    /// <exception cref="InvalidOperationException">It has checkpoints already.</exception>
    public ActivationCheckpoints(VideoRecognizer recognizer)
    {
        ArgumentNullException.ThrowIfNull(recognizer);
        _model = recognizer.Backbone;
        if (_model.Checkpoints is not null)
            throw new InvalidOperationException("This recogniser's activations are checkpointed already. Dispose the other checkpoints first.");
        _model.Checkpoints = this;
    }

    /// <summary>All blocks, without the graph. What it keeps lives until <see cref="Backward"/>, the next call, or the end.</summary>
    /// <param name="blocks">The blocks.</param>
    /// <param name="x">Tokens, (B·T, N, D).</param>
    /// <param name="frames">T.</param>
    /// <returns>(B·T, N, D), with a gradient that ends here.</returns>
    internal Tensor Forward(IReadOnlyList<ResidualBlock> blocks, Tensor x, int frames)
    {
        Forget();
        _frames = frames;
        _first = x.alias().DetachFromDisposeScope();
        bool recorded = x.requires_grad;
        Tensor current = x.detach().DetachFromDisposeScope();
        foreach (ResidualBlock block in blocks)
        {
            var segment = new Segment(block, current, recorded, Dropout.Now(x.device));
            _segments.Push(segment);
            current = Once(segment);
            recorded |= segment.Trains;
        }
        _last = current;
        _last.requires_grad = recorded;
        return _last.view(_last.shape);
    }

    /// <summary>The rest of the backward pass, after that of the loss: through the blocks and what lies before them.</summary>
    /// <exception cref="InvalidOperationException">There was no forward pass, or the loss has not gone back.</exception>
    public void Backward()
    {
        if (_last is null)
            throw new InvalidOperationException("There is no forward pass to go back through. Call the recogniser with gradients first.");
        using var scope = NewDisposeScope();
        if (_last.requires_grad)
        {
            Tensor gradient = (_last.grad ?? throw new InvalidOperationException("The loss has not gone back to the blocks' output. Call backward() on the loss first.")).DetachFromDisposeScope();
            Dropout after = Dropout.Now(_last.device);
            try
            {
                while (_segments.TryPop(out Segment? segment))
                {
                    using (segment)
                    {
                        // Nothing before the first block that trains has a gradient.
                        if (!segment.InputRecorded && !segment.Trains)
                            break;
                        gradient = Through(segment, gradient);
                    }
                }
                if (_first!.requires_grad)
                    _first.backward([gradient]);
            }
            finally
            {
                gradient.Dispose();
                after.Replay();
                after.Dispose();
            }
        }
        Forget();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Forget();
        if (ReferenceEquals(_model.Checkpoints, this))
            _model.Checkpoints = null;
    }

    /// <summary>Computes a block and forgets its graph. A block that is computed again has one all the same: functions that record
    /// nothing may round in other places.</summary>
    private Tensor Once(Segment segment)
    {
        using var scope = NewDisposeScope();
        using (set_grad_enabled(segment.InputRecorded || segment.Trains))
        {
            Tensor input = segment.Input.detach();
            input.requires_grad = segment.InputRecorded;
            return segment.Block.call(input, _frames).detach().DetachFromDisposeScope();
        }
    }

    /// <summary>Computes a block again, with the graph, and goes back through it.</summary>
    private Tensor Through(Segment segment, Tensor gradient)
    {
        using var scope = NewDisposeScope();
        using Tensor given = gradient;
        Tensor input = segment.Input.detach();
        input.requires_grad = segment.InputRecorded;
        segment.Dropout.Replay();
        segment.Block.call(input, _frames).backward([given]);
        return segment.InputRecorded ? input.grad!.DetachFromDisposeScope() : zeros([0]).DetachFromDisposeScope();
    }

    private void Forget()
    {
        while (_segments.TryPop(out Segment? segment))
            segment.Dispose();
        _first?.Dispose();
        _last?.Dispose();
        (_first, _last) = (null, null);
    }

    /// <summary>What dropout draws from here on.</summary>
    private sealed class Dropout : IDisposable
    {
        private readonly Tensor? _state;
        private readonly long _seed;

        private Dropout(Tensor? state, long seed) => (_state, _seed) = (state, seed);

        internal static Dropout Now(Device device)
        {
            if (device.type == TorchSharp.DeviceType.CPU)
                return new Dropout(get_rng_state().DetachFromDisposeScope(), 0);
            // Drawn on the CPU: no wait for the GPU.
            using Tensor drawn = randint(long.MaxValue, [1], dtype: ScalarType.Int64);
            var seeded = new Dropout(null, drawn.item<long>());
            seeded.Replay();
            return seeded;
        }

        internal void Replay()
        {
            if (_state is not null)
                set_rng_state(_state);
            else
                cuda.manual_seed_all(_seed);
        }

        public void Dispose() => _state?.Dispose();
    }

    /// <summary>A block with what it takes to compute it again.</summary>
    private sealed record Segment(ResidualBlock Block, Tensor Input, bool InputRecorded, Dropout Dropout) : IDisposable
    {
        internal bool Trains { get; } = Block.parameters().Any(parameter => parameter.requires_grad);

        public void Dispose()
        {
            Input.Dispose();
            Dropout.Dispose();
        }
    }
}
