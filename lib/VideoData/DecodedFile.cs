using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using ZeroI2V.Lab.Files;

namespace ZeroI2V.Lab.VideoData;

/// <summary>
/// The decoded frames of a list's videos in one file beside them, which one process writes and all read: nobody decodes them
/// again, and their bytes are in memory once, in the system's cache, however many processes train on them. Frames are read when
/// they are asked for; the first time a process asks for a video, all its bytes are held against their hash.
/// </summary>
/// <remarks>
/// The file, little-endian: 8 bytes <c>ZI2VCLIP</c>; identity (SHA-256, 32 bytes); for each video in the list's order its place
/// in the file (8 bytes), frames, height, width (4 bytes each) and the SHA-256 of its bytes [F, H, W, 3]; then those bytes.
/// </remarks>
internal sealed class DecodedFile
{
    private const int EntryBytes = 8 + (3 * 4) + SHA256.HashSizeInBytes, HeadBytes = 8 + SHA256.HashSizeInBytes;
    private const int LongestSide = 16384;

    // Goes into the identity: with other rules for pixels or layout it is another file.
    private const string Rules = $"layout 1, {VideoFile.ToRgb}, bilinear";

    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly Entry[] _entries;
    private readonly bool[] _isChecked;

    private DecodedFile(string path, SafeFileHandle file, Entry[] entries) => (_path, _file, _entries, _isChecked) = (path, file, entries, new bool[entries.Length]);

    private static ReadOnlySpan<byte> Magic => "ZI2VCLIP"u8;

