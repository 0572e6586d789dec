using System.Diagnostics;
using System.Text.RegularExpressions;
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
    public void Names_that_are_given_count_from_where_setup_is_called()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "here"));
        (_, string said) = Run(folder, "bundle-setup.sh", $"cd '{folder.Path}/here'; ", ("TORCH_DIR", "libtorch"));
        Assert.Contains($"TORCH_DIR is '{folder.Path}/here/libtorch', and there is no such folder.", Assert.Single(Lines(said)), StringComparison.Ordinal);
        _ = Program(folder, "old/g++", "echo 8");
        (_, said) = Run(folder, "bundle-setup.sh", $"cd '{folder.Path}/here'; ", ("CXX", "../old/g++"));
        Assert.Contains("is version 8; expected 9 or newer", Assert.Single(Lines(said)), StringComparison.Ordinal);
    }

    [Fact]
    public void Setup_compiles_what_the_build_does()
    {
        string build = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "native", "CMakeLists.txt"));
        string setup = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "lib", "CommandLine", "Bundle", "bundle-setup.sh"));
        foreach (string library in (string[])["labtorch", "labkernels"])
        {
            IEnumerable<string> sources = Regex.Match(build, $@"add_library\({library} SHARED ([^)]+)\)").Groups[1].Value.Split(' ').Select(source => Path.GetFileNameWithoutExtension(source)).Order();
            Assert.Equal(sources, Regex.Match(setup, $@"native/build/\{{([^}}]+)\}}\.o -o native/build/lib{library}\.so").Groups[1].Value.Split(',').Order());
            Assert.All(sources, source => Assert.Matches($@"\bcompile {source}\.cpp|for part in [^;]*\b{source}\b", setup));
        }
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
        string torch = Torch(folder, 2, 5);
        Libraries(torch, "2.6");
        (int status, string said) = Run(folder, "bundle-setup.sh", ("TORCH_DIR", torch));
        Assert.Equal(1, status);
        Assert.Matches("the library that loads from .* is libtorch 2\\.6 and the headers in .* are of 2\\.5\\.", Assert.Single(Lines(said)));
    }

    [Fact]
    public void A_library_of_CUDA_that_is_missing_is_named_before_anything_is_compiled()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var folder = new TemporaryFolder();
        string torch = Torch(folder, 2, 6);
        Libraries(torch, "2.6", cuda: "12.4", needs: "libmissing.so.9");
        (int status, string said) = Run(folder, "bundle-setup.sh", ("TORCH_DIR", torch));
        Assert.Equal(1, status);
        Assert.Contains("does not load: not found: libmissing.so.9. Install what brings that", Assert.Single(Lines(said)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_PyTorch_that_does_not_load_is_another_thing_than_none()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var folder = new TemporaryFolder();
        const string why = "ImportError: libcudnn.so.9: cannot open shared object file: No such file or directory";
        string python = Program(folder, "python", $"cat >/dev/null; echo 'Traceback (most recent call last):' >&2; echo '{why}' >&2; exit 1");
        (int status, string said) = Run(folder, "bundle-setup.sh", ("PYTHON", python));
        Assert.Equal(1, status);
        Assert.Contains($"the PyTorch of {python} does not load ({why}).", Assert.Single(Lines(said)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_bundle_that_cannot_be_written_to_says_so()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var folder = new TemporaryFolder();
        // A file in the folder's place, for who may write everywhere.
        Write(Path.Combine(folder.Path, "native"), "");
        (int status, string said) = Run(folder, "bundle-setup.sh");
        Assert.Equal(1, status);
        Assert.Contains("nothing can be written to", Assert.Single(Lines(said)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", null, 0, "There is no NVIDIA GPU here: the lab computes on the CPU.")]
    // CUDA's driver library makes this one for root, GPU or not.
    [InlineData("dev/nvidiactl", "12.4", 0, "There is no NVIDIA GPU here: the lab computes on the CPU.")]
    [InlineData("sys/bus/pci/devices/0000:01:00.0/class", "12.4", 0, "There is an NVIDIA GPU, and its driver is not loaded")]
    [InlineData("dev/nvidia0", null, 0, "There is a GPU, and this libtorch was built without CUDA: the lab computes on the CPU.")]
    [InlineData("dev/nvidia0", "12.4", 0, "There is a GPU, and libtorch (CUDA 12.4) does not see it: The NVIDIA driver on your system is too old (found version 11040). The lab computes on the CPU.")]
    [InlineData("dev/nvidia0", "12.4", 0, "There is a GPU, and libtorch (CUDA 12.4) does not see it: CUDA error 802: system not yet initialized. The lab computes on the CPU.", "Unexpected error from cudaGetDeviceCount(). Did you run some cuda functions before? Error 802: system not yet initialized")]
    [InlineData("dev/nvidia0", "12.4", 1, "Compiling against libtorch 2.6")]
    public void Why_a_gpu_cannot_be_used_is_said_before_anything_is_compiled(string device, string? cuda, int gpus, string expected, string says = "The NVIDIA driver on your system is too old (found version 11040). Please update your GPU driver.")
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var folder = new TemporaryFolder();
        string torch = Torch(folder, 2, 6);
        Libraries(torch, "2.6", cuda, gpus: gpus, warning: $"[W] Warning: CUDA initialization: {says} (function operator())");
        if (device.Length > 0)
        {
            Write(Path.Combine(folder.Path, device), "0x030200\n");
            Write(Path.Combine(folder.Path, "sys/bus/pci/devices/0000:01:00.0/vendor"), "0x10de\n");
        }
        // Every program can load a driver library, and nothing that is compiled against libtorch's headers is.
        (int status, string said) = Run(folder, "bundle-setup.sh", Surroundings(folder, torch, driver: true));
        Assert.Equal(1, status);
        Assert.StartsWith(expected, Lines(said)[0], StringComparison.Ordinal);
        Assert.Single(Lines(said), line => line.Contains("did not compile", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true, "", "CUDA_VISIBLE_DEVICES is '', which names none that is here.")]
    [InlineData(false, "0", "CUDA's driver library libcuda.so.1, which comes with the driver, is not found")]
    public void A_gpu_that_is_hidden_or_has_no_driver_library_is_told_from_an_old_driver(bool driver, string visible, string expected)
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var folder = new TemporaryFolder();
        string torch = Torch(folder, 2, 6);
        Libraries(torch, "2.6", cuda: "12.4");
        Write(Path.Combine(folder.Path, "dev/nvidia0"), "");
        (_, string said) = Run(folder, "bundle-setup.sh", [("CUDA_VISIBLE_DEVICES", visible), .. Surroundings(folder, torch, driver)]);
        Assert.StartsWith($"There is a GPU, and libtorch (CUDA 12.4) does not see it: {expected}", Lines(said)[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Unhandled exception. System.Runtime.InteropServices.ExternalException (0x80004005): CUDA error: no kernel image is available for execution on the device\nCompile with `TORCH_USE_CUDA_DSA`.\n   at TorchSharp.Native.Check(Int32 result)", "CUDA error: no kernel image is available for execution on the device")]
    [InlineData("Unhandled exception. System.DllNotFoundException: Unable to load shared library 'liblabtorch.so' or one of its dependencies.\nlibcudnn.so.9: cannot open shared object file\n\n   at Main()", "libcudnn.so.9: cannot open shared object file")]
    [InlineData("a warning\nlab: cuda:0 has no more memory. Lower the batch.", "cuda:0 has no more memory. Lower the batch.")]
    [InlineData("Killed", "Killed")]
    public void A_gpu_on_which_the_check_fails_is_not_used_and_why_is_one_sentence(string output, string expected)
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var folder = new TemporaryFolder();
        string torch = Torch(folder, 2, 6);
        Libraries(torch, "2.6", cuda: "12.4", gpus: 1);
        Write(Path.Combine(folder.Path, "output"), output + "\n");
        _ = Program(folder, "lab", "case \"$*\" in *cuda:0*) cat output; exit 134 ;; esac");
        (int status, string said) = Run(folder, "bundle-setup.sh", Surroundings(folder, torch, driver: true, compiles: true));
        Assert.Equal(0, status);
        Assert.Contains($"The GPU cannot be used, so the lab computes on the CPU: {expected}", Lines(said));
        Assert.Contains("./lab bench --device cpu", Lines(said)[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void The_lab_of_a_bundle_names_what_its_job_was_not_given()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var folder = new TemporaryFolder();
        string torch = Torch(folder, 2, 6), other = Path.Combine(folder.Path, "other"), library = Path.Combine(torch, "lib/libtorch_cpu.so"), modules = Path.Combine(folder.Path, "modules");
        Libraries(torch, "2.6", cuda: "12.4", needs: "libmissing.so.9");
        Compile(Path.Combine(modules, "libmissing.so.9"), "");
        Compile(Path.Combine(other, "libtorch_cpu.so"), "");
        Compile(Path.Combine(folder.Path, "native/build/liblabtorch.so"), "", library, Path.Combine(torch, "lib/libtorch_cuda.so"), $"-Wl,-rpath,{Path.Combine(torch, "lib")}");
        DateTimeOffset written = File.GetLastWriteTimeUtc(library);
        Write(Path.Combine(folder.Path, "native/build/libtorch"), $"{new FileInfo(library).Length} {written.ToUnixTimeSeconds()} {library}\n");
        _ = Program(folder, "bin/lab/ZeroI2V.Lab", "echo started >&2");

        (int status, string said) = Run(folder, "bundle-lab.sh", ("LD_LIBRARY_PATH", ""));
        Assert.Equal(1, status);
        Assert.Contains("not found: libmissing.so.9;", Assert.Single(Lines(said)), StringComparison.Ordinal);

        (status, said) = Run(folder, "bundle-lab.sh", ("LD_LIBRARY_PATH", $"{other}:{modules}"));
        Assert.Equal(1, status);
        Assert.Contains($"LD_LIBRARY_PATH brings the libtorch {Path.Combine(other, "libtorch_cpu.so")}", Assert.Single(Lines(said)), StringComparison.Ordinal);

        (status, said) = Run(folder, "bundle-lab.sh", ("LD_LIBRARY_PATH", modules));
        Assert.Equal((0, "started\n"), (status, said));
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

    /// <summary>Libraries that a program can be linked with and that answer what setup asks of a libtorch.</summary>
    private static void Libraries(string torch, string version, string? cuda = null, string? needs = null, int gpus = 0, string warning = "")
    {
        string lib = Path.Combine(torch, "lib");
        Compile(Path.Combine(lib, "libc10.so"), "#include <string>\nnamespace c10 { struct Error { Error(std::string); }; Error::Error(std::string) {} }");
        Compile(
            Path.Combine(lib, "libtorch_cpu.so"),
            $$"""
            #include <cstdio>
            #include <cstdlib>
            #include <string>
            namespace at { std::string show_config() { return "Build settings: CUDA_VERSION={{cuda}}, TORCH_VERSION={{version}}.0, USE_CUDA=ON"; } }
            namespace torch { namespace cuda { std::size_t device_count() { if (!std::getenv("CUDA_VISIBLE_DEVICES")) std::fputs("{{warning}}\n", stderr); return {{gpus}}; } } }
            """);
        if (cuda is null)
            return;
        // What it needs is there when it is linked, and gone when it is loaded.
        string? needed = needs is null ? null : Path.Combine(lib, needs);
        if (needed is not null)
            Compile(needed, "");
        Compile(Path.Combine(lib, "libtorch_cuda.so"), "", needed is null ? [] : ["-Wl,--no-as-needed", needed]);
        if (needed is not null)
            File.Delete(needed);
    }

    private static void Compile(string library, string source, params string[] with)
    {
        Write(library + ".cpp", source);
        var start = new ProcessStartInfo("g++", ["-shared", "-fPIC", "-o", library, library + ".cpp", $"-Wl,-soname,{Path.GetFileName(library)}", "-Wl,--no-as-needed", "-Wl,--allow-shlib-undefined", .. with]);
        using Process compiler = Process.Start(start)!;
        compiler.WaitForExit();
        Assert.Equal(0, compiler.ExitCode);
        File.Delete(library + ".cpp");
    }

    /// <summary>A Python with that PyTorch, a system with those devices, and a compiler that does nothing but setup's small program: the rest fails, or seems to be done.</summary>
    private static (string Name, string Value)[] Surroundings(TemporaryFolder folder, string torch, bool driver, bool compiles = false)
    {
        string drivers = Directory.CreateDirectory(Path.Combine(folder.Path, "driver")).FullName;
        string library = Path.Combine(drivers, "libcuda.so.1");
        // Without a driver, a file that is no library stands before that of a machine that has one.
        if (driver)
            Compile(library, "");
        else
            Write(library, "");
        return
        [
            ("PYTHON", Program(folder, "python", $"cat >/dev/null; echo '{torch}|{torch}/lib'")),
            ("LAB_DEV", Path.Combine(folder.Path, "dev")),
            ("LAB_SYS", Path.Combine(folder.Path, "sys")),
            ("LD_LIBRARY_PATH", drivers),
            ("CXX", Program(folder, "g++", $"case \" $* \" in *' -dumpversion '* | *' -x c++ - '*) exec /usr/bin/env g++ \"$@\" ;; esac; {(compiles ? "exit 0" : "exit 1")}")),
        ];
    }

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
        start.Environment.Remove("CUDA_VISIBLE_DEVICES");
        foreach ((string name, string value) in variables)
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        string said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, said);
    }
}
