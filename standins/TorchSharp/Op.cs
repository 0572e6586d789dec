using System.Runtime.InteropServices;
using System.Text;

namespace TorchSharp;

/// <summary>One argument of an operator, as any of the types that operators take.</summary>
internal readonly struct Arg
{
    internal readonly object? Object;
    internal readonly long Bits;
    internal readonly Native.Kind Kind;

    private Arg(Native.Kind kind, long bits, object? reference = null) => (Kind, Bits, Object) = (kind, bits, reference);

    internal static Arg None => default;

    public static implicit operator Arg(torch.Tensor? value) => value is null ? None : new(Native.Kind.Tensor, value.Handle, value);
    public static implicit operator Arg(torch.Tensor?[]? value) => value is null ? None : new(Native.Kind.Tensors, 0, value);
    public static implicit operator Arg(long value) => new(Native.Kind.Int, value);
    public static implicit operator Arg(long? value) => value is { } given ? given : None;
    public static implicit operator Arg(double value) => new(Native.Kind.Double, BitConverter.DoubleToInt64Bits(value));
    public static implicit operator Arg(double? value) => value is { } given ? given : None;
    public static implicit operator Arg(bool value) => new(Native.Kind.Bool, value ? 1 : 0);
    public static implicit operator Arg(bool? value) => value is { } given ? given : None;
    public static implicit operator Arg(long[]? value) => value is null ? None : new(Native.Kind.Ints, 0, value);
    public static implicit operator Arg(ReadOnlySpan<long> value) => value.ToArray();
    public static implicit operator Arg(double[]? value) => value is null ? None : new(Native.Kind.Doubles, 0, value);
    public static implicit operator Arg(string? value) => value is null ? None : new(Native.Kind.String, 0, value);
    public static implicit operator Arg(Scalar? value) => value is null ? None : new(value.Kind, value.Bits);
    public static implicit operator Arg(torch.ScalarType value) => new(Native.Kind.Int, (long)value);
    public static implicit operator Arg(torch.ScalarType? value) => value is { } given ? given : None;
    public static implicit operator Arg(torch.Device? value) => value is null ? None : new(Native.Kind.Device, value.Bits);
    public static implicit operator Arg(torch.Generator? value) => value is null ? None : new(Native.Kind.Generator, value.Handle, value);

    /// <summary>Eight-byte cells that the value needs beside itself.</summary>
    internal int Cells => Object switch
    {
        long[] items => items.Length,
        double[] items => items.Length,
        torch.Tensor?[] items => items.Length,
        string text => (text.Length * 3 + 7) / 8,
        _ => 0
    };

    /// <summary>Writes the value for the native side; lists go to <paramref name="cells"/>, which advances.</summary>
    internal unsafe void Write(Native.Value* value, ref long* cells)
    {
        value->Kind = Kind;
        value->Bits = Bits;
        value->Length = 0;
        if (Kind is not (Native.Kind.Ints or Native.Kind.Doubles or Native.Kind.Tensors or Native.Kind.String))
            return;
        value->Bits = (long)cells;
        switch (Object)
        {
            case long[] items:
                value->Length = items.Length;
                items.CopyTo(new Span<long>(cells, items.Length));
                cells += items.Length;
                break;
            case double[] items:
                value->Length = items.Length;
                items.CopyTo(new Span<double>(cells, items.Length));
                cells += items.Length;
                break;
            case torch.Tensor?[] items:
                value->Length = items.Length;
                for (var i = 0; i < items.Length; i++)
                    cells[i] = items[i] is { } item ? item.Handle : 0;
                cells += items.Length;
                break;
            case string text:
                value->Length = Encoding.UTF8.GetBytes(text, new Span<byte>(cells, text.Length * 3));
                cells += Cells;
                break;
        }
    }
}

/// <summary>An operator of libtorch, found by its schema name when it is first called.</summary>
internal sealed unsafe class Op(string name, string overload = "")
{
    private const int StackCells = 128;
    private IntPtr handle;

    private IntPtr Handle => handle != IntPtr.Zero ? handle : Find();

    private IntPtr Find()
    {
        fixed (byte* n = Encoding.UTF8.GetBytes("aten::" + name + "\0"), o = Encoding.UTF8.GetBytes(overload + "\0"))
            return handle = Native.Check(Native.lab_op(n, o));
    }

    /// <summary>Calls an operator that returns one tensor.</summary>
    internal torch.Tensor Call(params ReadOnlySpan<Arg> arguments)
    {
        Native.Value result;
        Run(arguments, &result, 1);
        return Wrap(result);
    }

    /// <summary>Calls an operator that changes its first argument; returns that same object.</summary>
    internal torch.Tensor InPlace(params ReadOnlySpan<Arg> arguments)
    {
        Run(arguments, null, 0);
        return (torch.Tensor)arguments[0].Object!;
    }

    internal (torch.Tensor, torch.Tensor) Two(params ReadOnlySpan<Arg> arguments)
    {
        var results = stackalloc Native.Value[2];
        Run(arguments, results, 2);
        return (Wrap(results[0]), Wrap(results[1]));
    }

    internal (torch.Tensor, torch.Tensor, torch.Tensor) Three(params ReadOnlySpan<Arg> arguments)
    {
        var results = stackalloc Native.Value[3];
        Run(arguments, results, 3);
        return (Wrap(results[0]), Wrap(results[1]), Wrap(results[2]));
    }

    internal torch.Tensor[] List(params ReadOnlySpan<Arg> arguments)
    {
        Native.Value result;
        Run(arguments, &result, 1);
        var items = (IntPtr*)result.Bits;
        var list = new torch.Tensor[result.Length];
        for (var i = 0; i < list.Length; i++)
            list[i] = new torch.Tensor(items[i]);
        Native.lab_free_list(items);
        return list;
    }

    internal bool Flag(params ReadOnlySpan<Arg> arguments)
    {
        Native.Value result;
        Run(arguments, &result, 1);
        return result.Bits != 0;
    }

    internal Scalar Number(params ReadOnlySpan<Arg> arguments)
    {
        Native.Value result;
        Run(arguments, &result, 1);
        return new Scalar(result.Kind, result.Bits);
    }

    private static torch.Tensor Wrap(Native.Value value) => value.Kind == Native.Kind.Tensor
        ? new torch.Tensor((IntPtr)value.Bits)
        : throw new InvalidOperationException($"expected a tensor from libtorch, found {value.Kind}");

    private void Run(ReadOnlySpan<Arg> arguments, Native.Value* results, int capacity)
    {
        var values = stackalloc Native.Value[arguments.Length];
        var needed = 0;
        foreach (ref readonly var argument in arguments)
            if (argument.Object is not null)
                needed += argument.Cells;
        var heap = needed > StackCells ? (long*)NativeMemory.Alloc((nuint)needed, sizeof(long)) : null;
        try
        {
            var small = stackalloc long[heap is null ? needed : 0];
            var cells = heap is null ? small : heap;
            for (var i = 0; i < arguments.Length; i++)
                arguments[i].Write(values + i, ref cells);
            Native.Check(Native.lab_call(Handle, values, arguments.Length, results, capacity));
        }
        finally
        {
            NativeMemory.Free(heap);
            // A finalizer must not free an argument while the native side uses it.
            foreach (ref readonly var argument in arguments)
                GC.KeepAlive(argument.Object);
        }
    }
}
