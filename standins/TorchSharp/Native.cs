using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace TorchSharp;

/// <summary>The functions of native/labtorch.cpp.</summary>
internal static unsafe partial class Native
{
    /// <summary>This one, and the one below the real package, in whose place it is for whoever asks for that.</summary>
    private const string Library = "labtorch", RealLibrary = "LibTorchSharp";

    private static readonly Lock Loading = new();
    private static IntPtr loaded;

    internal enum Kind : long
    {
        None, Tensor, Int, Double, Bool, Ints, Tensors, String, Device, Generator, Doubles
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct Value
    {
        public Kind Kind;
        public long Bits;
        public long Length;
    }

    // A static constructor would come too late: it does not run before an extern method.
    [ModuleInitializer]
    internal static void Register()
    {
        NativeLibrary.SetDllImportResolver(typeof(Native).Assembly, Resolve);
        AssemblyLoadContext.GetLoadContext(typeof(Native).Assembly)!.ResolvingUnmanagedDll += (assembly, name) => name == RealLibrary ? Resolve(Library, assembly, null) : IntPtr.Zero;
    }

    /// <summary>Where LAB_TORCH_LIBRARY says, beside this assembly, beside the program, or in a checkout's native/build.</summary>
    private static IntPtr Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library)
            return IntPtr.Zero;
        const string file = "liblabtorch.so";
        var tried = new List<string>();
        foreach (var candidate in Candidates())
        {
            tried.Add(candidate);
            if (File.Exists(candidate))
                return Load(candidate);
        }
        throw new DllNotFoundException(
            $"{file}, which binds libtorch, was not found (looked at {string.Join(", ", tried)}). " +
            "Run ./lab setup, which builds it, or name one in LAB_TORCH_LIBRARY.");

