using System.Runtime.InteropServices;

namespace ZeroI2V.Lab.Files;

/// <summary>Files that are either the old ones or the new ones, never half of one, wherever the process is killed.</summary>
public static partial class AtomicFile
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
    /// <exception cref="IOException">The file cannot be written, or its file system has no hard links.</exception>
    public static bool TryWriteNewText(string path, string text)
    {
        bool made = false;
        Beside(path, (temporary, full) =>
        {
            File.WriteAllText(temporary, text);
            // Not File.Move: it looks whether the target is there and then renames over it, and two can pass between.
            // link(2) makes the name or fails, on NFS too.
            made = link(temporary, full) == 0;
            int error = Marshal.GetLastPInvokeError();
            File.Delete(temporary);
            if (!made && error != Exists)
                throw new IOException($"'{full}' could not be linked to its written text: {Marshal.GetPInvokeErrorMessage(error)}. Its folder must be on a file system with hard links (ext4, XFS, NFS, Lustre have them; FAT has not).");
        });
        return made;
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
    public static void Make(string path, Action<string> make)
    {
        ArgumentNullException.ThrowIfNull(make);
        Beside(path, (temporary, full) =>
        {
            make(temporary);
            File.Move(temporary, full, overwrite: true);
        });
    }

    /// <summary>Calls with a new name beside a path, and the whole path; what is left under that name is removed on errors.</summary>
    private static void Beside(string path, Action<string, string> write)
    {
        string full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        // The process id keeps two writers apart; the extension is one that git ignores.
        string temporary = $"{full}.{Environment.ProcessId}-{Guid.NewGuid():N}.tmp";
        try
        {
            write(temporary, full);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    // EEXIST
    private const int Exists = 17;

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int link(string existing, string made);
}
