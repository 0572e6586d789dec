using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>The managed part of a node that runs a <see cref="autograd.Function{T}"/>'s backward pass. The native part holds it
/// by a handle and frees that when the graph is gone, on whatever thread.</summary>
internal sealed unsafe class FunctionNode
{
    private readonly string name;
    private readonly Func<autograd.AutogradContext, Tensor, List<Tensor>> backward;
    private readonly autograd.AutogradContext context;
    private readonly bool[] isTensor;

    internal FunctionNode(string name, Func<autograd.AutogradContext, Tensor, List<Tensor>> backward, autograd.AutogradContext context, object?[] arguments)
    {
        (this.name, this.backward, this.context) = (name, backward, context);
        isTensor = Array.ConvertAll(arguments, argument => argument is Tensor { IsInvalid: false });
    }

    /// <summary>Makes <paramref name="output"/> the result of a call with these arguments. Without gradients, or where no argument
    /// has one, nothing is kept.</summary>
    internal Tensor Record(object?[] arguments, Tensor? output)
    {
        if (output is null)
            throw new InvalidOperationException($"{name}.forward: expected a tensor, found null.");
        var saved = context.TakeSaved();
        if (saved.FindIndex(tensor => tensor is { IsInvalid: true }) is >= 0 and var lost)
            throw new InvalidOperationException(
                $"{name}.forward: saved tensor {lost} was disposed before forward returned. Move it out of the dispose scope it was made in.");
        var inputs = Handles(arguments.Where((_, place) => isTensor[place]).Cast<Tensor>());
        var kept = Handles(saved);
        var outputHandle = output.Handle;
        IntPtr result;
        fixed (IntPtr* i = inputs, s = kept)
            result = Native.Check(Native.lab_function(i, inputs.Length, s, kept.Length, outputHandle, GCHandle.ToIntPtr(GCHandle.Alloc(this)), &Backward, &Release));
        GC.KeepAlive(arguments);
        GC.KeepAlive(saved);
        GC.KeepAlive(output);
        return result == outputHandle ? output : new Tensor(result);
    }

    /// <summary>Runs the backward pass. No tensor object of it stays behind: on an engine thread nobody would dispose it, and on
    /// the caller's it would live until the training step's scope ends.</summary>
    private void Run(IntPtr nativeContext, IntPtr gradient, IntPtr* results)
    {
        using var scope = NewDisposeScope();
        context.Running = nativeContext;
        try
        {
            var found = Checked(backward(context, new Tensor(gradient)));
            for (var place = 0; place < isTensor.Length; place++)
            {
                if (!isTensor[place])
                    continue;
                if (found[place] is { IsInvalid: false } tensor)
                    *results = Native.lab_alias(tensor.Handle);
                results++;
            }
            GC.KeepAlive(found);
        }
        finally
        {
            context.Running = IntPtr.Zero;
        }
    }

    private List<Tensor> Checked(List<Tensor>? found)
    {
        if (found is null)
            throw new InvalidOperationException($"{name}.backward: expected a list of gradients, found null.");
        // More are let pass, as in libtorch, where the surplus is null.
        if (found.Count < isTensor.Length || found.Skip(isTensor.Length).Any(Defined))
            throw new InvalidOperationException(
                $"{name}.backward: expected {isTensor.Length} gradients, one for each argument of forward and null where there is none; found {found.Count}.");
        for (var place = 0; place < isTensor.Length; place++)
            if (!isTensor[place] && Defined(found[place]))
                throw new InvalidOperationException($"{name}.backward: argument {place} of forward was no tensor, so its gradient must be null; found {found[place]}.");
        return found;

        static bool Defined(Tensor? tensor) => tensor is { IsInvalid: false };
    }

    // An exception must not leave managed code here: native code throws it on, and who asked for gradients gets it.
    [UnmanagedCallersOnly]
    private static IntPtr Backward(IntPtr node, IntPtr nativeContext, IntPtr gradient, IntPtr* results)
    {
        try
        {
            ((FunctionNode)GCHandle.FromIntPtr(node).Target!).Run(nativeContext, gradient, results);
            return IntPtr.Zero;
        }
        catch (Exception exception)
        {
            return GCHandle.ToIntPtr(GCHandle.Alloc(exception));
        }
    }

    [UnmanagedCallersOnly]
    private static void Release(IntPtr handle) => GCHandle.FromIntPtr(handle).Free();
}
