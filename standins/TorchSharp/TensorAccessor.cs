using System.Collections;
using System.Runtime.CompilerServices;

namespace TorchSharp.Utils;

/// <summary>A CPU tensor's values in row-major order of its shape, whatever its strides.</summary>
public sealed unsafe class TensorAccessor<T> : IDisposable, IEnumerable<T> where T : unmanaged
{
    private readonly torch.Tensor tensor;
    private readonly T* start;
    private readonly long[] shape;
    private readonly long[] strides;
    private readonly bool contiguous;

    internal TensorAccessor(torch.Tensor tensor)
    {
        this.tensor = tensor;
        start = (T*)Native.lab_data(tensor.Handle);
        shape = tensor.shape;
        strides = tensor.stride();
        contiguous = tensor.is_contiguous();
        Count = tensor.NumberOfElements;
    }

    public long Count { get; }

    public bool IsReadOnly => false;

    public T this[params long[] indices]
    {
        get => *Place(indices);
        set
        {
            Changing();
            *Place(indices) = value;
        }
    }

    public T[] ToArray()
    {
        var array = new T[Count];
        CopyTo(array);
        return array;
    }

    public Array ToNDArray()
    {
        var values = ToArray();
        if (shape.Length < 2)
            return values;
        var array = Array.CreateInstance(typeof(T), shape);
        fixed (T* from = values)
            Buffer.MemoryCopy(from, Unsafe.AsPointer(ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(array)),
                Count * sizeof(T), Count * sizeof(T));
        return array;
    }

    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    public void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var count = (int)Math.Min(array.Length - arrayIndex, Count - tensorIndex);
        var target = array.Slice(arrayIndex, count);
        if (contiguous)
            new ReadOnlySpan<T>(start + tensorIndex, count).CopyTo(target);
        else
            for (var i = 0; i < count; i++)
                target[i] = start[Offset(tensorIndex + i)];
        GC.KeepAlive(tensor);
    }

    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyFrom((ReadOnlySpan<T>)array, arrayIndex, tensorIndex);

    public void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        Changing();
        var count = (int)Math.Min(array.Length - arrayIndex, Count - tensorIndex);
        var source = array.Slice(arrayIndex, count);
        if (contiguous)
            source.CopyTo(new Span<T>(start + tensorIndex, count));
        else
            for (var i = 0; i < count; i++)
                start[Offset(tensorIndex + i)] = source[i];
        GC.KeepAlive(tensor);
    }

    public IEnumerator<T> GetEnumerator()
    {
        for (var i = 0L; i < Count; i++)
            yield return At(i);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The tensor stays its owner's.</summary>
    public void Dispose() { }

    private T At(long index)
    {
        var value = start[contiguous ? index : Offset(index)];
        GC.KeepAlive(tensor);
        return value;
    }

    private T* Place(long[] indices)
    {
        if (indices.Length == 1)
        {
            if (indices[0] < 0 || indices[0] >= Count)
                throw new IndexOutOfRangeException($"Index {indices[0]} is out of bounds: the tensor has {Count} elements.");
            return start + (contiguous ? indices[0] : Offset(indices[0]));
        }
        if (indices.Length != shape.Length)
            throw new ArgumentException($"Expected {shape.Length} indices, found {indices.Length}.");
        var offset = 0L;
        for (var i = 0; i < indices.Length; i++)
        {
            if (indices[i] < 0 || indices[i] >= shape[i])
                throw new IndexOutOfRangeException($"Index {indices[i]} is out of bounds in dimension {i} of size {shape[i]}.");
            offset += indices[i] * strides[i];
        }
        return start + offset;
    }

    /// <summary>Before numbers change: what native code made of them no longer holds. It learns of it by being asked for them.</summary>
    private void Changing() => _ = Native.lab_data(tensor.Handle);

    private long Offset(long index)
    {
        var offset = 0L;
        for (var d = shape.Length - 1; d >= 0; d--)
        {
            offset += index % shape[d] * strides[d];
            index /= shape[d];
        }
        return offset;
    }
}
