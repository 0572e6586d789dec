using System.Runtime.InteropServices;
using System.Text;

namespace ZeroI2V.Lab.Backbone;

/// <summary>
/// Streams, events, queued copies, kernels of one's own and how much memory is left, for which TorchSharp has no words: CUDA's own
/// driver library. Whichever runtime a libtorch brings along, under whatever name or linked into it, stands on this one, and its
/// contexts and streams are the same.
/// </summary>
internal sealed unsafe class CudaDriver
{
    /// <summary>The stream on which libtorch computes where nobody chose another: the context's default one.</summary>
    public const nint ComputeStream = 0;

    /// <summary>The driver's library.</summary>
    public const string Library = "libcuda.so.1";

    /// <summary>What to say where <see cref="Find"/> finds none.</summary>
    public const string NotFound = $"CUDA's driver library ({Library}) was not found, or lacks a function";

    // A stream that does not wait for the default one; events that tell no time, and for which a thread sleeps: the loader's
    // workers need the cores.
    private const uint NonBlockingStream = 1, SleepingUntimedEvent = 1 | 2;

    private static readonly string[] s_names =
    [
        "cuDeviceGet", "cuDevicePrimaryCtxRetain", "cuCtxPushCurrent_v2", "cuCtxPopCurrent_v2", "cuStreamCreate", "cuEventCreate",
        "cuEventRecord", "cuStreamWaitEvent", "cuEventSynchronize", "cuMemcpyAsync", "cuMemGetInfo_v2", "cuGetErrorString",
        "cuModuleLoadData", "cuModuleGetFunction", "cuLaunchKernel",
    ];

    private readonly delegate* unmanaged<int*, int, int> _device;
    private readonly delegate* unmanaged<nint*, int, int> _retain;
    private readonly delegate* unmanaged<nint, int> _push;
    private readonly delegate* unmanaged<nint*, int> _pop;
    private readonly delegate* unmanaged<nint*, uint, int> _createStream;
    private readonly delegate* unmanaged<nint*, uint, int> _createEvent;
    private readonly delegate* unmanaged<nint, nint, int> _record;
    private readonly delegate* unmanaged<nint, nint, uint, int> _streamWait;
    private readonly delegate* unmanaged<nint, int> _wait;
    private readonly delegate* unmanaged<nint, nint, nuint, nint, int> _copy;
    private readonly delegate* unmanaged<nuint*, nuint*, int> _memory;
    private readonly delegate* unmanaged<int, byte**, int> _text;
    private readonly delegate* unmanaged<nint*, byte*, int> _load;
    private readonly delegate* unmanaged<nint*, nint, byte*, int> _function;
    private readonly delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int> _launch;

    private CudaDriver(nint[] functions)
    {
        _device = (delegate* unmanaged<int*, int, int>)functions[0];
        _retain = (delegate* unmanaged<nint*, int, int>)functions[1];
        _push = (delegate* unmanaged<nint, int>)functions[2];
        _pop = (delegate* unmanaged<nint*, int>)functions[3];
        _createStream = (delegate* unmanaged<nint*, uint, int>)functions[4];
        _createEvent = (delegate* unmanaged<nint*, uint, int>)functions[5];
        _record = (delegate* unmanaged<nint, nint, int>)functions[6];
        _streamWait = (delegate* unmanaged<nint, nint, uint, int>)functions[7];
        _wait = (delegate* unmanaged<nint, int>)functions[8];
        _copy = (delegate* unmanaged<nint, nint, nuint, nint, int>)functions[9];
        _memory = (delegate* unmanaged<nuint*, nuint*, int>)functions[10];
        _text = (delegate* unmanaged<int, byte**, int>)functions[11];
        _load = (delegate* unmanaged<nint*, byte*, int>)functions[12];
        _function = (delegate* unmanaged<nint*, nint, byte*, int>)functions[13];
        _launch = (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)functions[14];
    }

    /// <summary>The driver, whose library a process that uses a GPU has loaded.</summary>
    /// <returns>Null where it is not found or lacks a function.</returns>
    public static CudaDriver? Find() =>
        NativeLibrary.TryLoad(Library, out nint library) ? From(name => NativeLibrary.TryGetExport(library, name, out nint found) ? found : 0) : null;

