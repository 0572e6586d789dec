using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.TorchSharp;

/// <summary>The number of threads is the process's, and OpenBLAS takes that of whoever multiplies: run alone.</summary>
[Collection(nameof(MemoryTests))]
public sealed class ThreadsTests
{
    [Fact]
    public void Threads_can_be_set()
    {
        int before = get_num_threads();
        try
        {
            set_num_threads(1);
            Assert.Equal(1, get_num_threads());
            // Where products are OpenBLAS's, its own threads follow.
            if (NativeLibrary.TryLoad("libopenblas.so.0", out nint blas))
                Assert.Equal(1, Marshal.GetDelegateForFunctionPointer<BlasThreads>(NativeLibrary.GetExport(blas, "openblas_get_num_threads"))());
        }
        finally
        {
            set_num_threads(before);
        }
        Assert.Equal(cuda.is_available(), cuda.device_count() > 0);
    }

    private delegate int BlasThreads();
}
