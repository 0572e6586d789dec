using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace TorchSharp;

/// <summary>What libraries below libtorch read from the environment when they are loaded. A value that is set already stays.</summary>
internal static partial class NativeEnvironment
{
    internal static void Prepare()
    {
        if (!OperatingSystem.IsLinux())
            return;
        // OpenBLAS 0.3.21, Debian's, does not know AMD cores newer than Zen 3 and falls back to its AVX2 kernels, about half
        // as fast on cores with AVX-512. Later releases choose the SkylakeX kernels there; this makes the same choice.
        if (IsAmdWithAvx512())
            Set("OPENBLAS_CORETYPE", "SKYLAKEX");
        // OpenBLAS's threads spin for some 25 milliseconds after each product (2^26 cycles), on the cores that libtorch's own
        // threads need for whatever comes between products: attention took almost twice as long. 2^8 cycles, then they sleep.
        Set("OPENBLAS_THREAD_TIMEOUT", "8");
        // UCX, below the MPI that some libtorch builds link (Debian 13's), takes over the signals of faults. .NET turns those
        // into exceptions, a division by zero for one, and would die of them instead.
        Set("UCX_HANDLE_ERRORS", "none");
        TakeOpenMpBlas();
    }

    /// <summary>
    /// Debian has OpenBLAS twice: with threads of its own, which stand in the way of libtorch's on the same cores, and on OpenMP, whose
    /// threads libtorch's are. The second, where it is installed (libopenblas0-openmp), is loaded first, and libtorch takes what is there:
    /// a forward pass of ViT-B/16 took 0.68 s in place of 0.73. A libtorch with a BLAS of its own does not look for these names.
    /// </summary>
    private static void TakeOpenMpBlas()
    {
        string folder = $"/usr/lib/{(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "aarch64" : "x86_64")}-linux-gnu/openblas-openmp";
        if (!Directory.Exists(folder))
            return;
        foreach (string name in (string[])["libopenblas.so.0", "libblas.so.3", "liblapack.so.3"])
            _ = NativeLibrary.TryLoad(Path.Combine(folder, name), out _);
        // Read when a process begins: for those that are to compute as this one does.
        Set("LD_LIBRARY_PATH", folder);
    }

    // .NET keeps a copy of the environment; what native code reads is set through the C library.
    private static void Set(string name, string value) => _ = SetEnv(name, value, overwrite: 0);

    private static bool IsAmdWithAvx512()
    {
        if (!X86Base.IsSupported || !Avx512F.VL.IsSupported || !Avx512BW.VL.IsSupported || !Avx512DQ.VL.IsSupported || !Avx512CD.IsSupported)
            return false;
        (_, int b, int c, int d) = X86Base.CpuId(0, 0);
        Span<int> name = [b, d, c];
        return Encoding.ASCII.GetString(MemoryMarshal.AsBytes(name)) == "AuthenticAMD";
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnv(string name, string value, int overwrite);
}
