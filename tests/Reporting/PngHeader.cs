using System.Buffers.Binary;

namespace ZeroI2V.Lab.Tests;

/// <summary>What a PNG says of itself in its first bytes.</summary>
internal static class PngHeader
{
    /// <summary>Width and height in pixels.</summary>
    public static (int Width, int Height) Size(ReadOnlySpan<byte> png)
    {
        Assert.True(png.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]), "This is no PNG.");
        return (BinaryPrimitives.ReadInt32BigEndian(png[16..]), BinaryPrimitives.ReadInt32BigEndian(png[20..]));
    }
}
