using FFMpegCore;

namespace ZeroI2V.Lab.VideoData;

/// <summary>A path that can stand between double quotes. FFMpegCore puts nothing but quotes around a path, so a file with a quote or
/// a backslash in its name is reached through a link.</summary>
internal sealed class PlainName : IDisposable
{
    private readonly bool _isLink;

    public PlainName(string path)
    {
        // A full path never looks like an option or a protocol.
        Path = System.IO.Path.GetFullPath(path);
        if (Path.AsSpan().IndexOfAny("\"\\\n\r") < 0)
            return;
        string link = System.IO.Path.Combine(
            GlobalFFOptions.Current.TemporaryFilesFolder, $"lab-link-{Guid.NewGuid():N}{PlainExtension(Path)}");
        File.CreateSymbolicLink(link, Path);
        (Path, _isLink) = (link, true);
    }

    /// <summary>What ffmpeg is told.</summary>
    public string Path { get; }

    public void Dispose()
    {
        if (_isLink)
            File.Delete(Path);
    }

    private static string PlainExtension(string path)
    {
        string extension = System.IO.Path.GetExtension(path);
        return extension.Skip(1).All(char.IsAsciiLetterOrDigit) ? extension : "";
    }
}