    /// <summary>A driver by its functions.</summary>
    /// <param name="function">The address of a function; 0 where it is not there.</param>
    /// <returns>Null where a function is not there.</returns>
    internal static CudaDriver? From(Func<string, nint> function)
    {
        nint[] found = [.. s_names.Select(function)];
        return found.Contains(0) ? null : new CudaDriver(found);
    }

    /// <summary>The context that libtorch uses on a GPU.</summary>
    /// <param name="index">The GPU, counted from 0.</param>
    public nint Context(int index)
    {
        int device;
        nint context;
        Check(_device(&device, index), $"find GPU {index}");
        Check(_retain(&context, device), $"take GPU {index}");
        return context;
    }

    /// <summary>Makes a context the thread's current one until the answer is disposed of.</summary>
    public Current Use(nint context)
    {
        Check(_push(context), "choose a GPU");
        return new Current(this);
    }

    /// <summary>A new stream of the current context.</summary>
    public nint NewStream()
    {
        nint stream;
        Check(_createStream(&stream, NonBlockingStream), "make a stream");
        return stream;
    }

    /// <summary>A new event of the current context; until it is recorded, who waits for it goes on.</summary>
    public nint NewEvent()
    {
        nint made;
        Check(_createEvent(&made, SleepingUntimedEvent), "make an event");
        return made;
    }

    /// <summary>An event comes to stand for all that a stream was given so far.</summary>
    public void Record(nint recorded, nint stream) => Check(_record(recorded, stream), "mark what a copy waits for");

    /// <summary>What a stream is given from here on comes after an event, as that is recorded now.</summary>
    public void StreamWaits(nint stream, nint recorded) => Check(_streamWait(stream, recorded, 0), "put a copy into its order");

    /// <summary>Waits here, in the program, for an event.</summary>
    public void Wait(nint recorded) => Check(_wait(recorded), "end a copy");

    /// <summary>Queues a copy between the GPU's memory and its own or pinned memory.</summary>
    public void Copy(nint target, nint source, long bytes, nint stream) => Check(_copy(target, source, (nuint)bytes, stream), "queue a copy");

    /// <summary>The memory of the current context's GPU, in bytes: what nobody holds, neither this process nor another one, and all of it.</summary>
    public (long Free, long Total) Memory()
    {
        nuint free, total;
        Check(_memory(&free, &total), "tell its memory");
        return ((long)free, (long)total);
    }

    /// <summary>Has the driver compile kernels for the current context's GPU; they stay for the process.</summary>
    /// <param name="assembly">Their text in CUDA's assembly language (PTX).</param>
    public nint Load(string assembly)
    {
        nint module;
        fixed (byte* text = Encoding.UTF8.GetBytes(assembly + '\0'))
            Check(_load(&module, text), "compile the lab's kernels");
        return module;
    }

    /// <summary>A kernel of a module.</summary>
    public nint Function(nint module, string name)
    {
        nint function;
        fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0'))
            Check(_function(&function, module, text), $"find the kernel {name}");
        return function;
    }

    /// <summary>Queues a kernel.</summary>
    /// <param name="function">The kernel.</param>
    /// <param name="blocks">How many blocks.</param>
    /// <param name="threads">Threads of a block.</param>
    /// <param name="arguments">Its arguments, in the lowest bits of each number.</param>
    /// <param name="stream">Where.</param>
    public void Launch(nint function, uint blocks, uint threads, ReadOnlySpan<long> arguments, nint stream)
    {
        void** places = stackalloc void*[arguments.Length];
        fixed (long* first = arguments)
        {
            for (int i = 0; i < arguments.Length; i++)
                places[i] = first + i;
            Check(_launch(function, blocks, 1, 1, threads, 1, 1, 0, stream, places, null), "queue a kernel");
        }
    }

    /// <summary>Any call may also tell of a failure in what was queued long before.</summary>
    private void Check(int error, string what)
    {
        if (error == 0)
            return;
        byte* text;
        string said = _text(error, &text) == 0 ? Marshal.PtrToStringUTF8((nint)text)! : "unknown error";
        throw new CudaException($"CUDA could not {what}, or something queued before has failed: {said} (CUDA error {error}).");
    }

    /// <summary>Gives the thread back the context that it had.</summary>
    internal readonly struct Current(CudaDriver driver) : IDisposable
    {
        public void Dispose()
        {
            nint popped;
            driver.Check(driver._pop(&popped), "leave a GPU");
        }
    }
}

/// <summary>CUDA failed; to its callers as if libtorch had.</summary>
internal sealed class CudaException(string message) : ExternalException(message);