        static IEnumerable<string> Candidates()
        {
            if (Environment.GetEnvironmentVariable("LAB_TORCH_LIBRARY") is { Length: > 0 } named)
            {
                yield return named;
                yield break;
            }
            foreach (var folder in new[] { Path.GetDirectoryName(typeof(Native).Assembly.Location), AppContext.BaseDirectory })
                if (!string.IsNullOrEmpty(folder))
                    yield return Path.Combine(folder, file);
            for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
                if (Directory.Exists(Path.Combine(folder, "native")))
                    yield return Path.Combine(folder, "native", "build", file);
        }
    }

    /// <summary>
    /// Loads the library, and sets what libtorch leaves to chance. OpenMP's threads spin while they wait, beside OpenBLAS's
    /// own and whatever else the machine runs: on a busy machine that made training several times slower, so they soon sleep. And
    /// libtorch counts the cores of some virtual machines as one. What the environment says about either stands.
    /// </summary>
    private static IntPtr Load(string path)
    {
        // Asked once for every function; the second time the threads may have been set on purpose.
        lock (Loading)
            return loaded != IntPtr.Zero ? loaded : loaded = LoadOnce(path);
    }

    private static IntPtr LoadOnce(string path)
    {
        NativeEnvironment.Prepare();
        if (Unset("OMP_WAIT_POLICY") && Unset("GOMP_SPINCOUNT"))
        {
            // A few microseconds first: from one small operation to the next nobody has to be woken, which in a virtual machine
            // takes longer than the operation. Measured: a forward pass of ViT-B/16 took 0.74 s in place of 0.79.
            _ = setenv("OMP_WAIT_POLICY", "passive", 0);
            _ = setenv("GOMP_SPINCOUNT", "3000", 0);
        }
        var library = NativeLibrary.Load(path);
        if (Unset("OMP_NUM_THREADS") && Unset("OPENBLAS_NUM_THREADS"))
            ((delegate* unmanaged<int, void>)NativeLibrary.GetExport(library, nameof(lab_set_threads)))(Cores());
        return library;

        static bool Unset(string name) => string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name));
    }

    /// <summary>Cores that this process may use; two hardware threads of one core count once.</summary>
    private static int Cores()
    {
        const string folder = "/sys/devices/system/cpu";
        if (!Directory.Exists(folder))
            return Environment.ProcessorCount;
        var cores = Directory.EnumerateDirectories(folder, "cpu*")
            .Select(cpu => Path.Combine(cpu, "topology", "core_cpus_list"))
            .Where(File.Exists).Select(File.ReadAllText).Distinct().Count();
        return cores == 0 ? Environment.ProcessorCount : Math.Min(cores, Environment.ProcessorCount);
    }

    // The runtime's own environment is a copy that native libraries do not see.
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);

    /// <summary>The error that the last failed call of this thread left. An exception that managed code threw inside of that call
    /// goes on as it was.</summary>
    internal static Exception Error()
    {
        if (lab_exception() is var handle && handle != IntPtr.Zero)
        {
            var thrown = (Exception)GCHandle.FromIntPtr(handle).Target!;
            lab_forget_exception();
            ExceptionDispatchInfo.Throw(thrown);
        }
        return new ExternalException(Marshal.PtrToStringUTF8((IntPtr)lab_error()) ?? "unknown error in libtorch");
    }

    internal static void Check(int result)
    {
        if (result < 0)
            throw Error();
    }

    internal static IntPtr Check(IntPtr result) => result != IntPtr.Zero ? result : throw Error();

    // Short functions that neither block nor call back need no change of the thread's mode.
    [LibraryImport(Library)] private static partial byte* lab_error();
    [LibraryImport(Library)] private static partial IntPtr lab_exception();
    [LibraryImport(Library)] private static partial void lab_forget_exception();
    [LibraryImport(Library)] internal static partial byte* lab_version();
    [LibraryImport(Library)] internal static partial IntPtr lab_op(byte* name, byte* overload);
    [LibraryImport(Library)] internal static partial int lab_call(IntPtr op, Value* arguments, int count, Value* results, int capacity);
    [LibraryImport(Library)] internal static partial void lab_free_list(IntPtr* items);
    [LibraryImport(Library)] internal static partial IntPtr lab_attention(IntPtr query, IntPtr key, IntPtr value, IntPtr mask, double dropout, int causal);

    [LibraryImport(Library)] internal static partial IntPtr lab_silu(IntPtr tensor);
    [LibraryImport(Library)] internal static partial IntPtr lab_dropout(IntPtr tensor, double p, int train);

    [LibraryImport(Library)] internal static partial void lab_free(IntPtr tensor);
    [LibraryImport(Library)] internal static partial IntPtr lab_alias(IntPtr tensor);
    [SuppressGCTransition][LibraryImport(Library)] internal static partial long lab_dim(IntPtr tensor);
    [SuppressGCTransition][LibraryImport(Library)] internal static partial long lab_numel(IntPtr tensor);
    [SuppressGCTransition][LibraryImport(Library)] internal static partial int lab_dtype(IntPtr tensor);
    [SuppressGCTransition][LibraryImport(Library)] internal static partial long lab_device(IntPtr tensor);
    [SuppressGCTransition][LibraryImport(Library)] internal static partial long lab_element_size(IntPtr tensor);
    [SuppressGCTransition][LibraryImport(Library)] internal static partial long lab_storage_offset(IntPtr tensor);
    [LibraryImport(Library)] internal static partial void* lab_data(IntPtr tensor);
    [SuppressGCTransition][LibraryImport(Library)] internal static partial void lab_sizes(IntPtr tensor, long* sizes);
    [SuppressGCTransition][LibraryImport(Library)] internal static partial void lab_strides(IntPtr tensor, long* strides);
    [SuppressGCTransition][LibraryImport(Library)] internal static partial int lab_is_contiguous(IntPtr tensor);
    [SuppressGCTransition][LibraryImport(Library)] internal static partial int lab_requires_grad(IntPtr tensor);
    [SuppressGCTransition][LibraryImport(Library)] internal static partial int lab_is_leaf(IntPtr tensor);
    [LibraryImport(Library)] internal static partial int lab_set_requires_grad(IntPtr tensor, int value);
    [LibraryImport(Library)] internal static partial IntPtr lab_grad(IntPtr tensor);
    [LibraryImport(Library)] internal static partial int lab_set_grad(IntPtr tensor, IntPtr grad);
    [LibraryImport(Library)] internal static partial int lab_retain_grad(IntPtr tensor);
    [LibraryImport(Library)] internal static partial IntPtr lab_from_data(void* data, long* sizes, int dimensions, int dtype);

    [LibraryImport(Library)] internal static partial int lab_backward(IntPtr* tensors, long count, IntPtr* grads, long gradCount, int retainGraph, int createGraph, IntPtr* inputs, long inputCount);
    [LibraryImport(Library)] internal static partial int lab_autograd_grad(IntPtr* outputs, long outputCount, IntPtr* inputs, long inputCount, IntPtr* grads, long gradCount, int retainGraph, int createGraph, int allowUnused, IntPtr* results);
    [LibraryImport(Library)] internal static partial IntPtr lab_function(IntPtr* inputs, long count, IntPtr* saved, long savedCount, IntPtr output, IntPtr handle, delegate* unmanaged<IntPtr, IntPtr, IntPtr, IntPtr*, IntPtr> backward, delegate* unmanaged<IntPtr, void> release);
    [LibraryImport(Library)] internal static partial int lab_function_saved(IntPtr context, IntPtr* results, long count);
    [SuppressGCTransition][LibraryImport(Library)] internal static partial int lab_grad_enabled();
    [SuppressGCTransition][LibraryImport(Library)] internal static partial void lab_set_grad_enabled(int enabled);
    [SuppressGCTransition][LibraryImport(Library)] internal static partial int lab_inference_enabled();
    [LibraryImport(Library)] internal static partial IntPtr lab_inference_enter(int enabled);
    [LibraryImport(Library)] internal static partial void lab_inference_exit(IntPtr mode);
    [LibraryImport(Library)] internal static partial void lab_set_anomaly(int enabled, int checkNaN);
    [LibraryImport(Library)] internal static partial int lab_anomaly_enabled();
    [LibraryImport(Library)] internal static partial int lab_anomaly_checks_nan();

    [LibraryImport(Library)] internal static partial IntPtr lab_generator(long device, long seed);
    [LibraryImport(Library)] internal static partial IntPtr lab_default_generator(long device);
    [LibraryImport(Library)] internal static partial void lab_generator_free(IntPtr generator);
    [LibraryImport(Library)] internal static partial int lab_generator_seed(IntPtr generator, long seed);
    [LibraryImport(Library)] internal static partial long lab_generator_initial_seed(IntPtr generator);
    [LibraryImport(Library)] internal static partial long lab_generator_reseed(IntPtr generator);
    [LibraryImport(Library)] internal static partial IntPtr lab_generator_state(IntPtr generator);
    [LibraryImport(Library)] internal static partial int lab_generator_set_state(IntPtr generator, IntPtr state);
    [LibraryImport(Library)] internal static partial int lab_manual_seed(long seed);

    [LibraryImport(Library)] internal static partial int lab_cuda_available();
    [LibraryImport(Library)] internal static partial int lab_cudnn_available();
    [LibraryImport(Library)] internal static partial int lab_cuda_count();
    [LibraryImport(Library)] internal static partial int lab_cuda_synchronize(long index);
    [LibraryImport(Library)] internal static partial int lab_cuda_seed_all(long seed);
    [LibraryImport(Library)] internal static partial int lab_threads();
    [LibraryImport(Library)] internal static partial void lab_set_threads(int count);
    [LibraryImport(Library)] internal static partial int lab_interop_threads();
    [LibraryImport(Library)] internal static partial int lab_set_interop_threads(int count);

    [LibraryImport(Library)] internal static partial int lab_adamw(IntPtr* parameters, IntPtr* averages, IntPtr* squares, IntPtr* maxima, long* steps, long count, double rate, double beta1, double beta2, double eps, double decay, int maximize);
    [LibraryImport(Library)] internal static partial int lab_zero_grads(IntPtr* parameters, long count);
}
