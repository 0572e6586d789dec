using System.Security.Cryptography;
using ZeroI2V.Lab.Backbone;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.Backbone;

/// <summary>The kernels themselves are tested on a GPU, or a simulated one: <see cref="OnGpu.OnGpuTests"/>.</summary>
public sealed class GpuKernelsTests
{
    [Fact]
    public void What_a_GPU_gets_was_made_from_what_stands_beside_it()
    {
        string folder = Path.Combine(RepositoryRoot.Path, "native", "gpu"), made = File.ReadLines(Path.Combine(folder, "kernels.ptx")).First();
        string source = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, "kernels.cu"))));
        Assert.True(made.Contains(source, StringComparison.Ordinal), "native/gpu/kernels.cu was changed: cmake --build native/build --target gpukernels");
    }

    [Fact]
    public void A_CPU_has_none()
    {
        Assert.Null(GpuKernels.On(zeros(1)));
        Assert.Null(GpuKernels.InWords(CPU));
    }

    [Fact]
    public void Rows_that_a_warp_cannot_hold_are_left_to_libtorch()
    {
        Assert.True(GpuKernels.Serve(zeros([2, 3, 1024]), ScalarType.BFloat16));
        Assert.True(GpuKernels.Serve(zeros([4]), ScalarType.Float16));
        Assert.False(GpuKernels.Serve(zeros([2, 1028]), ScalarType.BFloat16));
        Assert.False(GpuKernels.Serve(zeros([2, 6]), ScalarType.BFloat16));
        Assert.False(GpuKernels.Serve(zeros([0, 8]), ScalarType.BFloat16));
        Assert.False(GpuKernels.Serve(zeros([2, 8]), ScalarType.Float64));
        Assert.False(GpuKernels.Serve(zeros([2, 8]).to(ScalarType.BFloat16), ScalarType.BFloat16));
    }
}
