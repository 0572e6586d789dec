using System.Runtime.Intrinsics.X86;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Tests.CommandLine;
using ZeroI2V.Lab.Tests.TorchSharp;

namespace ZeroI2V.Lab.Tests.Backbone;

/// <summary>The kernels for processors that have less than this one: the same tests, in a process of their own.</summary>
public sealed class InstructionSetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("plain")]
    [InlineData("avx2")]
    [InlineData("avx512")]
    public void Kernels_are_right_with_fewer_instructions(string vectors)
    {
        Assert.SkipUnless(CpuKernels.IsAvailable, "There is no kernels' library.");
        Assert.SkipWhen((vectors == "avx2" && !Avx2.IsSupported) || (vectors == "avx512" && !Avx512BW.IsSupported), "This processor has less.");
        string[] tests = LabProgram.Tests("-class", typeof(CpuKernelsTests).FullName!, "-class", typeof(PointwiseTests).FullName!);
        (int status, string output, string errors) = LabProgram.Dotnet(_folder.Path, tests, ("LAB_KERNELS_VECTORS", vectors));
        Assert.InRange(LabProgram.Passed(status, output + errors), 41, int.MaxValue);
    }
}
