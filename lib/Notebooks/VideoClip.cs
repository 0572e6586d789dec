using FFMpegCore;

namespace ZeroI2V.Lab.Notebooks;

/// <summary>A short video that a cell shows and plays; its bytes go into the saved notebook, so that it is seen wherever the notebook is.</summary>
public sealed record VideoClip
{
    /// <summary>The largest video that is put into a notebook, in bytes.</summary>
    public const int MaxBytes = 512 << 10;

    private const int MaxSide = 320;
    private const int MaxSeconds = 10;

    private VideoClip(byte[] content, string description) => (Content, Description) = (content, description);

    /// <summary>H.264 in MP4, which every browser plays.</summary>
    public byte[] Content { get; }

    /// <summary>What one sees, for those who do not.</summary>
    public string Description { get; }

    /// <summary>A clip from a video file, made small: at most 320 pixels wide, its first ten seconds, without sound.</summary>
    /// <param name="path">A video that ffmpeg decodes, relative to the notebook.</param>
    /// <param name="description">What one sees.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">Even so it is too large for a notebook.</exception>
    public static VideoClip FromFile(string path, string description)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(description);
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no video {Path.GetFullPath(path)}.", path);
        string small = Path.Combine(Path.GetTempPath(), $"lab-clip-{Guid.NewGuid():N}.mp4");
        try
        {
            FFMpegArguments.FromFileInput(path, verifyExists: true)
                .OutputToFile(small, overwrite: true, addArguments: options => options
                    .WithCustomArgument($"-t {MaxSeconds} -an -vf \"scale='min({MaxSide},iw)':-2:flags=neighbor\" -c:v libx264 -pix_fmt yuv420p -crf 26 -movflags +faststart"))
                .ProcessSynchronously();
            byte[] content = File.ReadAllBytes(small);
            return content.Length <= MaxBytes
                ? new VideoClip(content, description)
                : throw new InvalidDataException($"{path} has {content.Length:N0} bytes as a small clip; a notebook takes {MaxBytes:N0}. Cut it shorter.");
        }
        finally
        {
            File.Delete(small);
        }
    }
}
