using System.Runtime.InteropServices;
using TorchSharp.Modules;
using ZeroI2V.Lab.Files;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Backbone;

/// <summary>
/// What a block does between its matrix products, on a CPU where its own weights are frozen: attention, activation, sum and norm,
/// each in one pass over memory (<c>native/kernels.cpp</c>), and so their gradients (<see cref="CpuGradients"/>). Where the library is
/// not there, or does not <see cref="Serve"/>, libtorch's functions do the same in more passes.
/// </summary>
internal static unsafe class CpuKernels
{
    private const int Version = 3, Vector = 16;

    private static readonly Functions? s_functions = Functions.Find();

    private static readonly string[] s_names = ["plain", "avx2", "avx512", "avx512_half"];

    private static readonly string[] s_words = ["without vectors of AVX2", "with AVX2", "with AVX-512", "with AVX-512 and its products of 16-bit numbers"];

    /// <summary>Whether the library is there.</summary>
    public static bool IsAvailable => s_functions is not null;

    /// <summary>What the kernels compute with, as <c>LAB_KERNELS_VECTORS</c> names it; null where the library is not there.</summary>
    public static string? Vectors => s_functions is null ? null : s_names[s_functions.Vectors()];

    /// <summary>Whose functions compute what lies between matrix products, a sentence.</summary>
    public static string InWords() => !IsAvailable ? "libtorch's functions compute attention, activations, norms and sums on the CPU: the lab's kernels are left out or were not built."
        : $"The lab's kernels compute attention, activations, norms and sums on the CPU, {s_words[s_functions!.Vectors()]}.";

    /// <summary>Whether attention or the MLP can be computed here.</summary>
    /// <param name="x">What goes in, (…, D).</param>
    /// <param name="weights">All that takes part, in the same numbers as <paramref name="x"/> and without gradients.</param>
    public static bool Serve(Tensor x, params IEnumerable<Tensor> weights) =>
        IsAvailable && x.device_type == TorchSharp.DeviceType.CPU && Take(x.dtype) && x.shape[^1] % Vector == 0 && x.NumberOfElements <= MostNumbers
            && weights.All(weight => weight.dtype == x.dtype && !Recorded(weight));

    /// <summary>Whether norm and sum can be computed here (<see cref="ResidualStream"/>).</summary>
    /// <param name="x">The sum that runs through the blocks, (…, D).</param>
    /// <param name="type">The numbers of what is added, or of the norm.</param>
    public static bool ServeSum(Tensor x, ScalarType type) => x.dtype == ScalarType.Float32 && Take(type) && Serve(x);

    /// <summary>Attention of all heads, each with keys and values of the frame that it sees: they are read where they stand.</summary>
    /// <param name="packed">Queries, keys and values as their projection without its bias makes them, (B·T, N, 3D).</param>
    /// <param name="bias">The projection's bias, (3D).</param>
    /// <param name="sources">For each of h heads, one after another, and each of T frames the frame that it sees.</param>
    /// <param name="frames">T.</param>
    /// <returns>(B·T, N, D).</returns>
    public static Tensor Attend(Tensor packed, Tensor bias, int[] sources, int frames) =>
        Recorded(packed) ? CpuGradients.Attention.apply(packed, bias, sources, frames) : Attend(packed, bias, sources, frames, logs: null);

    /// <summary>The same, and what <see cref="AttendGradient"/> needs of it: the logarithm of each query's sum of weights, (B·T, h, N).</summary>
    internal static Tensor Attend(Tensor packed, Tensor bias, int[] sources, int frames, Tensor? logs)
    {
        (long images, long tokens, int heads, long depth) = Sizes(packed, sources, frames);
        Tensor joined = empty([images, tokens, heads * depth], dtype: packed.dtype);
        fixed (byte* from = Memory(packed), add = Memory(bias), to = Memory(joined), log = Memory(logs))
        fixed (int* seen = sources)
            s_functions!.Attend(from, add, seen, images, frames, tokens, heads, depth, to, log, Half(packed), get_num_threads());
        return joined;
    }

