using System.Buffers.Binary;
using System.IO.Compression;

namespace ZeroI2V.Lab.VideoData;

/// <summary>Pixels as a PNG file in memory, where starting ffmpeg for each small picture would take longer than all else.</summary>
public static class PngPicture
{
    private static readonly uint[] s_crc = [.. Enumerable.Range(0, 256).Select(i => Crc((uint)i))];

    /// <summary>Writes pixels as PNG.</summary>
    /// <param name="pixels">Rows from the top; three bytes a pixel (red, green, blue), or four with opacity last.</param>
    /// <param name="width">Pixels across.</param>
    /// <param name="height">Pixels down.</param>
    /// <returns>The file's bytes.</returns>
    /// <exception cref="ArgumentException">The bytes are neither three nor four a pixel.</exception>
    public static byte[] Encode(ReadOnlySpan<byte> pixels, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        int channels = (int)(pixels.Length / ((long)width * height));
        if (channels is not (3 or 4) || pixels.Length != (long)channels * width * height)
            throw new ArgumentException($"A picture of {width}x{height} takes {3L * width * height} bytes, or {4L * width * height} with opacity; found {pixels.Length}.", nameof(pixels));
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        // Eight bits a channel; colour type 2 is red, green, blue, and 6 the same with opacity.
        (header[8], header[9]) = (8, (byte)(channels == 3 ? 2 : 6));
        Chunk(file, "IHDR"u8, header);
        Chunk(file, "IDAT"u8, Compressed(pixels, width * channels, channels));
        Chunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    /// <summary>Each row as differences from the pixel to the left or above, whichever are smaller.</summary>
    private static byte[] Compressed(ReadOnlySpan<byte> pixels, int stride, int channels)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.SmallestSize))
        {
            byte[] left = new byte[stride + 1], up = new byte[stride + 1];
            for (int start = 0; start < pixels.Length; start += stride)
            {
                ReadOnlySpan<byte> row = pixels.Slice(start, stride);
                (left[0], up[0]) = (1, 2);
                int leftSize = 0, upSize = 0;
                for (int i = 0; i < stride; i++)
                {
                    left[i + 1] = (byte)(row[i] - (i >= channels ? row[i - channels] : 0));
                    up[i + 1] = (byte)(row[i] - (start > 0 ? pixels[start - stride + i] : 0));
                    leftSize += Math.Abs((int)(sbyte)left[i + 1]);
                    upSize += Math.Abs((int)(sbyte)up[i + 1]);
                }
                zlib.Write(leftSize <= upSize ? left : up);
            }
        }
        return packed.ToArray();
    }

    private static void Chunk(MemoryStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        file.Write(number);
        file.Write(type);
        file.Write(content);
        uint check = uint.MaxValue;
        foreach (byte value in type)
            check = s_crc[(byte)(check ^ value)] ^ (check >> 8);
        foreach (byte value in content)
            check = s_crc[(byte)(check ^ value)] ^ (check >> 8);
        BinaryPrimitives.WriteUInt32BigEndian(number, ~check);
        file.Write(number);
    }

    private static uint Crc(uint value)
    {
        for (int bit = 0; bit < 8; bit++)
            value = (value & 1) != 0 ? 0xEDB88320 ^ (value >> 1) : value >> 1;
        return value;
    }
}
