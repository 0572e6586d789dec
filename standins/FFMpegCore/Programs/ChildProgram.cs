using System.Diagnostics;

namespace FFMpegCore.Programs;

/// <summary>One run of ffmpeg or ffprobe: its three streams are always read, so that it can never block on us.</summary>
internal sealed class ChildProgram : IDisposable
{
    /// <summary>Lines kept of a talkative program; the first and the last ones say most.</summary>
    private const int KeptLines = 2000;

    private readonly Process _process;
    private readonly List<string> _errors = [];
    private readonly Task _exit;
    private int _droppedErrors;

    private ChildProgram(Process process, Action<string>? onOutput, Action<string>? onError)
    {
        _process = process;
        Task errors = ReadLinesAsync(process.StandardError, line =>
        {
            Keep(line);
            onError?.Invoke(line);
        });
        Task output = onOutput is null
            ? ReadAllAsync(process.StandardOutput)
            : ReadLinesAsync(process.StandardOutput, onOutput);
        _exit = Task.WhenAll(process.WaitForExitAsync(), errors, output);
    }

    /// <summary>Standard output, where no listener took it line by line. Complete once <see cref="Exit"/> is.</summary>
    public string Output { get; private set; } = "";

    /// <summary>Standard error. Complete once <see cref="Exit"/> is.</summary>
    public string Errors => _droppedErrors == 0
        ? string.Join('\n', _errors)
        : string.Join('\n', [.. _errors[..(KeptLines / 2)], $"({_droppedErrors} lines left out)", .. _errors[(KeptLines / 2)..]]);

    /// <summary>Exit status. Valid once <see cref="Exit"/> is complete.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Completes when the program has ended and everything it wrote was read.</summary>
    public Task Exit => _exit;

    /// <summary>Starts a program.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The program cannot be started.</exception>
    public static ChildProgram Start(string program, string arguments, FFOptions options, Action<string>? onOutput = null, Action<string>? onError = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = options.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = options.Encoding,
            StandardErrorEncoding = options.Encoding,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        return new ChildProgram(Process.Start(start)!, onOutput, onError);
    }

    /// <summary>Whether the program can be started and reports its version.</summary>
    public static bool Works(string program, FFOptions options)
    {
        try
        {
            using ChildProgram child = Start(program, "-version", options);
            child.Exit.GetAwaiter().GetResult();
            return child.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    /// <summary>Asks ffmpeg to finish, and ends it after <paramref name="patience"/>.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        try
        {
            await _process.StandardInput.WriteAsync('q').ConfigureAwait(false);
            await _process.StandardInput.FlushAsync().ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // It has ended already: nothing to ask.
        }
        if (await Task.WhenAny(_exit, Task.Delay(patience)).ConfigureAwait(false) != _exit)
            Kill();
    }

    /// <summary>Ends the program now.</summary>
    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }
    }

    public void Dispose()
    {
        if (!_exit.IsCompleted)
            Kill();
        _process.Dispose();
    }

    private static async Task ReadLinesAsync(StreamReader reader, Action<string> take)
    {
        System.Runtime.ExceptionServices.ExceptionDispatchInfo? listenerFailed = null;
        while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            try
            {
                if (listenerFailed is null)
                    take(line);
            }
            catch (Exception failure)
            {
                // Thrown once the program has ended: a pipe that nobody reads would stop it for ever.
                listenerFailed = System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(failure);
            }
        }
        listenerFailed?.Throw();
    }

    private async Task ReadAllAsync(StreamReader reader) => Output = await reader.ReadToEndAsync().ConfigureAwait(false);

    private void Keep(string line)
    {
        if (_errors.Count == KeptLines)
        {
            _errors.RemoveAt(KeptLines / 2);
            _droppedErrors++;
        }
        _errors.Add(line);
    }
}
