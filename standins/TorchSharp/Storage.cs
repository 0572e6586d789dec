namespace TorchSharp;

public static partial class torch
{
    /// <summary>The memory under a tensor.</summary>
    public abstract class Storage
    {
        private readonly Tensor tensor;

        protected Storage(Tensor tensor) => this.tensor = tensor;

        /// <summary>Where the memory begins, on whatever device, also where the tensor begins later.</summary>
        public unsafe nint data_ptr()
        {
            var start = (nint)Native.lab_data(tensor.Handle) - (nint)(tensor.storage_offset() * tensor.element_size());
            GC.KeepAlive(this);
            return start;
        }
    }

    public sealed class Storage<T> : Storage where T : unmanaged
    {
        internal Storage(Tensor tensor) : base(tensor) { }
    }

    public partial class Tensor
    {
        /// <summary>The tensor's own memory where it holds such elements, that of a converted copy otherwise.</summary>
        public Storage<T> storage<T>() where T : unmanaged => TypeOf<T>() switch
        {
            ScalarType.Byte or ScalarType.Bool or ScalarType.Int32 or ScalarType.Int64 or ScalarType.Float32 or ScalarType.Float64 =>
                new Storage<T>(to_type(TypeOf<T>())),
            _ => throw new NotSupportedException(),
        };
    }
}
