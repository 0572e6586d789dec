namespace ZeroI2V.Lab.Files;

/// <summary>Files that are either the old ones or the new ones, never half of one, wherever the process is killed.</summary>
public static class AtomicFile
{
    /// <summary>Writes text (UTF-8) whole or not at all.</summary>
    /// <param name="path">The target; its folder is made.</param>
    /// <param name="text">All of its text.</param>
    public static void WriteText(string path, string text) => Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, leaveOpen: true);
        writer.Write(text);
    });

    /// <summary>Writes text (UTF-8) whole, where there is no file yet: of many processes that try, on a shared disk too, one succeeds.</summary>
    /// <param name="path">The target; its folder is made.</param>
    /// <param name="text">All of its text.</param>
    /// <returns>Whether this call made the file; false where it was there.</returns>
    public static bool TryWriteNewText(string path, string text)
    {
        try
        {
            Make(
                path,
                temporary =>
                {
                    using var writer = new StreamWriter(new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None));
                    writer.Write(text);
                },
                overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }
    }

    /// <summary>Writes a file through a stream, flushes it to the disk and renames it over the target.</summary>
    /// <param name="path">The target; its folder is made. It is unchanged where writing fails.</param>
    /// <param name="write">Writes all of it.</param>
    public static void Write(string path, Action<Stream> write) => Make(path, temporary =>
    {
        using var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        write(stream);
        stream.Flush(flushToDisk: true);
    });

    /// <summary>Lets something that writes files itself make one beside the target, and renames it over the target.</summary>
    /// <param name="path">The target; its folder is made. It is unchanged where making fails.</param>
    /// <param name="make">Makes the file at the path that it is given.</param>
    public static void Make(string path, Action<string> make) => Make(path, make, overwrite: true);

    private static void Make(string path, Action<string> make, bool overwrite)
    {
        ArgumentNullException.ThrowIfNull(make);
        string full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        // The process id keeps two writers apart; the extension is one that git ignores.
        string temporary = $"{full}.{Environment.ProcessId}-{Guid.NewGuid():N}.tmp";
        try
        {
            make(temporary);
            File.Move(temporary, full, overwrite);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
