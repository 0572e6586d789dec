using System.Runtime.InteropServices;

namespace TorchSharp;

public static partial class torch
{
    public static unsafe string __version__ => Marshal.PtrToStringUTF8((IntPtr)Native.lab_version())!;

    public static DisposeScope NewDisposeScope() => DisposeScopeManager.OfThread.Open();

    public static DisposeScope? CurrentDisposeScope => DisposeScopeManager.OfThread.Current;

    public static Tensor WrappedTensorDisposeScope(Func<Tensor> expr)
    {
        using var scope = NewDisposeScope();
        return expr().MoveToOuterDisposeScope();
    }

    public static ScalarType get_default_dtype() => ScalarType.Float32;

    public static Device get_default_device() => CPU;

    public static bool is_floating_point(ScalarType type) =>
        type is ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 or ScalarType.Float64;

    public static bool is_floating_point(Tensor input) => is_floating_point(input.dtype);

    public static bool is_integral(ScalarType type) => type is ScalarType.Byte or ScalarType.Int8 or ScalarType.Int16 or ScalarType.Int32
        or ScalarType.Int64 or ScalarType.Bool;

    public static bool is_integral(Tensor t) => is_integral(t.dtype);

    // ---- modes --------------------------------------------------------------------------------------------------

    public static bool is_grad_enabled() => Native.lab_grad_enabled() != 0;

    public static IDisposable set_grad_enabled(bool mode = true) => new GradMode(mode);

    public static IDisposable no_grad() => new GradMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);

    public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);

    public static bool is_inference_mode_enabled() => Native.lab_inference_enabled() != 0;

    private sealed class GradMode : IDisposable
    {
        private readonly int before = Native.lab_grad_enabled();

        internal GradMode(bool enabled) => Native.lab_set_grad_enabled(enabled ? 1 : 0);

        public void Dispose() => Native.lab_set_grad_enabled(before);
    }

    private sealed class InferenceMode(bool enabled) : IDisposable
    {
        private IntPtr mode = Native.lab_inference_enter(enabled ? 1 : 0);

        public void Dispose()
        {
            if (mode != IntPtr.Zero)
                Native.lab_inference_exit(mode);
            mode = IntPtr.Zero;
        }
    }

    // ---- threads ------------------------------------------------------------------------------------------------

    public static int get_num_threads() => Native.lab_threads();

    public static void set_num_threads(int num) => Native.lab_set_threads(num);

    public static int get_num_interop_threads() => Native.lab_interop_threads();

    public static void set_num_interop_threads(int num) => Native.Check(Native.lab_set_interop_threads(num));

    // ---- random numbers -----------------------------------------------------------------------------------------

    public static Generator manual_seed(long seed)
    {
        Native.Check(Native.lab_manual_seed(seed));
        return Generator.Default;
    }

    public static long initial_seed() => Generator.Default.initial_seed();

    public static Tensor get_rng_state() => Generator.Default.get_state();

    public static void set_rng_state(Tensor new_state) => Generator.Default.set_state(new_state);

    public static class random
    {
        public static Generator manual_seed(long seed) => torch.manual_seed(seed);

        public static long initial_seed() => torch.initial_seed();

        public static Tensor get_rng_state() => torch.get_rng_state();

        public static void set_rng_state(Tensor new_state) => torch.set_rng_state(new_state);
    }

    /// <summary>A stream of random numbers.</summary>
    public class Generator : IDisposable
    {
        private IntPtr handle;

        private Generator(IntPtr handle, Device device) => (this.handle, this.device) = (Native.Check(handle), device);

        public Generator(ulong seed = 0, Device? device = null)
            : this(Native.lab_generator(InitializeDevice(device).Bits, (long)seed), device ?? CPU) { }

        ~Generator() => Dispose(false);

        public static Generator Default => new(Native.lab_default_generator(CPU.Bits), CPU);

        public Device device { get; private set; }

        public IntPtr Handle => handle != IntPtr.Zero ? handle : throw new ObjectDisposedException(nameof(Generator));

        public Generator manual_seed(long seed)
        {
            Native.Check(Native.lab_generator_seed(Handle, seed));
            return this;
        }

        public long initial_seed() => Native.lab_generator_initial_seed(Handle);

        public long seed() => Native.lab_generator_reseed(Handle);

        public Tensor get_state() => new(Native.Check(Native.lab_generator_state(Handle)));

        public void set_state(Tensor value)
        {
            Native.Check(Native.lab_generator_set_state(Handle, value.Handle));
            GC.KeepAlive(value);
        }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            var owned = Interlocked.Exchange(ref handle, IntPtr.Zero);
            if (owned != IntPtr.Zero)
                Native.lab_generator_free(owned);
        }
    }

    public static class cuda
    {
        public static bool is_available() => Native.lab_cuda_available() != 0;

        public static bool is_cudnn_available() => Native.lab_cudnn_available() != 0;

        public static int device_count() => Native.lab_cuda_count();

        public static void manual_seed_all(long seed) => Native.Check(Native.lab_cuda_seed_all(seed));

        public static void synchronize(Device? device = null) => Native.Check(Native.lab_cuda_synchronize(device?.index ?? -1));
    }

    public static partial class autograd
    {
        public static unsafe IList<Tensor> grad(IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor>? grad_outputs = null,
            bool retain_graph = false, bool create_graph = false, bool allow_unused = false)
        {
            IntPtr[] from = Handles(outputs), to = Handles(inputs), seeds = Handles(grad_outputs);
            var results = new IntPtr[to.Length];
            fixed (IntPtr* f = from, t = to, s = seeds, r = results)
                Native.Check(Native.lab_autograd_grad(f, from.Length, t, to.Length, s, seeds.Length,
                    retain_graph ? 1 : 0, create_graph ? 1 : 0, allow_unused ? 1 : 0, r));
            GC.KeepAlive(outputs);
            GC.KeepAlive(inputs);
            GC.KeepAlive(grad_outputs);
            return results.Select(result => result == IntPtr.Zero ? null! : new Tensor(result)).ToArray();
        }

        public static unsafe void backward(IList<Tensor> tensors, IList<Tensor>? grad_tensors = null, bool? retain_graph = null,
            bool create_graph = false, IList<Tensor>? inputs = null)
        {
            IntPtr[] from = Handles(tensors), seeds = Handles(grad_tensors), into = Handles(inputs);
            fixed (IntPtr* f = from, s = seeds, i = into)
                Native.Check(Native.lab_backward(f, from.Length, s, seeds.Length, (retain_graph ?? create_graph) ? 1 : 0,
                    create_graph ? 1 : 0, i, into.Length));
            GC.KeepAlive(tensors);
            GC.KeepAlive(grad_tensors);
            GC.KeepAlive(inputs);
        }

        public static void backward(Tensor tensor, IList<Tensor>? grad_tensors = null, bool? retain_graph = null,
            bool create_graph = false, IList<Tensor>? inputs = null) =>
            backward([tensor], grad_tensors, retain_graph, create_graph, inputs);

        public static AnomalyMode detect_anomaly(bool check_nan = true) => new(true, check_nan);
    }

    internal static IntPtr[] Handles(IEnumerable<Tensor>? tensors) =>
        tensors is null ? [] : tensors.Select(tensor => tensor is null ? IntPtr.Zero : tensor.Handle).ToArray();
}