    /// <summary>From the gradient of what <see cref="Attend(Tensor, Tensor, int[], int)"/> gives, that of <paramref name="packed"/>.</summary>
    internal static Tensor AttendGradient(Tensor packed, Tensor bias, int[] sources, int frames, Tensor logs, Tensor gradient)
    {
        (long images, long tokens, int heads, long depth) = Sizes(packed, sources, frames);
        using Tensor dense = gradient.contiguous();
        Tensor result = empty_like(packed);
        fixed (byte* from = Memory(packed), add = Memory(bias), log = Memory(logs), given = Memory(dense), to = Memory(result))
        fixed (int* seen = sources)
            s_functions!.AttendGradient(from, add, seen, images, frames, tokens, heads, depth, given, log, to, Half(packed), get_num_threads());
        return result;
    }

    /// <summary>v·σ(1.702v), v = x + b: CLIP's activation; in the place of x where nothing is recorded.</summary>
    /// <param name="x">(…, D), nobody else's.</param>
    /// <param name="bias">(D).</param>
    public static Tensor QuickGelu(Tensor x, Tensor bias) => Recorded(x) ? CpuGradients.QuickGelu.apply(x, bias) : QuickGelu(x, bias, x);

    /// <summary>The same, in the memory of <paramref name="y"/>.</summary>
    internal static Tensor QuickGelu(Tensor x, Tensor bias, Tensor y)
    {
        long width = x.shape[^1];
        fixed (byte* numbers = Memory(x), add = Memory(bias), to = Memory(y))
            s_functions!.QuickGelu(numbers, add, to, x.NumberOfElements / width, width, Half(x), get_num_threads());
        return y;
    }

    /// <summary>From the activation's gradient that of <paramref name="x"/>.</summary>
    internal static Tensor QuickGeluGradient(Tensor x, Tensor bias, Tensor gradient)
    {
        long width = x.shape[^1];
        using Tensor dense = gradient.contiguous();
        Tensor result = empty_like(x);
        fixed (byte* numbers = Memory(x), add = Memory(bias), given = Memory(dense), to = Memory(result))
            s_functions!.QuickGeluGradient(numbers, add, given, to, x.NumberOfElements / width, width, Half(x), get_num_threads());
        return result;
    }

    /// <summary>sum ← x + y and normed ← norm(sum), (…, D). Without y the norm is of x; sum and normed may be missing.</summary>
    public static void SumNorm(Tensor x, Tensor? y, Tensor? sum, LayerNorm? norm, Tensor? normed)
    {
        long width = x.shape[^1];
        using Tensor rows = x.contiguous();
        using Tensor? added = y?.contiguous();
        fixed (byte* numbers = Memory(rows), more = Memory(added), total = Memory(sum), weight = Memory(norm?.weight), bias = Memory(norm?.bias), to = Memory(normed))
            s_functions!.SumNorm(numbers, more, total, weight, bias, (float)(norm?.eps ?? 0), to, x.NumberOfElements / width, width, Half(y ?? normed!), get_num_threads());
    }

    /// <summary>From the gradient of norm(x), (…, D), that of x, into <paramref name="to"/>.</summary>
    public static void NormGradient(Tensor x, Tensor weight, double eps, Tensor gradient, Tensor to)
    {
        long width = x.shape[^1];
        using Tensor rows = x.contiguous(), dense = gradient.contiguous();
        fixed (byte* numbers = Memory(rows), factor = Memory(weight), given = Memory(dense), result = Memory(to))
            s_functions!.NormGradient(numbers, factor, (float)eps, given, result, x.NumberOfElements / width, width, Half(gradient), get_num_threads());
    }

    /// <summary>x + y + b; in the place of y where nothing is recorded.</summary>
    /// <param name="x">(…, D).</param>
    /// <param name="y">As many numbers, nobody else's.</param>
    /// <param name="bias">(D); unlike other weights it may train.</param>
    public static Tensor Sum(Tensor x, Tensor y, Tensor bias) => Recorded(x) || Recorded(y) || Recorded(bias) ? CpuGradients.SumWithBias.apply(x, y, bias) : Summed(x, y, bias, y);

