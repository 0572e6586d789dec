using System.Diagnostics;
using System.Globalization;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Text;

namespace ZeroI2V.Lab.Notebooks.Jupyter;

/// <summary>
/// What a kernel leaves behind that ends in the middle of a cell, for the one that is started in its place: which cell, and the
/// runtime's last words, which go to standard error and which a client does not show. The file lies beside the connection
/// file, which a restarted kernel gets again, and is gone when a kernel ends in order.
/// </summary>
internal sealed partial class CrashNote : IDisposable
{
    private const int StandardError = 2;
    private const int MaxRead = 1 << 16;
    private const int MaxLines = 24;
    private const string Ending = ".note";
    private const string Heading = "cell ";

    private readonly string _path;
    private readonly FileStream _file;

    private CrashNote(string path, FileStream file, string? earlier) => (_path, _file, Earlier) = (path, file, earlier);

    /// <summary>How the kernel before this one ended, to be shown once; null where it ended in order, or there was none.</summary>
    public string? Earlier { get; private set; }

    /// <summary>Reads the note of an earlier kernel and begins one's own.</summary>
    /// <param name="connectionFile">The connection file.</param>
    public static CrashNote Begin(string connectionFile)
    {
        string path = Path.GetFullPath(connectionFile) + Ending;
        // Clients that take a new file for every start (VS Code) leave the notes of kernels that they ended.
        foreach (string left in Directory.EnumerateFiles(Path.GetDirectoryName(path)!, "kernel-*" + Ending).Where(left => !File.Exists(left[..^Ending.Length])))
            File.Delete(left);
        string? earlier = File.Exists(path) ? Told(Start(path)) : null;
        File.Delete(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new CrashNote(path, new FileStream(path, options), earlier);
    }

    /// <summary>From here on, what the process writes to standard error goes into the note too; where there is no <c>tee</c>, the note has only the cell.</summary>
    public void CaptureErrors()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.Inheritable);
        // A process of its own: it must outlive this one by a moment. At the end of the pipe it ends too.
        var tee = new ProcessStartInfo("/bin/sh") { UseShellExecute = false, ArgumentList = { "-c", $"exec tee -i -a \"$0\" </dev/fd/{pipe.GetClientHandleAsString()} >&2", _path } };
        using (Process.Start(tee))
            pipe.DisposeLocalCopyOfClientHandle();
        _ = Duplicate((int)pipe.SafePipeHandle.DangerousGetHandle(), StandardError);
    }

    /// <summary>A cell begins; what stood here is of no use any more.</summary>
    public void Begin(int cell)
    {
        _file.SetLength(0);
        _file.Seek(0, SeekOrigin.Begin);
        _file.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Heading}{cell}\n")));
    }

    /// <summary>The cell has ended.</summary>
    public void End() => _file.SetLength(0);

    /// <summary>How the kernel before this one ended; the next time null.</summary>
    public string? TakeEarlier()
    {
        string? earlier = Earlier;
        Earlier = null;
        return earlier;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        File.Delete(_path);
    }

    /// <summary>A note in words; null where no cell was running.</summary>
    internal static string? Told(string note)
    {
        string[] lines = note.ReplaceLineEndings("\n").Split('\n');
        if (!lines[0].StartsWith(Heading, StringComparison.Ordinal))
            return null;
        string[] words = [.. lines.Skip(1).Where(line => line.Length > 0)];
        string begin = $"The kernel before this one ended while it ran {lines[0]}; what its cells had set is gone.";
        if (words.Length == 0)
            return $"{begin} It left no word: the system ends a process so when the machine's memory runs out, and so does kill.\n";
        string more = words.Length > MaxLines ? $"  … {words.Length - MaxLines} lines more\n" : "";
        return $"{begin} Its last words:\n{string.Concat(words.Take(MaxLines).Select(line => $"  {line}\n"))}{more}";
    }

    private static string Start(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[Math.Min(file.Length, MaxRead)];
        file.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    [LibraryImport("libc", EntryPoint = "dup2")]
    private static partial int Duplicate(int from, int to);
}
