using TorchSharp;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Backbone;

/// <summary>
/// Brings tensors to a GPU on a stream of their own: a batch is copied while the GPU computes on the one before. The way is
/// pinned memory → a buffer on the GPU → a tensor of the caller's. The last step, on the stream that computes, takes next to no
/// time and is needed: libtorch hands out memory on which kernels queued before may still be at work, and only that stream
/// comes after them. Pinned memory and buffers stay, two of each for a type of numbers, so a copy may be under way while the next
/// one is prepared; they hold the largest batch so far.
/// </summary>
internal sealed class CopyStream
{
    private const int InTurn = 2;

    private static readonly Lazy<CudaDriver?> s_driver = new(CudaDriver.Find);
    private static readonly Dictionary<int, CopyStream> s_streams = [];

    private readonly Lock _lock = new();
    private readonly CudaDriver _cuda;
    private readonly Func<long[], ScalarType, Tensor> _onGpu, _pinned;
    private readonly nint _context, _stream;
    private readonly Dictionary<ScalarType, Queue<Slot>> _slots = [];

    /// <summary>A stream to a GPU, for the life of the process.</summary>
    /// <param name="cuda">The driver.</param>
    /// <param name="index">The GPU, counted from 0.</param>
    /// <param name="onGpu">Memory there, by shape and type, free to whoever comes next on the stream that computes.</param>
    /// <param name="pinned">Memory here that the GPU reads by itself.</param>
    internal CopyStream(CudaDriver cuda, int index, Func<long[], ScalarType, Tensor> onGpu, Func<long[], ScalarType, Tensor> pinned)
    {
        (_cuda, _onGpu, _pinned) = (cuda, onGpu, pinned);
        _context = cuda.Context(index);
        using (cuda.Use(_context))
            _stream = cuda.NewStream();
    }

    /// <summary>The stream to a GPU.</summary>
    /// <returns>Null where CUDA's driver library is not found under its name.</returns>
    public static CopyStream? To(Device device)
    {
        if (s_driver.Value is not CudaDriver cuda)
            return null;
        lock (s_streams)
        {
            if (!s_streams.TryGetValue(device.index, out CopyStream? stream))
            {
                stream = new CopyStream(
                    cuda,
                    Math.Max(0, device.index), // −1 is the current one, and nothing here makes another one current
                    (shape, type) => empty(shape, dtype: type, device: device),
                    (shape, type) => empty(shape, dtype: type).pin_memory());
                s_streams.Add(device.index, stream);
            }
            return stream;
        }
    }

    /// <summary>Whether numbers of a type can be brought.</summary>
    public static bool Takes(ScalarType type) => type is ScalarType.Float32 or ScalarType.Int64;

    /// <summary>
    /// Queues a copy. No kernel is waited for but by a program that is several batches ahead of the GPU: the copy of two tensors of this
    /// type ago must have ended, and it waited for its buffer.
    /// </summary>
    /// <param name="x">A tensor on the CPU of a type that is taken; free to change when this returns.</param>
    /// <returns>A tensor on the GPU, the caller's own. What is queued from here on finds it filled.</returns>
    /// <exception cref="CudaException">CUDA failed, now or in something queued before.</exception>
    public Tensor Bring(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        lock (_lock)
        {
            Slot slot = Next(x.dtype);
            using (_cuda.Use(_context))
                _cuda.Wait(slot.Copied); // its pinned memory has been read
            Grow(slot, x);
            slot.Pinned!.narrow(0, 0, x.NumberOfElements).view(x.shape).copy_(x);
            Tensor brought = _onGpu(x.shape, x.dtype);
            nint pinned = Address(slot.Pinned), buffer = Address(slot.Buffer!), target = Address(brought);
            long bytes = x.NumberOfElements * x.ElementSize;
            using (_cuda.Use(_context))
            {
                _cuda.StreamWaits(_stream, slot.Read);
                _cuda.Copy(buffer, pinned, bytes, _stream);
                _cuda.Record(slot.Copied, _stream);
                _cuda.StreamWaits(CudaDriver.ComputeStream, slot.Copied);
                _cuda.Copy(target, buffer, bytes, CudaDriver.ComputeStream);
                _cuda.Record(slot.Read, CudaDriver.ComputeStream);
            }
            return brought.MoveToOuterDisposeScope();
        }
    }

    private Slot Next(ScalarType type)
    {
        if (!_slots.TryGetValue(type, out Queue<Slot>? slots))
        {
            using (_cuda.Use(_context))
                slots = new Queue<Slot>(Enumerable.Range(0, InTurn).Select(_ => new Slot(copied: _cuda.NewEvent(), read: _cuda.NewEvent())));
            _slots.Add(type, slots);
        }
        Slot next = slots.Dequeue();
        slots.Enqueue(next);
        return next;
    }

    /// <summary>
    /// Makes room for a tensor in a slot whose last copy has ended. What queued work still reads of the old buffer stays until then:
    /// libtorch gives its memory away in the order of the stream that computes. The new one's may still be in use there as well.
    /// </summary>
    private void Grow(Slot slot, Tensor x)
    {
        if (slot.Pinned is not null && slot.Pinned.NumberOfElements >= x.NumberOfElements)
            return;
        slot.Pinned?.Dispose();
        slot.Buffer?.Dispose();
        (slot.Pinned, slot.Buffer) = (null, null);
        Tensor pinned = _pinned([x.NumberOfElements], x.dtype), buffer = _onGpu([x.NumberOfElements], x.dtype);
        using (_cuda.Use(_context))
            _cuda.Record(slot.Read, CudaDriver.ComputeStream);
        (slot.Pinned, slot.Buffer) = (pinned.DetachFromDisposeScope(), buffer.DetachFromDisposeScope());
    }

    /// <summary>Where a tensor that has its memory to itself begins.</summary>
    private static nint Address(Tensor x) =>
        x.dtype switch
        {
            ScalarType.Float32 => x.storage<float>().data_ptr(),
            ScalarType.Int64 => x.storage<long>().data_ptr(),
            _ => throw new ArgumentException($"Float32 or Int64 can be brought; found {x.dtype}.", nameof(x)),
        };

    /// <summary>Memory for a copy, and what tells when it may be written again.</summary>
    private sealed class Slot(nint copied, nint read)
    {
        /// <summary>The pinned memory was read and the buffer filled.</summary>
        public nint Copied => copied;

        /// <summary>The buffer was read, or is new and nobody else's any more.</summary>
        public nint Read => read;

        public Tensor? Pinned { get; set; }

        public Tensor? Buffer { get; set; }
    }
}
