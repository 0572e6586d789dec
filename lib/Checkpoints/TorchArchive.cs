using System.IO.Compression;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Checkpoints;

/// <summary>
/// The zip archive that PyTorch writes: one folder with <c>data.pkl</c>, which describes the objects, and
/// <c>data/&lt;key&gt;</c>, an uncompressed entry for each storage. Entries are found by name and never become paths.
/// </summary>
internal sealed class TorchArchive : TorchStorages
{
    /// <summary>Most entries accepted; a ViT-L with its optimizer's state has about two thousand.</summary>
    internal const int MostEntries = 200_000;

    /// <summary>Largest index that may be compressed; PyTorch compresses nothing, and what is not compressed cannot outgrow its file.</summary>
    private const int LargestCompressed = 16 << 20;

    private readonly ZipArchive _zip;
    private readonly Dictionary<string, ZipArchiveEntry> _entries = new(StringComparer.Ordinal);
    private readonly string _file;

    /// <summary>Opens an archive and checks its directory.</summary>
    /// <exception cref="CheckpointException">It is no zip, or none that PyTorch writes.</exception>
    internal TorchArchive(string path)
    {
        _file = path;
        FileStream stream = File.OpenRead(path);
        FileLength = stream.Length;
        try
        {
            _zip = new ZipArchive(stream, ZipArchiveMode.Read);
            ReadDirectory();
        }
        catch (InvalidDataException error)
        {
            stream.Dispose();
            throw new CheckpointException(CheckpointFault.Truncated, $"{path}: the zip archive's directory is missing or damaged ({error.Message}). The file may be cut short; fetch it again.", error);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Bytes of the whole file.</summary>
    internal override long FileLength { get; }

    /// <summary>The pickle that describes the objects.</summary>
    internal byte[] ReadPickle() => ReadSmall("data.pkl", PickleReader.Largest);

    /// <inheritdoc/>
    internal override Tensor Read(PickleStorage storage, long[] shape, string name)
    {
        using Stream stream = Open(storage);
        return TensorBytes.Read(stream, storage.Type, shape, name, _file);
    }

    /// <inheritdoc/>
    public override void Dispose() => _zip.Dispose();

    private Stream Open(PickleStorage storage)
    {
        string name = "data/" + storage.Key;
        if (!_entries.TryGetValue(name, out ZipArchiveEntry? entry))
            throw new CheckpointException(CheckpointFault.EntryMissing, $"{_file}: the archive lacks the entry '{name}' that its index refers to.");
        if (entry.Length != entry.CompressedLength)
            throw new CheckpointException(CheckpointFault.Malformed, $"{_file}: the entry '{name}' is compressed; PyTorch stores tensors uncompressed.");
        if (storage.Count > long.MaxValue / storage.Type.Bytes() || entry.Length != storage.Count * storage.Type.Bytes())
            throw new CheckpointException(CheckpointFault.Size, $"{_file}: the entry '{name}' has {entry.Length} bytes; its index announces {storage.Count} of {storage.Type}.");
        return OpenEntry(entry, name);
    }

    private void ReadDirectory()
    {
        if (_zip.Entries.Count > MostEntries)
            throw new CheckpointException(CheckpointFault.TooLarge, $"{_file}: the archive lists {_zip.Entries.Count} entries; at most {MostEntries} are read.");
        ZipArchiveEntry index = _zip.Entries.FirstOrDefault(entry => entry.FullName.Count(c => c == '/') == 1 && entry.FullName.EndsWith("/data.pkl", StringComparison.Ordinal))
            ?? throw new CheckpointException(CheckpointFault.Format, $"{_file}: a zip archive without a data.pkl; PyTorch's checkpoints have one. A zip of files must be unpacked first.");
        string root = index.FullName[..^"data.pkl".Length];
        foreach (ZipArchiveEntry entry in _zip.Entries.Where(entry => entry.FullName.StartsWith(root, StringComparison.Ordinal)))
            if (!_entries.TryAdd(entry.FullName[root.Length..], entry))
                throw new CheckpointException(CheckpointFault.DuplicateName, $"{_file}: the archive holds '{entry.FullName}' twice.");
        if (_entries.ContainsKey("byteorder") && System.Text.Encoding.ASCII.GetString(ReadSmall("byteorder", 16)) != "little")
            throw new CheckpointException(CheckpointFault.Format, $"{_file}: the numbers are big-endian; save the file again on a little-endian machine.");
    }

    /// <summary>Reads an entry whole, but never more than the bound, whatever the directory says about its size.</summary>
    private byte[] ReadSmall(string name, int most)
    {
        if (!_entries.TryGetValue(name, out ZipArchiveEntry? entry))
            throw new CheckpointException(CheckpointFault.EntryMissing, $"{_file}: the archive lacks the entry '{name}'.");
        if (entry.Length > (entry.CompressedLength == entry.Length ? most : Math.Min(most, LargestCompressed)))
            throw new CheckpointException(CheckpointFault.TooLarge, $"{_file}: the entry '{name}' claims {entry.Length} bytes; at most {most} are read, and {LargestCompressed} where it is compressed.");
        using Stream stream = OpenEntry(entry, name);
        using var bytes = new MemoryStream();
        var buffer = new byte[1 << 16];
        try
        {
            for (int read; (read = stream.Read(buffer)) > 0; bytes.Write(buffer, 0, read))
                if (bytes.Length + read > entry.Length)
                    throw new CheckpointException(CheckpointFault.Size, $"{_file}: the entry '{name}' unpacks to more than the {entry.Length} bytes it claims.");
        }
        catch (InvalidDataException error)
        {
            throw new CheckpointException(CheckpointFault.Malformed, $"{_file}: the entry '{name}' cannot be unpacked: {error.Message}", error);
        }
        if (bytes.Length != entry.Length)
            throw new CheckpointException(CheckpointFault.Truncated, $"{_file}: the entry '{name}' claims {entry.Length} bytes and holds {bytes.Length}.");
        return bytes.ToArray();
    }

    private Stream OpenEntry(ZipArchiveEntry entry, string name)
    {
        try
        {
            return entry.Open();
        }
        catch (InvalidDataException error)
        {
            throw new CheckpointException(CheckpointFault.Malformed, $"{_file}: the entry '{name}' cannot be opened: {error.Message}", error);
        }
    }
}