/// <summary>Looks for NaN in backward passes while it lives.</summary>
public class AnomalyMode : IDisposable
{
    private readonly bool enabledBefore = IsEnabled;
    private readonly bool checkedBefore = ShouldCheckNaN;

    public AnomalyMode(bool enabled, bool check_nan = true) => Native.lab_set_anomaly(enabled ? 1 : 0, check_nan ? 1 : 0);

    public static bool IsEnabled => Native.lab_anomaly_enabled() != 0;

    public static bool ShouldCheckNaN => Native.lab_anomaly_checks_nan() != 0;

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) => Native.lab_set_anomaly(enabledBefore ? 1 : 0, checkedBefore ? 1 : 0);
}

public static class TensorExtensionMethods
{
    public static Modules.Parameter AsParameter(this torch.Tensor tensor) => new(tensor);

    public static bool ToBoolean(this torch.Tensor value) => value.ToScalar().ToBoolean();
    public static byte ToByte(this torch.Tensor value) => value.ToScalar().ToByte();
    public static sbyte ToSByte(this torch.Tensor value) => value.ToScalar().ToSByte();
    public static short ToInt16(this torch.Tensor value) => value.ToScalar().ToInt16();
    public static int ToInt32(this torch.Tensor value) => value.ToScalar().ToInt32();
    public static long ToInt64(this torch.Tensor value) => value.ToScalar().ToInt64();
    public static Half ToHalf(this torch.Tensor value) => value.ToScalar().ToHalf();
    public static BFloat16 ToBFloat16(this torch.Tensor value) => value.ToScalar().ToBFloat16();
    public static float ToSingle(this torch.Tensor value) => value.ToScalar().ToSingle();
    public static double ToDouble(this torch.Tensor value) => value.ToScalar().ToDouble();

    public static long TotalSize(this IEnumerable<long> shape) => shape.Aggregate(1L, (product, size) => product * size);

    public static string str(this torch.Tensor tensor, string? fltFormat = null) => TensorText.Write(tensor, fltFormat ?? "g5", null);

    public static int ElementSize(this torch.ScalarType type) => type switch
    {
        torch.ScalarType.Byte or torch.ScalarType.Int8 or torch.ScalarType.Bool => 1,
        torch.ScalarType.Int16 or torch.ScalarType.Float16 or torch.ScalarType.BFloat16 => 2,
        torch.ScalarType.Int32 or torch.ScalarType.Float32 => 4,
        torch.ScalarType.Int64 or torch.ScalarType.Float64 or torch.ScalarType.ComplexFloat32 => 8,
        _ => throw new NotImplementedException($"ElementSize of {type}")
    };
}
