using System.Runtime.InteropServices;
using ZeroI2V.Lab.Backbone;

namespace ZeroI2V.Lab.Tests.Backbone;

/// <summary>In which of the orders that streams and events leave open a simulated GPU works.</summary>
public enum Order
{
    /// <summary>Everything as soon as it may.</summary>
    AtOnce,

    /// <summary>Nothing until somebody waits for it.</summary>
    Late,

    /// <summary>Copies as soon as they may, computing when somebody waits for it.</summary>
    CopiesFirst,

    /// <summary>Computing at once, copies when somebody waits for them.</summary>
    ComputingFirst,

    /// <summary>Drawn from a seed, either side fast or slow.</summary>
    Drawn,
}

/// <summary>
/// CUDA's driver as far as copies need it, over ordinary memory. What is queued runs in an order that streams and events allow, as
/// unhelpful as one likes: who leaves out a wait gets wrong numbers. One at a time: native functions have no object.
/// </summary>
internal sealed unsafe class SimulatedGpu
{
    private const nint FirstHandle = 1000;

    private static SimulatedGpu s_gpu = null!;

    private readonly Order _order;
    private readonly Random _random;
    private readonly double _computing, _copying;
    private readonly Dictionary<nint, Queue<Work>> _streams = new() { [CudaDriver.ComputeStream] = new() };
    private readonly Dictionary<nint, Work?> _events = [];
    private readonly HashSet<nint> _written = [];
    private readonly Stack<nint> _contexts = new();
    private nint _handles = FirstHandle;

    public SimulatedGpu(Order order, int seed = 0)
    {
        (s_gpu, _order, _random) = (this, order, new Random(seed));
        (_computing, _copying) = (_random.NextDouble(), _random.NextDouble());
    }

    /// <summary>What a correct program would not have done.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>Names of all functions that were asked for.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>Functions that fail, with their error.</summary>
    public Dictionary<string, int> Failing { get; } = [];

    /// <summary>Contexts that are current on top of each other.</summary>
    public int Depth => _contexts.Count;

    /// <summary>Copies from outside that were made.</summary>
    public int Arrived { get; private set; }

    public CudaDriver Driver(string? missing = null) => CudaDriver.From(name => name == missing ? 0 : Function(name))!;

    /// <summary>Queues work where libtorch does.</summary>
    /// <param name="run">What it does when its turn comes.</param>
    /// <param name="endless">It never ends.</param>
    public void Compute(Action run, bool endless = false) => Queue(CudaDriver.ComputeStream, new Work(run) { Endless = endless });

    /// <summary>Waits for everything.</summary>
    public void Finish()
    {
        foreach (Work work in _streams.Values.SelectMany(queue => queue).ToArray())
            Force(work);
    }

    private nint Function(string name)
    {
        Asked.Add(name);
        return name switch
        {
            "cuDeviceGet" => (nint)(delegate* unmanaged<int*, int, int>)&DeviceGet,
            "cuDevicePrimaryCtxRetain" => (nint)(delegate* unmanaged<nint*, int, int>)&Retain,
            "cuCtxPushCurrent_v2" => (nint)(delegate* unmanaged<nint, int>)&Push,
            "cuCtxPopCurrent_v2" => (nint)(delegate* unmanaged<nint*, int>)&Pop,
            "cuStreamCreate" => (nint)(delegate* unmanaged<nint*, uint, int>)&StreamCreate,
            "cuEventCreate" => (nint)(delegate* unmanaged<nint*, uint, int>)&EventCreate,
            "cuEventRecord" => (nint)(delegate* unmanaged<nint, nint, int>)&EventRecord,
            "cuStreamWaitEvent" => (nint)(delegate* unmanaged<nint, nint, uint, int>)&StreamWaitEvent,
            "cuEventSynchronize" => (nint)(delegate* unmanaged<nint, int>)&EventSynchronize,
            "cuMemcpyAsync" => (nint)(delegate* unmanaged<nint, nint, nuint, nint, int>)&MemcpyAsync,
            "cuMemGetInfo_v2" => (nint)(delegate* unmanaged<nuint*, nuint*, int>)&MemGetInfo,
            // Copies need none of these.
            "cuModuleLoadData" or "cuModuleGetFunction" or "cuLaunchKernel" => (nint)(delegate* unmanaged<int>)&NotThere,
            "cuGetErrorString" => (nint)(delegate* unmanaged<int, byte**, int>)&ErrorString,
            _ => 0,
        };
    }

    // A device's context is 100 + its number; device handles are 10 + the index asked for.
    [UnmanagedCallersOnly]
    private static int DeviceGet(int* device, int index) => s_gpu.Call("cuDeviceGet", () => *device = 10 + index, needsContext: false);

    [UnmanagedCallersOnly]
    private static int Retain(nint* context, int device) => s_gpu.Call("cuDevicePrimaryCtxRetain", () => *context = 100 + device, needsContext: false);

    [UnmanagedCallersOnly]
    private static int Push(nint context) => s_gpu.Call("cuCtxPushCurrent_v2", () => s_gpu._contexts.Push(context), needsContext: false);

