using FFMpegCore;
using ZeroI2V.Lab.Reporting;

namespace ZeroI2V.Lab.Notebooks;

/// <summary>A picture that a cell shows; its bytes go into the saved notebook, so that it is seen wherever the notebook is.</summary>
public sealed record Picture
{
    /// <summary>The largest picture that is put into a notebook as it is, in bytes.</summary>
    public const int MaxBytes = 256 << 10;

    private const int MaxWidth = 1200;

    private Picture(byte[] content, string mimeType, string description)
    {
        Content = content;
        MimeType = mimeType;
        Description = description;
    }

    /// <summary>The file's bytes.</summary>
    public byte[] Content { get; }

    /// <summary><c>image/png</c> or <c>image/jpeg</c>.</summary>
    public string MimeType { get; }

    /// <summary>What one sees, for those who do not.</summary>
    public string Description { get; }

    /// <summary>A picture from a file; one of more than <see cref="MaxBytes"/> is put into the notebook as JPEG, so that notebooks stay small.</summary>
    /// <param name="path">A PNG or JPEG file, relative to the notebook.</param>
    /// <param name="description">What one sees.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is neither PNG nor JPEG.</exception>
    public static Picture FromFile(string path, string description)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
            throw new FileNotFoundException($"There is no picture {file.FullName}.", file.FullName);
        return FromBytes(file.Length <= MaxBytes ? File.ReadAllBytes(path) : Shrunk(path), description, path);
    }

    /// <summary>A picture of a drawing, small enough for a notebook.</summary>
    /// <param name="drawing">The drawing.</param>
    /// <param name="description">What one sees.</param>
    public static Picture FromDrawing(SvgDrawing drawing, string description)
    {
        string file = Path.Combine(Path.GetTempPath(), $"lab-picture-{Guid.NewGuid():N}.png");
        try
        {
            SvgRenderer.SavePng(drawing, file);
            return FromFile(file, description);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>A picture from the bytes of a PNG or JPEG file.</summary>
    /// <exception cref="InvalidDataException">The bytes are neither.</exception>
    public static Picture FromBytes(byte[] content, string description) => FromBytes(content, description, "The picture");

    private static Picture FromBytes(byte[] content, string description, string name)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentException.ThrowIfNullOrWhiteSpace(description);
        string? type = content.AsSpan().StartsWith<byte>([0x89, (byte)'P', (byte)'N', (byte)'G']) ? "image/png"
            : content.AsSpan().StartsWith<byte>([0xFF, 0xD8, 0xFF]) ? "image/jpeg"
            : null;
        return new Picture(content, type ?? throw new InvalidDataException($"{name} is neither PNG nor JPEG by its first bytes."), description);
    }

    private static byte[] Shrunk(string path)
    {
        string smaller = Path.Combine(Path.GetTempPath(), $"lab-picture-{Guid.NewGuid():N}.jpg");
        try
        {
            FFMpegArguments.FromFileInput(path, verifyExists: true)
                .OutputToFile(smaller, overwrite: true, addArguments: options => options
                    .WithCustomArgument($"-vf \"scale='min({MaxWidth},iw)':-2:flags=lanczos\" -q:v 5")
                    .WithFrameOutputCount(1))
                .ProcessSynchronously();
            return File.ReadAllBytes(smaller);
        }
        finally
        {
            File.Delete(smaller);
        }
    }
}
