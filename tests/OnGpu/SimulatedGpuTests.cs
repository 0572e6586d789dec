using System.Globalization;
using ZeroI2V.Lab.Tests.CommandLine;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.OnGpu;

/// <summary>
/// The lab on a GPU that is not there (<c>simulated_cuda.cpp</c>): the CPU's kernels behind memory of its own, strict where CUDA is
/// strict. What it shows is that nothing is on the wrong device and nobody waits who must not; of speed it says nothing.
/// </summary>
public sealed class SimulatedGpuTests : IDisposable
{
    private static readonly string s_library = Path.Combine(RepositoryRoot.Path, "native", "build", "simulated_cuda", "libcuda.so.1");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Everything_that_needs_a_GPU_passes()
    {
        string[] tests = LabProgram.Tests("-explicit", "only", "-class", typeof(OnGpuTests).FullName!);
        (int status, string output) = cuda.is_available() ? Run(tests) : OnGpu(tests);
        Assert.InRange(LabProgram.Passed(status, output), 61, int.MaxValue);
    }

    [Theory]
    [InlineData("LAB_GPU_KERNELS", "", "LAB_GPU_KERNELS is set and empty")]
    [InlineData("LAB_SIMULATED_GPU_FAULT", "modules", "CUDA could not compile the lab's kernels, or something queued before has failed: a PTX JIT compilation failed (CUDA error 218)")]
    [InlineData("LAB_SIMULATED_GPU_FAULT", "sum_norm_BFloat16", "the lab's sum and norm in BFloat16 does not give what libtorch gives")]
    [InlineData("LAB_SIMULATED_GPU_FAULT", "norm_gradient_Float16", "the lab's norm's gradient in Float16 does not give what libtorch gives")]
    [InlineData("LAB_SIMULATED_GPU_FAULT", "relocate", "the lab's relocation by -1 does not give what libtorch gives")]
    public void Where_the_labs_kernels_are_not_to_be_had_libtorchs_serve_and_it_is_said(string variable, string value, string why)
    {
        (int status, string output) = Explicit($"*{nameof(OnGpuTests.The_labs_kernels_are_used)}", (variable, value));
        Assert.NotEqual(0, status);
        Assert.Contains($"libtorch's functions compute norms and sums on cuda:0 and move keys and values there: {why}.", output, StringComparison.Ordinal);
        if (value.Length == 0)
        {
            (status, output) = Explicit("*CPUs*", (variable, value));
            Assert.InRange(LabProgram.Passed(status, output), 10, int.MaxValue);
        }

        (int, string) Explicit(string method, (string, string?) environment) =>
            OnGpu(LabProgram.Tests("-explicit", "only", "-class", typeof(OnGpuTests).FullName!, "-method", method), environment);
    }

    [Fact]
    public void A_run_trains_to_the_CPUs_numbers()
    {
        double[] here = Losses("cpu"), there = Losses("cuda:0"), second = Losses("cuda:1");
        Assert.Equal(2, here.Length);
        Assert.All(here.Zip(there), pair => Assert.Equal(pair.First, pair.Second, 2e-3));
        Assert.Equal(there, second);
    }

    private double[] Losses(string device)
    {
        string run = _folder[device.Replace(':', '-')];
        Lab("train", "--size", "quick", "--offsets=-1,1", "--set", "training.epochs=2", "--device", device, "--run", run);
        return [.. File.ReadLines(Path.Combine(run, "metrics.jsonl")).Select(line => System.Text.Json.Nodes.JsonNode.Parse(line)!["loss"]!.GetValue<double>())];
    }