    [UnmanagedCallersOnly]
    private static int Pop(nint* context) => s_gpu.Call("cuCtxPopCurrent_v2", () => *context = s_gpu._contexts.Pop());

    [UnmanagedCallersOnly]
    private static int StreamCreate(nint* stream, uint flags) => s_gpu.Call("cuStreamCreate", () =>
    {
        s_gpu.Expect(flags == 1, "A stream would wait for the default one.");
        s_gpu._streams.Add(*stream = s_gpu._handles++, new());
    });

    [UnmanagedCallersOnly]
    private static int EventCreate(nint* made, uint flags) => s_gpu.Call("cuEventCreate", () =>
    {
        s_gpu.Expect((flags & 2) != 0, "An event takes the time.");
        s_gpu._events.Add(*made = s_gpu._handles++, null);
    });

    [UnmanagedCallersOnly]
    private static int EventRecord(nint recorded, nint stream) => s_gpu.Call("cuEventRecord", () =>
        s_gpu._events[recorded] = s_gpu.Queue(stream, new Work(() => { })));

    [UnmanagedCallersOnly]
    private static int StreamWaitEvent(nint stream, nint recorded, uint flags) => s_gpu.Call("cuStreamWaitEvent", () =>
        s_gpu.Queue(stream, new Work(() => { }) { After = s_gpu._events[recorded] }));

    [UnmanagedCallersOnly]
    private static int EventSynchronize(nint recorded) => s_gpu.Call("cuEventSynchronize", () =>
    {
        if (s_gpu._events[recorded] is not Work work)
            return;
        s_gpu.Expect(work.Stream != CudaDriver.ComputeStream, "The program waits for the stream that computes.");
        s_gpu.Force(work);
    });

    [UnmanagedCallersOnly]
    private static int MemcpyAsync(nint target, nint source, nuint bytes, nint stream) => s_gpu.Call("cuMemcpyAsync", () =>
    {
        // Memory that is new to the other stream may be in use by all that was queued to the one that computes.
        Work[] before = stream != CudaDriver.ComputeStream && s_gpu._written.Add(target) ? [.. s_gpu._streams[CudaDriver.ComputeStream]] : [];
        s_gpu.Queue(stream, new Work(() =>
        {
            s_gpu.Expect(before.All(work => work.Done), "A new buffer is written while its memory is in use.");
            Buffer.MemoryCopy((void*)source, (void*)target, bytes, bytes);
            if (stream != CudaDriver.ComputeStream)
                s_gpu.Arrived++;
        }));
    });

    [UnmanagedCallersOnly]
    private static int MemGetInfo(nuint* free, nuint* total) => s_gpu.Call("cuMemGetInfo_v2", () => (*free, *total) = (3000, 8000));

    [UnmanagedCallersOnly]
    private static int NotThere() => 1;

    [UnmanagedCallersOnly]
    private static int ErrorString(int error, byte** text)
    {
        *text = (byte*)Marshal.StringToCoTaskMemUTF8("out of memory");
        return 0;
    }

    private int Call(string name, Action act, bool needsContext = true)
    {
        if (Failing.TryGetValue(name, out int error))
            return error;
        Expect(!needsContext || _contexts.TryPeek(out nint context) && context == 111, $"{name} is called in another context than GPU 1's.");
        act();
        return 0;
    }

    private void Expect(bool right, string fault)
    {
        if (!right)
            Faults.Add(fault);
    }

    private Work Queue(nint stream, Work work)
    {
        work.Stream = stream;
        _streams[stream].Enqueue(work);
        switch (_order)
        {
            case Order.ComputingFirst when stream == CudaDriver.ComputeStream:
                Force(work);
                break;
            case Order.AtOnce:
                Advance(_ => true);
                break;
            case Order.CopiesFirst:
                Advance(s => s != CudaDriver.ComputeStream);
                break;
            case Order.Drawn:
                Advance(s => _random.NextDouble() < (s == CudaDriver.ComputeStream ? _computing : _copying));
                break;
        }
        return work;
    }

    /// <summary>Runs what may run, in the streams that may go on.</summary>
    private void Advance(Func<nint, bool> may)
    {
        bool went = true;
        while (went)
        {
            went = false;
            foreach ((nint stream, Queue<Work> queue) in _streams)
            {
                if (queue.TryPeek(out Work? next) && !next.Endless && next.After is not { Done: false } && may(stream))
                {
                    Run(queue);
                    went = true;
                }
            }
        }
    }

    /// <summary>Runs what comes before a piece of work, and the work.</summary>
    private void Force(Work work)
    {
        Queue<Work> queue = _streams[work.Stream];
        while (!work.Done)
        {
            Work next = queue.Peek();
            if (next.Endless)
            {
                Faults.Add("Somebody waits for what never ends.");
                next.Endless = false;
            }
            if (next.After is { Done: false } other)
                Force(other);
            Run(queue);
        }
    }

    private static void Run(Queue<Work> queue)
    {
        Work work = queue.Dequeue();
        work.Act();
        work.Done = true;
    }

    private sealed class Work(Action act)
    {
        public Action Act => act;

        public nint Stream { get; set; }

        public Work? After { get; init; }

        public bool Endless { get; set; }

        public bool Done { get; set; }
    }
}
