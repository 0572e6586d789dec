using System.Runtime.InteropServices;
using TorchSharp.Modules;
using ZeroI2V.Lab.Files;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Backbone;

/// <summary>
/// What a block does between its matrix products, on a CPU where autograd records nothing: attention, activation, sum and norm,
/// each in one pass over memory (<c>native/kernels.cpp</c>). Where the library is not there, or does not <see cref="Serve"/>,
/// libtorch's functions do the same in more passes.
/// </summary>
internal static unsafe class CpuKernels
{
    private const int Version = 1, Vector = 16;

    private static readonly Functions? s_functions = Functions.Find();

    /// <summary>Whether the library is there.</summary>
    public static bool IsAvailable => s_functions is not null;

    /// <summary>Whether attention or the MLP can be computed here.</summary>
    /// <param name="x">What goes in, (…, D).</param>
    /// <param name="weights">All that takes part, in the same numbers as <paramref name="x"/>.</param>
    public static bool Serve(Tensor x, params IEnumerable<Tensor> weights) =>
        IsAvailable && x.device_type == TorchSharp.DeviceType.CPU && Take(x.dtype) && x.shape[^1] % Vector == 0 && x.NumberOfElements <= MostNumbers
            && !Recorded(x) && weights.All(weight => weight.dtype == x.dtype && !Recorded(weight));

    /// <summary>Whether norm and sum can be computed here.</summary>
    /// <param name="x">The sum that runs through the blocks, (…, D).</param>
    /// <param name="type">The numbers of what is added, or of the norm.</param>
    /// <param name="others">What takes part besides.</param>
    public static bool ServeSum(Tensor x, ScalarType type, params ReadOnlySpan<Tensor> others)
    {
        foreach (Tensor other in others)
            if (Recorded(other))
                return false;
        return x.dtype == ScalarType.Float32 && Take(type) && Serve(x);
    }

    /// <summary>Attention of all heads, each with keys and values of the frame that it sees: they are read where they stand.</summary>
    /// <param name="packed">Queries, keys and values as their projection without its bias makes them, (B·T, N, 3D).</param>
    /// <param name="bias">The projection's bias, (3D).</param>
    /// <param name="sources">For each of h heads, one after another, and each of T frames the frame that it sees.</param>
    /// <param name="frames">T.</param>
    /// <returns>(B·T, N, D).</returns>
    public static Tensor Attend(Tensor packed, Tensor bias, int[] sources, int frames)
    {
        long[] s = packed.shape;
        int heads = sources.Length / frames;
        long width = s[2] / 3;
        Tensor joined = empty([s[0], s[1], width], dtype: packed.dtype);
        fixed (byte* from = Memory(packed), add = Memory(bias), to = Memory(joined))
        fixed (int* seen = sources)
            s_functions!.Attend(from, add, seen, s[0], frames, s[1], heads, width / heads, to, Half(packed), get_num_threads());
        return joined;
    }

    /// <summary>x ← (x + b)·σ(1.702(x + b)), CLIP's activation, in place.</summary>
    /// <param name="x">(…, D).</param>
    /// <param name="bias">(D).</param>
    public static void QuickGelu(Tensor x, Tensor bias)
    {
        long width = x.shape[^1];
        fixed (byte* numbers = Memory(x), add = Memory(bias))
            s_functions!.QuickGelu(numbers, add, x.NumberOfElements / width, width, Half(x), get_num_threads());
    }

    /// <summary>The layer norm.</summary>
    /// <param name="x">32-bit numbers, (…, D).</param>
    /// <param name="norm">The norm.</param>
    /// <param name="type">What the result is rounded to.</param>
    /// <returns>(…, D).</returns>
    public static Tensor Norm(Tensor x, LayerNorm norm, ScalarType type)
    {
        Tensor normed = empty(x.shape, dtype: type);
        SumNorm(x.contiguous(), null, null, norm, normed);
        return normed;
    }

    /// <summary>x + y.</summary>
    /// <param name="x">32-bit numbers.</param>
    /// <param name="y">As many, 32-bit or bfloat16.</param>
    public static Tensor Sum(Tensor x, Tensor y)
    {
        Tensor sum = empty(x.shape, dtype: x.dtype);
        SumNorm(x.contiguous(), y.contiguous(), sum, null, null);
        return sum;
    }

    private static void SumNorm(Tensor x, Tensor? y, Tensor? sum, LayerNorm? norm, Tensor? normed)
    {
        long width = x.shape[^1];
        fixed (byte* numbers = Memory(x), added = Memory(y), total = Memory(sum), weight = Memory(norm?.weight), bias = Memory(norm?.bias), to = Memory(normed))
            s_functions!.SumNorm(numbers, added, total, weight, bias, (float)(norm?.eps ?? 0), to, x.NumberOfElements / width, width, Half(y ?? normed!), get_num_threads());
    }

    /// <summary>A span holds 2 GiB, and an MLP's hidden layer is four times as wide as what goes in.</summary>
    private const long MostNumbers = int.MaxValue / (4 * sizeof(float));

    private static bool Take(ScalarType type) => type is ScalarType.Float32 or ScalarType.BFloat16;

    private static bool Recorded(Tensor x) => x.requires_grad && is_grad_enabled();

    private static int Half(Tensor x) => x.dtype == ScalarType.BFloat16 ? 1 : 0;

    private static Span<byte> Memory(Tensor? x) => x is null ? default : x.bytes;

    /// <summary>The library's functions.</summary>
    private sealed class Functions(IntPtr library)
    {
        public readonly delegate* unmanaged<void*, void*, int*, long, long, long, long, long, void*, int, int, void> Attend =
            (delegate* unmanaged<void*, void*, int*, long, long, long, long, long, void*, int, int, void>)NativeLibrary.GetExport(library, "lab_attend");

        public readonly delegate* unmanaged<void*, void*, long, long, int, int, void> QuickGelu =
            (delegate* unmanaged<void*, void*, long, long, int, int, void>)NativeLibrary.GetExport(library, "lab_quick_gelu");

        public readonly delegate* unmanaged<void*, void*, void*, void*, void*, float, void*, long, long, int, int, void> SumNorm =
            (delegate* unmanaged<void*, void*, void*, void*, void*, float, void*, long, long, int, int, void>)NativeLibrary.GetExport(library, "lab_sum_norm");

        public static Functions? Find() => NativeCode.Load("kernels", Version) is var library && library != IntPtr.Zero ? new Functions(library) : null;
    }
}
