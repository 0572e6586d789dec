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
        Assert.Single(said.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Headers_of_an_old_libtorch_are_refused_with_both_versions()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var folder = new TemporaryFolder();
        string torch = Empty(folder);
        foreach (string part in (string[])["lib/libtorch_cpu.so", "include/ATen/ATen.h"])
            Write(Path.Combine(torch, part), "");
        Write(Path.Combine(torch, "include/torch/csrc/api/include/torch/version.h"), "#define TORCH_VERSION_MAJOR 1\n#define TORCH_VERSION_MINOR 12\n");
        (int status, string said) = Run(folder, "bundle-setup.sh", ("TORCH_DIR", torch));
        Assert.Equal(1, status);
        Assert.Contains("libtorch is 1.12; expected 1.13 or newer", said, StringComparison.Ordinal);
    }

    [Fact]
    public void The_lab_of_a_bundle_that_was_not_set_up_says_so()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var folder = new TemporaryFolder();
        (int status, string said) = Run(folder, "bundle-lab.sh", ("LAB", ""));
        Assert.Equal(1, status);
        Assert.Contains("setup first", said, StringComparison.Ordinal);
    }

    private static string Empty(TemporaryFolder folder) => Directory.CreateDirectory(Path.Combine(folder.Path, "torch")).FullName;

    private static void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private static (int Status, string Said) Run(TemporaryFolder folder, string script, (string Name, string Value) variable)
    {
        string path = Path.Combine(folder.Path, script);
        using (Stream source = typeof(VideoRecognizer).Assembly.GetManifestResourceStream(script)!)
        using (FileStream target = File.Create(path))
            source.CopyTo(target);
        var start = new ProcessStartInfo("bash", [path]) { RedirectStandardError = true };
        start.Environment.Remove("TORCH_DIR");
        start.Environment[variable.Name] = variable.Value;
        using Process process = Process.Start(start)!;
        string said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, said);
    }
}
