using System.Globalization;
using System.Runtime.CompilerServices;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A libtorch tensor. Freed by Dispose, by its dispose scope, or by its finalizer.</summary>
    public partial class Tensor : IDisposable
    {
        private static long totalCount;
        private static long peakCount;
        private IntPtr handle;

        internal Tensor(IntPtr handle, bool register = true)
        {
            this.handle = handle;
            var count = Interlocked.Increment(ref totalCount);
            if (count > peakCount)
                peakCount = count;
            if (register)
                OwningDisposeScope = DisposeScopeManager.OfThread.Register(this);
        }

        ~Tensor() => Dispose(false);

        public static long TotalCount => totalCount;

        public static long PeakCount => peakCount;

        internal DisposeScope? OwningDisposeScope { get; set; }

        public string? name { get; set; }

        public bool IsInvalid => handle == IntPtr.Zero;

        public IntPtr Handle
        {
            get
            {
                if (handle == IntPtr.Zero)
                    throw new InvalidOperationException("Tensor invalid -- empty handle.");
                return handle;
            }
        }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            var owned = Interlocked.Exchange(ref handle, IntPtr.Zero);
            if (owned == IntPtr.Zero)
                return;
            // A finalizer has no thread of the program's: it leaves that thread's counts and scopes alone. A tensor that
            // is in a scope is reachable from it, so only one whose whole scope is gone can get here with an owner.
            if (disposing)
            {
                DisposeScopeManager.OfThread.CountDisposal(this);
                OwningDisposeScope?.MarkAsDisposed(this);
            }
            Interlocked.Decrement(ref totalCount);
            Native.lab_free(owned);
        }

        /// <summary>Gives the native tensor away; this object is empty afterwards.</summary>
        internal IntPtr Release()
        {
            var given = Handle;
            handle = IntPtr.Zero;
            Interlocked.Decrement(ref totalCount);
            GC.SuppressFinalize(this);
            return given;
        }

        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.OwningDisposeScope);

        public Tensor MoveToOtherDisposeScope(DisposeScope? other)
        {
            if (OwningDisposeScope is null && other is not null)
                other.Attach(this);
            else
                OwningDisposeScope?.MoveToOther(other, this);
            return this;
        }

        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Detach(this);
            return this;
        }

        // ---- what it is -------------------------------------------------------------------------------------------

        public long Dimensions => Kept(Native.lab_dim(Handle));

        public long dim() => Dimensions;

        public long ndim => Dimensions;

        public long NumberOfElements => Kept(Native.lab_numel(Handle));

        public long numel() => NumberOfElements;

        public long ElementSize => Kept(Native.lab_element_size(Handle));

        public long element_size() => ElementSize;

        public long storage_offset() => Kept(Native.lab_storage_offset(Handle));

        public ScalarType dtype => (ScalarType)Kept(Native.lab_dtype(Handle));

        public Device device => Device.FromBits(Kept(Native.lab_device(Handle)));

        public DeviceType device_type => device.type;

        public int device_index => device.index;

        public bool is_cuda => device_type == DeviceType.CUDA;

        public bool is_meta => device_type == DeviceType.META;

        public bool is_cpu() => device_type == DeviceType.CPU;

        public bool is_contiguous() => Kept(Native.lab_is_contiguous(Handle)) != 0;

        public bool is_pinned() => Aten.is_pinned.Flag(this);

        public bool is_floating_point() => torch.is_floating_point(dtype);

        public bool is_integral() => torch.is_integral(dtype);

        public bool is_nonzero() => NumberOfElements == 1
            ? Aten.is_nonzero.Flag(this)
            : throw new InvalidOperationException("is_nonzero() called on non-singleton tensor");

        public unsafe long[] shape
        {
            get
            {
                var sizes = new long[Dimensions];
                fixed (long* p = sizes)
                    Native.lab_sizes(Handle, p);
                GC.KeepAlive(this);
                return sizes;
            }
        }

        public long[] size() => shape;

        public long size(int dim) => shape[Wrapped(dim)];

        public unsafe long[] stride()
        {
            var strides = new long[Dimensions];
            fixed (long* p = strides)
                Native.lab_strides(Handle, p);
            GC.KeepAlive(this);
            return strides;
        }

        public long stride(int dim) => stride()[Wrapped(dim)];

        private int Wrapped(int dimension)
        {
            var count = (int)Dimensions;
            if (dimension < -count || dimension >= count)
                throw new System.Runtime.InteropServices.ExternalException(
                    $"Dimension out of range (expected to be in range of [{-count}, {count - 1}], but got {dimension})");
            return dimension < 0 ? dimension + count : dimension;
        }

        /// <summary>The value, once this object has surely lived until it was read.</summary>
        private T Kept<T>(T value)
        {
            GC.KeepAlive(this);
            return value;
        }

        /// <summary>The tensor that a native function gave, or its error, once what it was given has surely lived until then.</summary>
        internal static Tensor Result(IntPtr given, params ReadOnlySpan<Tensor?> inputs)
        {
            foreach (Tensor? input in inputs)
                GC.KeepAlive(input);
            return new Tensor(Native.Check(given));
        }

        // ---- autograd ---------------------------------------------------------------------------------------------

        public bool requires_grad
        {
            get => Kept(Native.lab_requires_grad(Handle)) != 0;
            set => Native.Check(Kept(Native.lab_set_requires_grad(Handle, value ? 1 : 0)));
        }

        public Tensor requires_grad_(bool requires_grad = true) => with_requires_grad(requires_grad);

        public Tensor with_requires_grad(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public bool is_leaf => Kept(Native.lab_is_leaf(Handle)) != 0;

        public void retain_grad() => Native.Check(Kept(Native.lab_retain_grad(Handle)));

        public Tensor? grad
        {
            get
            {
                var found = Kept(Native.lab_grad(Handle));
                return found == IntPtr.Zero ? null : new Tensor(found);
            }
            set
            {
                Native.Check(Native.lab_set_grad(Handle, value is null ? IntPtr.Zero : value.Handle));
                GC.KeepAlive(this);
                GC.KeepAlive(value);
            }
        }

        public void backward() => autograd.backward([this]);

        public void backward(IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor>? inputs = null) =>
            autograd.backward([this], grad_tensors, retain_graph, create_graph, inputs);

        // ---- values -----------------------------------------------------------------------------------------------

        public Utils.TensorAccessor<T> data<T>() where T : unmanaged
        {
            if (TypeOf<T>() != dtype)
                throw new ArgumentException($"{typeof(T).Name} is not compatible with {dtype}");
            return new Utils.TensorAccessor<T>(device_type == DeviceType.CPU ? this : cpu());
        }

        public T item<T>() where T : unmanaged => NumberOfElements == 1
            ? data<T>()[0]
            : throw new ArgumentException("Number of elements in the tensor must be 1");

        public Scalar ToScalar() => Aten.item.Number(this);

        /// <summary>The bytes of a contiguous CPU tensor, in place.</summary>
        public unsafe Span<byte> bytes
        {
            get
            {
                ReadyForBytes();
                var length = NumberOfElements * ElementSize;
                if (length > int.MaxValue)
                    throw new ArgumentException($"A span holds at most 2 GiB; the tensor has {length} bytes.");
                return new Span<byte>(Native.lab_data(Handle), (int)length);
            }
            set
            {
                ReadyForBytes();
                if (value.Length != NumberOfElements * ElementSize)
                    throw new ArgumentException("Mismatched data sizes in SetBytes().");
                value.CopyTo(bytes);
            }
        }

        private void ReadyForBytes()
        {
            if (!is_contiguous())
                throw new NotImplementedException("Bytes() called on non-contiguous tensor.");
            if (device_type != DeviceType.CPU)
                throw new InvalidOperationException("Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
        }

        internal static ScalarType TypeOf<T>() =>
            typeof(T) == typeof(float) ? ScalarType.Float32
            : typeof(T) == typeof(double) ? ScalarType.Float64
            : typeof(T) == typeof(long) ? ScalarType.Int64
            : typeof(T) == typeof(int) ? ScalarType.Int32
            : typeof(T) == typeof(short) ? ScalarType.Int16
            : typeof(T) == typeof(byte) ? ScalarType.Byte
            : typeof(T) == typeof(sbyte) ? ScalarType.Int8
            : typeof(T) == typeof(bool) ? ScalarType.Bool
            : typeof(T) == typeof(Half) ? ScalarType.Float16
            : typeof(T) == typeof(BFloat16) ? ScalarType.BFloat16
            : throw new ArgumentException($"{typeof(T).Name} is not an element type of tensors");

        // ---- types and devices ------------------------------------------------------------------------------------

        public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to_type(type, copy, disposeAfter, non_blocking);

        public Tensor to_type(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            After(disposeAfter, Aten.to_dtype.Call(this, type, non_blocking, copy));

        public Tensor to(ScalarType type, Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            After(disposeAfter, Aten.to_device.Call(this, InitializeDevice(device), type, non_blocking, copy));

        public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(dtype, device, copy, disposeAfter, non_blocking);

        public Tensor to(string device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(new Device(device), copy, disposeAfter, non_blocking);

        public Tensor to(DeviceType deviceType, int deviceIndex = -1, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(new Device(deviceType, deviceIndex), copy, disposeAfter, non_blocking);

        public Tensor to(Tensor other, bool non_blocking = false) => to(other.dtype, other.device, non_blocking: non_blocking);

        public Tensor type_as(Tensor tensor) => to_type(tensor.dtype);

        public Tensor type(ScalarType dtype) => to_type(dtype);

        public Tensor cpu() => to(CPU);

        public Tensor cuda(Device? device = null, bool non_blocking = false) =>
            to(device ?? new Device(DeviceType.CUDA), non_blocking: non_blocking);

        public Tensor @bool() => to_type(ScalarType.Bool);
        public Tensor @byte() => to_type(ScalarType.Byte);
        public Tensor @char() => to_type(ScalarType.Int8);
        public Tensor @short() => to_type(ScalarType.Int16);
        public Tensor @int() => to_type(ScalarType.Int32);
        public Tensor @long() => to_type(ScalarType.Int64);
        public Tensor half() => to_type(ScalarType.Float16);
        public Tensor bfloat16() => to_type(ScalarType.BFloat16);
        public Tensor @float() => to_type(ScalarType.Float32);
        public Tensor @double() => to_type(ScalarType.Float64);

        private Tensor After(bool dispose, Tensor result)
        {
            if (dispose)
                Dispose();
            return result;
        }

        /// <summary>Of the type asked for, the intermediate disposed.</summary>
        private static Tensor Typed(Tensor result, ScalarType? type) =>
            type is { } wanted && wanted != result.dtype ? result.to_type(wanted, disposeAfter: true) : result;

        private static string? Rounding(RoundingMode mode) => mode == RoundingMode.None ? null : mode.ToString();

        // ---- a few more -------------------------------------------------------------------------------------------

        public Tensor alias() => new(Kept(Native.lab_alias(Handle)));

        /// <summary>Fills with zeros; what comes back is another object over the same tensor, as in the real package.</summary>
        public Tensor zero_() => Aten.zero_inplace.InPlace(this).alias();

        public Tensor equal(Tensor target) => torch.tensor(Aten.equal.Flag(this, target));

        public Tensor T => Aten.t.Call(this);

        public Tensor mT => Aten.transpose_int.Call(this, -2L, -1L);

        public Tensor empty_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => torch.empty_like(this, dtype, device, requires_grad);

        public Tensor zeros_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => torch.zeros_like(this, dtype, device, requires_grad);

        public Tensor ones_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => torch.ones_like(this, dtype, device, requires_grad);

        public Tensor rand_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => torch.rand_like(this, dtype, device, requires_grad);

        public Tensor randn_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => torch.randn_like(this, dtype, device, requires_grad);

        public Tensor new_zeros(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.zeros(size, dtype ?? this.dtype, device ?? this.device, requires_grad);

        public Tensor new_empty(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.empty(size, dtype ?? this.dtype, device ?? this.device, requires_grad);

        public override bool Equals(object? obj) => obj is Tensor other && ReferenceEquals(this, other);

        public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);

        public override string ToString() => IsInvalid ? "[invalid]" : TensorText.Describe(this);

        public string ToString(TensorStringStyle style, string? fltFormat = null, int? width = null, CultureInfo? cultureInfo = null, string? newLine = null) =>
            style == TensorStringStyle.Metadata ? TensorText.Describe(this) : TensorText.Write(this, fltFormat ?? "g5", cultureInfo);
    }
}
