using System.Diagnostics;

namespace ZeroI2V.Lab.Tests.Notebooks;

/// <summary>Debian's Jupyter, with the lab's kernel installed in a folder of its own that is gone after the test.</summary>
internal sealed class JupyterClients : IDisposable
{
    private const string Python = "/usr/bin/python3";
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(4);

    private readonly TemporaryFolder _folder = new();

    private JupyterClients()
    {
    }

    /// <summary>A folder for whatever the clients write.</summary>
    public string Folder => _folder.Path;

    /// <summary>Installs the kernel; skips the test where the modules are missing.</summary>
    public static async Task<JupyterClients> WithAsync(params string[] modules)
    {
        var clients = new JupyterClients();
        try
        {
            (int missing, string said) = File.Exists(Python) ? await clients.RunAsync(Python, ["-c", $"import {string.Join(", ", modules)}"]) : (1, "there is no Python");
            Require(missing == 0, $"Debian's Jupyter is not here; ./lab test installs it. {said}");
            (int status, said) = await clients.RunAsync("dotnet", [Path.Combine(RepositoryRoot.Path, "bin", "lab", "ZeroI2V.Lab.dll"), "kernel", "install", "--prefix", clients.Folder]);
            Assert.True(status == 0, said);
            return clients;
        }
        catch
        {
            clients.Dispose();
            throw;
        }
    }

    /// <summary>What a client needs: without it the test is skipped, or fails where <c>./lab test</c> has set everything up.</summary>
    public static void Require(bool there, string missing)
    {
        Assert.SkipUnless(there || Environment.GetEnvironmentVariable("LAB_TEST_CLIENTS") == "required", missing);
        Assert.True(there, missing);
    }

    /// <summary>Runs a Python program; fails the test with all that it said if it does not succeed.</summary>
    public async Task PythonAsync(params string[] arguments)
    {
        (int status, string said) = await RunAsync(Python, arguments);
        Assert.True(status == 0, $"{string.Join(' ', arguments)} ended with {status}:\n{said}");
    }

    /// <summary>A program of this test project's <c>clients</c> folder.</summary>
    public static string Client(string name) => Path.Combine(RepositoryRoot.Path, "tests", "Notebooks", "clients", name);

    /// <summary>Runs a program among these clients.</summary>
    public async Task<(int Status, string Said)> RunAsync(string program, string[] arguments, string? folder = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? Folder };
        start.Environment["JUPYTER_PATH"] = Path.Combine(Folder, "share", "jupyter");
        foreach (string name in (string[])["JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "HOME"])
            start.Environment[name] = Directory.CreateDirectory(Path.Combine(Folder, name.ToLowerInvariant())).FullName;
        start.Environment["LAB_SIZE"] = "quick";
        start.Environment["DOTNET_CLI_HOME"] = Path.Combine(Folder, "home");
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeLimit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return (process.ExitCode, await output + await errors);
    }

    public void Dispose() => _folder.Dispose();
}