    /// <summary>The same, in the memory of <paramref name="sum"/>.</summary>
    internal static Tensor Summed(Tensor x, Tensor y, Tensor bias, Tensor sum)
    {
        long width = x.shape[^1];
        using Tensor rows = x.contiguous(), added = y.contiguous();
        fixed (byte* numbers = Memory(rows), more = Memory(added), add = Memory(bias), to = Memory(sum))
            s_functions!.SumBias(numbers, more, add, to, x.NumberOfElements / width, width, Half(x), get_num_threads());
        return sum;
    }

    /// <summary>The sum of all rows: a bias's gradient.</summary>
    internal static Tensor ColumnSums(Tensor x)
    {
        long width = x.shape[^1];
        using Tensor rows = x.contiguous();
        Tensor sums = empty([width], dtype: x.dtype);
        fixed (byte* numbers = Memory(rows), to = Memory(sums))
            s_functions!.ColumnSums(numbers, to, x.NumberOfElements / width, width, Half(x), get_num_threads());
        return sums;
    }

    private static (long Images, long Tokens, int Heads, long Depth) Sizes(Tensor packed, int[] sources, int frames)
    {
        long[] s = packed.shape;
        int heads = sources.Length / frames;
        return (s[0], s[1], heads, s[2] / 3 / heads);
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
        public readonly delegate* unmanaged<void*, void*, int*, long, long, long, long, long, void*, void*, int, int, void> Attend =
            (delegate* unmanaged<void*, void*, int*, long, long, long, long, long, void*, void*, int, int, void>)NativeLibrary.GetExport(library, "lab_attend");

        public readonly delegate* unmanaged<void*, void*, int*, long, long, long, long, long, void*, void*, void*, int, int, void> AttendGradient =
            (delegate* unmanaged<void*, void*, int*, long, long, long, long, long, void*, void*, void*, int, int, void>)NativeLibrary.GetExport(library, "lab_attend_gradient");

        public readonly delegate* unmanaged<void*, void*, void*, long, long, int, int, void> QuickGelu =
            (delegate* unmanaged<void*, void*, void*, long, long, int, int, void>)NativeLibrary.GetExport(library, "lab_quick_gelu");

        public readonly delegate* unmanaged<void*, void*, void*, void*, long, long, int, int, void> QuickGeluGradient =
            (delegate* unmanaged<void*, void*, void*, void*, long, long, int, int, void>)NativeLibrary.GetExport(library, "lab_quick_gelu_gradient");

        public readonly delegate* unmanaged<void*, void*, void*, void*, void*, float, void*, long, long, int, int, void> SumNorm =
            (delegate* unmanaged<void*, void*, void*, void*, void*, float, void*, long, long, int, int, void>)NativeLibrary.GetExport(library, "lab_sum_norm");

        public readonly delegate* unmanaged<void*, void*, void*, void*, long, long, int, int, void> SumBias =
            (delegate* unmanaged<void*, void*, void*, void*, long, long, int, int, void>)NativeLibrary.GetExport(library, "lab_sum_bias");

        public readonly delegate* unmanaged<void*, void*, long, long, int, int, void> ColumnSums =
            (delegate* unmanaged<void*, void*, long, long, int, int, void>)NativeLibrary.GetExport(library, "lab_column_sums");

        public readonly delegate* unmanaged<void*, void*, float, void*, void*, long, long, int, int, void> NormGradient =
            (delegate* unmanaged<void*, void*, float, void*, void*, long, long, int, int, void>)NativeLibrary.GetExport(library, "lab_norm_gradient");

        public readonly delegate* unmanaged<int> Vectors = (delegate* unmanaged<int>)NativeLibrary.GetExport(library, "lab_kernels_vectors");

        public static Functions? Find() => NativeCode.Load("kernels", Version) is var library && library != IntPtr.Zero ? new Functions(library) : null;
    }
}
