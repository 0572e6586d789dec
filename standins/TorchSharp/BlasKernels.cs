using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace TorchSharp;

/// <summary>Which matrix kernels OpenBLAS takes.</summary>
/// <remarks>
/// OpenBLAS 0.3.21, Debian's, does not know AMD cores newer than Zen 3 and falls back to its AVX2 kernels, about half as
/// fast on cores with AVX-512. Later releases choose the SkylakeX kernels there; this makes the same choice.
/// </remarks>
internal static partial class BlasKernels
{
    private const string Variable = "OPENBLAS_CORETYPE";

    /// <summary>Sets the choice; OpenBLAS reads it when it is loaded. A value that is set already stays.</summary>
    internal static void Choose()
    {
        // .NET keeps a copy of the environment; what native code reads is set through the C library.
        if (OperatingSystem.IsLinux() && IsAmdWithAvx512())
            _ = SetEnv(Variable, "SKYLAKEX", overwrite: 0);
    }

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
