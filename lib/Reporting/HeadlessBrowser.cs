using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace ZeroI2V.Lab.Reporting;

/// <summary>A Chromium without a screen that opens one page of ours, has a profile of its own, no network and a time limit, and leaves no file behind.</summary>
internal static class HeadlessBrowser
{
    private static readonly string[] s_names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(90);

    // Two browsers at once are slower than one after the other on two cores.
    private static readonly Lock s_oneAtATime = new();

    /// <summary>What is missing on this machine; null where nothing is.</summary>
    internal static string? Missing() => Find() is null
        ? $"Drawing a chart needs Chromium; none of {string.Join(", ", s_names)} is on the PATH. Install Debian's package 'chromium' (./lab setup does)."
        : null;

    /// <summary>Opens a page, lets its scripts run to their end, and gives back what has become of it.</summary>
    /// <param name="html">The page.</param>
    /// <param name="fragment">What stands behind the # of its address.</param>
    /// <returns>The document as HTML, with the browser's complaints.</returns>
    /// <exception cref="InvalidOperationException">There is no browser, or it fails.</exception>
    /// <exception cref="TimeoutException">It did not finish in time.</exception>
    internal static (string Document, string Errors) Open(string html, string fragment = "")
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("lab-chart-");
        try
        {
            string page = Path.Combine(folder.FullName, "page.html");
            File.WriteAllText(page, html);
            lock (s_oneAtATime)
                return Run(new Uri(page).AbsoluteUri + (fragment.Length > 0 ? "#" + fragment : ""), folder.FullName);
        }
        finally
        {
            Remove(folder);
        }
    }

    /// <summary>The end of what a program said.</summary>
    internal static string Tail(string text) => text.Length <= 600 ? text.Trim() : "…" + text[^600..].Trim();

    private static (string Document, string Errors) Run(string address, string folder)
    {
        var start = new ProcessStartInfo(Find() ?? throw new InvalidOperationException(Missing()))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            ArgumentList =
            {
                "--headless", "--disable-gpu", "--no-first-run", "--no-default-browser-check", "--disable-background-networking",
                "--disable-component-update", "--disable-default-apps", "--disable-extensions", "--disable-sync", "--disable-breakpad",
                "--disable-crash-reporter", "--disable-dev-shm-usage", "--mute-audio", "--password-store=basic",
                "--host-resolver-rules=MAP * ~NOTFOUND",
                $"--user-data-dir={Path.Combine(folder, "profile")}",
                // Time in the page runs as fast as its work is done; the work waits for this much of it at most.
                "--virtual-time-budget=60000",
                "--dump-dom",
            },
        };
        // Chromium's sandbox refuses to run as root; the page is ours and has no network.
        if (Environment.IsPrivilegedProcess)
            start.ArgumentList.Add("--no-sandbox");
        start.ArgumentList.Add(address);
        start.Environment["HOME"] = folder;
        start.Environment["XDG_CONFIG_HOME"] = folder;
        start.Environment["XDG_CACHE_HOME"] = folder;

        using Process browser = Start(start);
        Task<string> output = browser.StandardOutput.ReadToEndAsync();
        Task<string> errors = browser.StandardError.ReadToEndAsync();
        if (!browser.WaitForExit(s_limit))
        {
            browser.Kill(entireProcessTree: true);
            browser.WaitForExit();
            throw new TimeoutException($"Chromium did not finish its page within {s_limit.TotalSeconds:0} seconds. The machine may be overloaded; try again.");
        }
        string document = output.GetAwaiter().GetResult(), said = errors.GetAwaiter().GetResult();
        return browser.ExitCode == 0
            ? (document, said)
            : throw new InvalidOperationException($"Chromium ended with exit code {browser.ExitCode}: {Tail(said)}");
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start.");
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException($"{start.FileName} could not be started: {e.Message}", e);
        }
    }

    private static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .SelectMany(folder => s_names.Select(name => Path.Combine(folder, name + (OperatingSystem.IsWindows() ? ".exe" : ""))))
        .OrderBy(path => Array.IndexOf(s_names, Path.GetFileNameWithoutExtension(path)))
        .FirstOrDefault(File.Exists);

    // A browser's helper may still write for a moment after the browser has ended.
    private static void Remove(DirectoryInfo folder)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                folder.Delete(recursive: true);
                return;
            }
            catch (IOException) when (attempt < 40)
            {
                Thread.Sleep(50);
            }
        }
    }
}
