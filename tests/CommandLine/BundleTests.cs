using System.Diagnostics;
using ZeroI2V.Lab.Backbone;

namespace ZeroI2V.Lab.Tests.CommandLine;

/// <summary>What a bundle's scripts say on machines that lack something.</summary>
public sealed class BundleTests
{
    [Theory]
    [InlineData("CXX", "no-such-compiler", "there is no compiler 'no-such-compiler'")]
    [InlineData("PYTHON", "/bin/false", "no PyTorch was found")]
    [InlineData("TORCH_DIR", "/no/such/libtorch", "there is no such folder")]
    [InlineData("TORCH_DIR", "/tmp", "there is no libtorch_cpu.so in /tmp/lib")]
    public void Setup_says_in_one_sentence_what_is_missing(string variable, string value, string expected)
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var folder = new TemporaryFolder();
        (int status, string said) = Run(folder, "bundle-setup.sh", (variable, variable == "TORCH_DIR" && value == "/tmp" ? Empty(folder) : value));
        Assert.Equal(1, status);
        Assert.Contains(expected.Replace("/tmp", Empty(folder), StringComparison.Ordinal), said, StringComparison.Ordinal);
        Assert.Single(Lines(said));
    }

    [Fact]
    public void Headers_of_an_old_libtorch_are_refused_with_both_versions()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var folder = new TemporaryFolder();
        (int status, string said) = Run(folder, "bundle-setup.sh", ("TORCH_DIR", Torch(folder, 1, 12)));
        Assert.Equal(1, status);
        Assert.Contains("libtorch is 1.12; expected 1.13 or newer", Assert.Single(Lines(said)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_compiler_that_is_too_old_is_named_with_its_version()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var folder = new TemporaryFolder();
        (int status, string said) = Run(folder, "bundle-setup.sh", ("CXX", Program(folder, "old-g++", "echo 8")));
        Assert.Equal(1, status);
        Assert.Contains("is version 8; expected 9 or newer", Assert.Single(Lines(said)), StringComparison.Ordinal);
    }

    [Fact]
    public void Too_little_memory_is_said_with_what_there_is_and_what_is_needed()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var folder = new TemporaryFolder();
        // A shell that may have a GiB, as a job with a limit.
        (int status, string said) = Run(folder, "bundle-setup.sh", "ulimit -v 1048576; ", ("TORCH_DIR", "/no/such"));
        Assert.Equal(1, status);
        Assert.Matches(@"there are \d+ MiB of memory .* compiling takes 3072\.", Assert.Single(Lines(said)));
    }

    [Fact]
    public void A_library_and_headers_of_two_versions_are_refused()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var folder = new TemporaryFolder();
        (int status, string said) = Run(folder, "bundle-setup.sh", ("PYTHON", Python(folder, Torch(folder, 2, 5), "2.6.0+cu124", "12.4", sees: false)));
        Assert.Equal(1, status);
        Assert.Matches("PyTorch is 2\\.6\\.0\\+cu124 and its headers in .* are of 2\\.5\\.", Assert.Single(Lines(said)));
    }

    [Theory]
    [InlineData(false, false, false, "There is no NVIDIA GPU here: the lab computes on the CPU.")]
    [InlineData(true, false, false, "There is a GPU, and this libtorch was built without CUDA: the lab computes on the CPU.")]
    [InlineData(true, true, false, "There is a GPU, and PyTorch (CUDA 12.4) does not see it: its driver (")]
    [InlineData(true, true, true, "Compiling against libtorch 2.6")]
    public void Why_a_gpu_cannot_be_used_is_said_before_anything_is_compiled(bool gpu, bool cuda, bool sees, string expected)
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var folder = new TemporaryFolder();
        string devices = Directory.CreateDirectory(Path.Combine(folder.Path, "dev")).FullName, torch = Torch(folder, 2, 6);
        if (gpu)
            Write(Path.Combine(devices, "nvidiactl"), "");
        if (cuda)
            Write(Path.Combine(torch, "lib/libtorch_cuda.so"), "");
        // The compiler does nothing but fail: what is said stands before that.
        (int status, string said) = Run(
            folder, "bundle-setup.sh",
            ("PYTHON", Python(folder, torch, "2.6.0+cu124", cuda ? "12.4" : "-", sees)), ("LAB_DEV", devices), ("CXX", Program(folder, "g++", "[ \"$1\" = -dumpversion ] && echo 12")));
        Assert.Equal(1, status);
        Assert.StartsWith(expected, Lines(said)[0], StringComparison.Ordinal);
        Assert.Contains("did not compile", said, StringComparison.Ordinal);
    }

    [Fact]
    public void The_lab_of_a_bundle_that_was_not_set_up_says_so()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var folder = new TemporaryFolder();
        (int status, string said) = Run(folder, "bundle-lab.sh", ("LAB", ""));
        Assert.Equal(1, status);
        Assert.Contains("setup first", Assert.Single(Lines(said)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_lab_of_a_bundle_does_not_start_with_another_libtorch_than_it_was_compiled_for()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var folder = new TemporaryFolder();
        string torch = Path.Combine(Torch(folder, 2, 6), "lib/libtorch_cpu.so");
        Write(Path.Combine(folder.Path, "native/build/liblabtorch.so"), "");
        Write(Path.Combine(folder.Path, "native/build/libtorch"), $"1000 1700000000 {torch}\n");
        _ = Program(folder, "bin/lab/ZeroI2V.Lab", "echo started >&2");
        (int status, string said) = Run(folder, "bundle-lab.sh", ("LAB", ""));
        Assert.Equal(1, status);
        Assert.Contains($"{torch} was replaced or removed", Assert.Single(Lines(said)), StringComparison.Ordinal);
        // The same file as when it was compiled: the program starts.
        File.WriteAllBytes(torch, new byte[1000]);
        File.SetLastWriteTimeUtc(torch, DateTime.UnixEpoch.AddSeconds(1700000000));
        (status, said) = Run(folder, "bundle-lab.sh", ("LAB", ""));
        Assert.Equal((0, "started\n"), (status, said));
    }

    /// <summary>A folder that looks like a libtorch of a version.</summary>
    private static string Torch(TemporaryFolder folder, int major, int minor)
    {
        string torch = Empty(folder);
        foreach (string part in (string[])["lib/libtorch_cpu.so", "lib/libc10.so", "include/ATen/ATen.h"])
            Write(Path.Combine(torch, part), "");
        Write(Path.Combine(torch, "include/torch/csrc/api/include/torch/version.h"), $"#define TORCH_VERSION_MAJOR {major}\n#define TORCH_VERSION_MINOR {minor}\n");
        return torch;
    }

    /// <summary>A program that answers what setup asks of a Python with PyTorch.</summary>
    private static string Python(TemporaryFolder folder, string torch, string version, string cuda, bool sees) =>
        Program(folder, "python", $"cat >/dev/null; echo '{torch}|{torch}/lib|{version}|{cuda}|{(sees ? "True" : "False")}'");

    private static string Program(TemporaryFolder folder, string name, string commands)
    {
        string path = Path.Combine(folder.Path, name);
        Write(path, $"#!/bin/sh\n{commands}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    private static string[] Lines(string said) => said.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string Empty(TemporaryFolder folder) => Directory.CreateDirectory(Path.Combine(folder.Path, "torch")).FullName;

    private static void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private static (int Status, string Said) Run(TemporaryFolder folder, string script, params (string Name, string Value)[] variables) => Run(folder, script, "", variables);

    private static (int Status, string Said) Run(TemporaryFolder folder, string script, string before, params (string Name, string Value)[] variables)
    {
        string path = Path.Combine(folder.Path, script);
        using (Stream source = typeof(VideoRecognizer).Assembly.GetManifestResourceStream(script)!)
        using (FileStream target = File.Create(path))
            source.CopyTo(target);
        var start = new ProcessStartInfo("bash", ["-c", $"{before}exec bash \"$0\"", path]) { RedirectStandardError = true };
        start.Environment.Remove("TORCH_DIR");
        foreach ((string name, string value) in variables)
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        string said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, said);
    }
}