    /// <summary>Where the frames of a list are kept.</summary>
    /// <param name="list">The list; every clip with its hash.</param>
    /// <param name="shortSide">The side that frames are resized to; null for none.</param>
    internal static (string Path, byte[] Identity) PlaceOf(ClipList list, int? shortSide)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        string side = shortSide?.ToString(CultureInfo.InvariantCulture) ?? "full";
        hash.AppendData(Encoding.UTF8.GetBytes($"{Rules}, short side {side}\n"));
        foreach (ClipRecord clip in list.Clips)
            hash.AppendData(Encoding.UTF8.GetBytes($"{clip.Path}\t{clip.Sha256}\n"));
        byte[] identity = hash.GetHashAndReset();
        return (Path.Combine(list.Root, $"decoded-{side}-{Convert.ToHexStringLower(identity)[..10]}.frames"), identity);
    }

    /// <summary>Opens the file of a list, or makes it. One process makes it; others wait for it.</summary>
    /// <param name="list">The list.</param>
    /// <param name="shortSide">The side that frames are resized to; null for none.</param>
    /// <param name="decode">Decodes every video and hands each on, from any thread, in any order.</param>
    /// <param name="waits">Called once where another process is making it.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="IOException">It cannot be read or written; the disk may be full.</exception>
    /// <exception cref="UnauthorizedAccessException">Its folder is read-only.</exception>
    internal static DecodedFile Ensure(ClipList list, int? shortSide, Action<Action<int, FrameStack>> decode, Action waits, CancellationToken cancellationToken)
    {
        (string path, byte[] identity) = PlaceOf(list, shortSide);
        return MadeOnce.Ensure(path, () => TryOpen(path, identity, list), temporary => Write(temporary, identity, list.Clips.Count, decode), waits, cancellationToken);
    }

    /// <summary>Frames of a video by number, [F, H, W, 3].</summary>
    /// <param name="clip">Its number in the list.</param>
    /// <param name="indices">Frame numbers.</param>
    /// <exception cref="InvalidDataException">The file was damaged.</exception>
    internal FrameStack Pick(int clip, IReadOnlyList<int> indices)
    {
        Entry entry = _entries[clip];
        if (!Volatile.Read(ref _isChecked[clip]))
        {
            var all = new byte[entry.Bytes];
            Read(all, entry.Offset);
            if (!SHA256.HashData(all).AsSpan().SequenceEqual(entry.Sha256))
                throw Damaged($"the bytes of its video {clip} are not those that were written");
            Volatile.Write(ref _isChecked[clip], true);
            return new FrameStack(all, entry.Frames, entry.Height, entry.Width).Pick(indices);
        }
        int frameBytes = 3 * entry.Height * entry.Width;
        var picked = new byte[checked(indices.Count * frameBytes)];
        for (int i = 0; i < indices.Count; i++)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(indices[i], nameof(indices));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(indices[i], entry.Frames, nameof(indices));
            Read(picked.AsSpan(i * frameBytes, frameBytes), entry.Offset + ((long)indices[i] * frameBytes));
        }
        return new FrameStack(picked, indices.Count, entry.Height, entry.Width);
    }

    /// <summary>Reads the head of a file; nothing in it is believed before it is checked against the list and the file's length.</summary>
    /// <returns>The file; null where there is none, or one that is damaged or another's.</returns>
    private static DecodedFile? TryOpen(string path, ReadOnlySpan<byte> identity, ClipList list)
    {
        if (!File.Exists(path))
            return null;
        SafeFileHandle file = File.OpenHandle(path, options: FileOptions.RandomAccess);
        Entry[]? entries = ReadHead(file, identity, list);
        if (entries is not null)
            return new DecodedFile(path, file, entries);
        file.Dispose();
        return null;
    }

    private static Entry[]? ReadHead(SafeFileHandle file, ReadOnlySpan<byte> identity, ClipList list)
    {
        long length = RandomAccess.GetLength(file);
        var head = new byte[HeadBytes + ((long)list.Clips.Count * EntryBytes)];
        if (length < head.Length || !TryRead(file, head, 0) || !head.AsSpan(0, 8).SequenceEqual(Magic) || !head.AsSpan(8, identity.Length).SequenceEqual(identity))
            return null;
        var entries = new Entry[list.Clips.Count];
        for (int i = 0; i < entries.Length; i++)
        {
            Entry entry = entries[i] = Entry.From(head.AsSpan(HeadBytes + (i * EntryBytes), EntryBytes));
            if (entry.Frames != list.Clips[i].Frames || entry.Height is < 1 or > LongestSide || entry.Width is < 1 or > LongestSide
                || entry.Bytes > Array.MaxLength || entry.Offset < head.Length || entry.Offset > length - entry.Bytes)
            {
                return null;
            }
        }
        return entries;
    }

    private static void Write(string path, byte[] identity, int clips, Action<Action<int, FrameStack>> decode)
    {
        using SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write);
        var head = new byte[HeadBytes + ((long)clips * EntryBytes)];
        Magic.CopyTo(head);
        identity.CopyTo(head.AsSpan(8));
        long end = head.Length;
        decode((i, frames) =>
        {
            long offset = Interlocked.Add(ref end, frames.Rgb.LongLength) - frames.Rgb.LongLength;
            new Entry(offset, frames.Count, frames.Height, frames.Width, SHA256.HashData(frames.Rgb)).To(head.AsSpan(HeadBytes + (i * EntryBytes), EntryBytes));
            RandomAccess.Write(file, frames.Rgb, offset);
        });
        RandomAccess.Write(file, head, 0);
        RandomAccess.FlushToDisk(file);
    }

    private void Read(Span<byte> bytes, long offset)
    {
        if (!TryRead(_file, bytes, offset))
            throw Damaged("it has become shorter");
    }

    private static bool TryRead(SafeFileHandle file, Span<byte> bytes, long offset)
    {
        while (bytes.Length > 0)
        {
            int read = RandomAccess.Read(file, bytes, offset);
            if (read == 0)
                return false;
            bytes = bytes[read..];
            offset += read;
        }
        return true;
    }

    private InvalidDataException Damaged(string how) => new($"'{_path}' was damaged: {how}. Delete it and start again; it is made anew.");

    private readonly record struct Entry(long Offset, int Frames, int Height, int Width, byte[] Sha256)
    {
        public long Bytes => 3L * Frames * Height * Width;

        public static Entry From(ReadOnlySpan<byte> bytes) => new(
            BinaryPrimitives.ReadInt64LittleEndian(bytes), BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]), BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]), bytes[20..].ToArray());

        public void To(Span<byte> bytes)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes, Offset);
            BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], Frames);
            BinaryPrimitives.WriteInt32LittleEndian(bytes[12..], Height);
            BinaryPrimitives.WriteInt32LittleEndian(bytes[16..], Width);
            Sha256.CopyTo(bytes[20..]);
        }
    }
}
