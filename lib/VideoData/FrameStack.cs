using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace ZeroI2V.Lab.VideoData;

/// <summary>Decoded frames: bytes of red, green and blue in the layout [F, H, W, 3].</summary>
/// <param name="Rgb">The bytes, <c>Count * Height * Width * 3</c> of them.</param>
/// <param name="Count">F, the number of frames.</param>
/// <param name="Height">H, pixels down.</param>
/// <param name="Width">W, pixels across.</param>
[SuppressMessage("Naming", "CA1711", Justification = "Frames lie on top of each other; it is no collection class.")]
public sealed record FrameStack(byte[] Rgb, int Count, int Height, int Width)
{
    /// <summary>The bytes.</summary>
    /// <exception cref="ArgumentException">Their number does not fit the sizes.</exception>
    public byte[] Rgb { get; init; } = Rgb.LongLength == 3L * Count * Height * Width && Count >= 0 && Height > 0 && Width > 0
        ? Rgb
        : throw new ArgumentException(
            $"{Count} RGB frames of {Width}x{Height} take {3L * Count * Height * Width} bytes (sizes above 0); found {Rgb.LongLength}.",
            nameof(Rgb));

    /// <summary>Bytes of one frame.</summary>
    public int FrameBytes => 3 * Height * Width;

    /// <summary>One frame, [H, W, 3].</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such frame.</exception>
    public ReadOnlySpan<byte> Frame(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        return Rgb.AsSpan(index * FrameBytes, FrameBytes);
    }

    /// <summary>The frames with these indices, in this order; an index may come again.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such frame.</exception>
    public FrameStack Pick(IReadOnlyList<int> indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        var picked = new byte[checked(indices.Count * FrameBytes)];
        for (int i = 0; i < indices.Count; i++)
            Frame(indices[i]).CopyTo(picked.AsSpan(i * FrameBytes));
        return new FrameStack(picked, indices.Count, Height, Width);
    }

    /// <summary>SHA-256 of the bytes, lower-case hexadecimal: what a list of clips notes of a video.</summary>
    public string Sha256() => Convert.ToHexStringLower(SHA256.HashData(Rgb));
}
