namespace ZeroI2V.Lab.Training;

/// <summary>Files that are either the old ones or the new ones, never half of one, wherever the process is killed.</summary>
public static class AtomicFile
{
    /// <summary>Writes text beside the target, flushes it to the disk and renames it over the target.</summary>
    /// <param name="path">The target.</param>
    /// <param name="text">All of its text.</param>
    public static void WriteText(string path, string text) => Write(path, temporary =>
    {
        using var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        using var writer = new StreamWriter(stream);
        writer.Write(text);
        writer.Flush();
        stream.Flush(flushToDisk: true);
    });

    /// <summary>Lets <paramref name="write"/> make a file beside the target and renames it over the target.</summary>
    /// <param name="path">The target; unchanged where writing fails.</param>
    /// <param name="write">Makes the file at the path that it is given.</param>
    public static void Write(string path, Action<string> write)
    {
        // The process id keeps two writers apart; the extension is one that git ignores.
        string temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            File.Delete(temporary);
            write(temporary);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
