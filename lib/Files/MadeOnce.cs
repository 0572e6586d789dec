namespace ZeroI2V.Lab.Files;

/// <summary>Files that cost time to make and that several processes want: one makes such a file, the others wait for it.</summary>
internal static class MadeOnce
{
    /// <summary>Opens a file, or makes it.</summary>
    /// <param name="path">The file; the right to make it is the hold on <c>PATH.lock</c> beside it, which ends with its process.</param>
    /// <param name="open">Opens and checks it; null where it is not there, or is damaged or another's and is to be made anew.</param>
    /// <param name="make">Makes it at the path that it is given, which is then renamed.</param>
    /// <param name="waits">Called once where another process is making it.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    /// <exception cref="IOException">It cannot be read or written; the disk may be full.</exception>
    /// <exception cref="UnauthorizedAccessException">Its folder is read-only.</exception>
    internal static T Ensure<T>(string path, Func<T?> open, Action<string> make, Action waits, CancellationToken cancellationToken)
        where T : class
    {
        bool told = false;
        while (true)
        {
            if (open() is T found)
                return found;
            using FileStream? turn = TryEnter(path + ".lock");
            if (turn is not null)
            {
                // Who had the turn before may have made it.
                if (open() is T made)
                    return made;
                foreach (string stale in Directory.EnumerateFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path) + ".*.tmp"))
                    File.Delete(stale);
                AtomicFile.Make(path, make);
                continue;
            }
            if (!told)
                waits();
            told = true;
            cancellationToken.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(500));
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>The right to make something, until it is disposed or its process ends; null while another process has it.</summary>
    /// <param name="path">The lock's file; made where it is missing.</param>
    internal static FileStream? TryEnter(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException held) when (held.HResult is 11 or 35 or unchecked((int)0x80070020))
        {
            // Linux, macOS, Windows.
            return null;
        }
    }
}