    [Fact]
    public void Steps_wait_for_nothing_but_their_readings()
    {
        string[] common =
        [
            "train", "--size", "quick", "--offsets=-1,1", "--device", "cuda:0", "--set", "training.checkpointEvery=0", "--set", "training.labelSmoothing=0.1",
            "--set", "training.gradientClip=1", "--set", "training.activationCheckpointing=true", "--set", "recognizer.adapters.dropout=0.1", "--set", "recognizer.headDropout=0.1",
        ];
        Lab("pretrain", "--size", "quick", "--device", "cuda:1");
        Dictionary<string, long> fewer = Waits("fewer", 2), more = Waits("more", 4);
        // Of the 19 steps of an epoch the tenth and the last are read, loss and number of right answers.
        Assert.Equal(fewer.ToDictionary(wait => wait.Key, wait => wait.Value + (wait.Key == "copy to the CPU" ? 2 * 2 * 2 : 0)), more);

        Dictionary<string, long> Waits(string name, int epochs)
        {
            string report = _folder[$"{name}.txt"];
            Lab(report, [.. common, "--set", $"training.epochs={epochs}", "--run", _folder[name]]);
            return File.ReadLines(report).Where(line => line.StartsWith("wait ", StringComparison.Ordinal)).Select(line => line[5..].Split(' '))
                .ToDictionary(words => string.Join(' ', words[..^1]), words => long.Parse(words[^1], CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public void Outputs_of_the_official_code_and_of_pytorch_grad_cam_are_met_there_and_folding_is_proved_there()
    {
        string vectors = Path.Combine(AppContext.BaseDirectory, "assets", "parity"), maps = Path.Combine(AppContext.BaseDirectory, "assets", "parity-gradcam");
        string[] folders = [.. Directory.GetDirectories(vectors), .. Directory.GetDirectories(maps)];
        string report = _folder["parity.txt"];
        Lab(report, ["parity", .. folders, "--device", "cuda:0"]);
        Assert.Contains("call aten::addmm", File.ReadAllText(report), StringComparison.Ordinal);
        string checkpoint = Path.Combine(vectors, "ablation_open", "checkpoint.pth"), folded = _folder["folded.safetensors"];
        Lab(report, ["fold", checkpoint, "--offsets", "-1", "1", "-2", "2", "--scale", "1", "--head-count", "12", "--out", folded, "--unfolded", _folder["whole.safetensors"], "--device", "cuda:0"]);
        Assert.Contains("call aten::addmm", File.ReadAllText(report), StringComparison.Ordinal);
        Assert.True(File.Exists(folded));
    }

    [Fact]
    public void Costs_are_measured_there_with_their_memory()
    {
        (int status, string output) = OnGpu([LabProgram.Assembly, "cost", "--preset", "micro", "--method", "zeroi2v", "--measure", "--batch", "1", "--rounds", "1", "--device", "cuda:0"]);
        Assert.True(status == 0, output);
        // Milliseconds, clips a second, MiB, milliseconds, MiB.
        Assert.Matches(@"(?m)^│ ZeroI2V +│ +[\d.]+ │ +[\d.]+ │ +\d+ │ +[\d.]+ │ +\d+ │", output);
    }

    [Fact]
    public void Too_little_memory_is_said_with_what_to_lower()
    {
        (int status, string output) = OnGpu([LabProgram.Assembly, "train", "--size", "quick", "--offsets=-1,1", "--device", "cuda:0", "--run", _folder["run"]], ("LAB_SIMULATED_GPU_BYTES", "3000000"));
        Assert.Equal(1, status);
        Assert.Contains("cuda:0 has no more memory. Lower the batch (--set training.batchSize=N in training", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_GPU_beyond_the_last_is_refused()
    {
        (int status, string output) = OnGpu([LabProgram.Assembly, "pretrain", "--size", "quick", "--device", "cuda:2"]);
        Assert.Equal(1, status);
        Assert.Contains("there are 2 GPUs here, counted from 0", output, StringComparison.Ordinal);
    }

    private void Lab(params string[] arguments) => Lab(report: null, arguments);

    private void Lab(string? report, string[] arguments)
    {
        (int status, string output) = OnGpu([LabProgram.Assembly, .. arguments], ("LAB_SIMULATED_GPU_REPORT", report));
        Assert.True(status == 0, output);
    }

    private (int Status, string Output) OnGpu(IEnumerable<string> arguments, params (string Name, string? Value)[] environment)
    {
        Assert.SkipUnless(File.Exists(s_library), "There is no simulated GPU: ./lab test builds it, over a libtorch 1.13 without CUDA.");
        return Run(arguments, [("LD_PRELOAD", s_library), .. environment]);
    }

    private (int Status, string Output) Run(IEnumerable<string> arguments, params (string Name, string? Value)[] environment)
    {
        (int status, string output, string errors) = LabProgram.Dotnet(_folder.Path, arguments, environment);
        return (status, output + errors);
    }
}
