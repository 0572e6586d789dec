using System.Buffers.Binary;
using System.Numerics;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Checkpoints;

/// <summary>
/// What <c>torch.save</c> wrote before version 1.6, and what tools that publish models still write: five pickles (a mark, a
/// version, the machine, the objects, the keys of the storages), then for each key the number of its elements in eight
/// bytes and the elements.
/// </summary>
internal sealed class TorchLegacy : TorchStorages
{
    private const long Version = 1001;

    private static readonly BigInteger Mark = new([0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19], isUnsigned: true);

    private readonly FileStream _stream;
    private readonly string _file;
    private readonly Dictionary<string, (long At, long Count)> _places = new(StringComparer.Ordinal);

    /// <summary>Opens a file and finds its storages.</summary>
    /// <exception cref="CheckpointException">It is damaged, or a pickle that PyTorch did not write.</exception>
    internal TorchLegacy(string path)
    {
        _file = path;
        _stream = File.OpenRead(path);
        try
        {
            FileLength = _stream.Length;
            // The pickles' lengths stand nowhere: as much is read as pickles may take at most.
            var start = new byte[Math.Min(FileLength, PickleReader.Largest)];
            _stream.ReadExactly(start);
            var reader = new PickleReader(start, path);
            if (reader.Next() is not BigInteger mark || mark != Mark)
                throw new CheckpointException(CheckpointFault.Format, $"{path}: a pickle, but none that PyTorch wrote. Save the weights as safetensors.");
            if (reader.Next() is not Version)
                throw new CheckpointException(CheckpointFault.Format, $"{path}: a PyTorch file of an unknown version; expected {Version}. Load it in PyTorch and save it again, best as safetensors.");
            if (reader.Next() is not PickleDict machine || machine["little_endian"] is not true)
                throw new CheckpointException(CheckpointFault.Format, $"{path}: does not say that its numbers are little-endian. Load it in PyTorch and save it again, best as safetensors.");
            Root = reader.Next();
            Foreign = reader.Foreign;
            FindStorages(reader, reader.Next());
        }
        catch
        {
            _stream.Dispose();
            throw;
        }
    }

    /// <summary>The objects.</summary>
    internal object? Root { get; }

    /// <summary>Classes that the objects name and that nobody builds.</summary>
    internal IReadOnlyCollection<string> Foreign { get; }

    /// <inheritdoc/>
    internal override long FileLength { get; }

    /// <inheritdoc/>
    internal override Tensor Read(PickleStorage storage, long[] shape, string name)
    {
        if (!_places.TryGetValue(storage.Key, out (long At, long Count) place))
            throw new CheckpointException(CheckpointFault.EntryMissing, $"{_file}: lacks the storage '{storage.Key}' that '{name}' lies in.");
        if (place.Count != storage.Count)
            throw new CheckpointException(CheckpointFault.Size, $"{_file}: the storage '{storage.Key}' has {place.Count} elements; '{name}' announces {storage.Count}.");
        _stream.Position = place.At;
        return TensorBytes.Read(_stream, storage.Type, shape, name, _file);
    }

    /// <inheritdoc/>
    public override void Dispose() => _stream.Dispose();

    /// <summary>Walks over the storages; the size of their elements stands only in the objects.</summary>
    private void FindStorages(PickleReader reader, object? keys)
    {
        if (keys is not List<object?> list)
            throw new CheckpointException(CheckpointFault.Malformed, $"{_file}: expected a list of storages behind the objects.");
        long at = reader.Position;
        Span<byte> eight = stackalloc byte[8];
        foreach (object? item in list)
        {
            if (item is not string key || !reader.Storages.TryGetValue(key, out PickleStorage? storage))
                throw new CheckpointException(CheckpointFault.Malformed, $"{_file}: lists a storage that none of its objects refers to.");
            _stream.Position = at;
            if (_stream.ReadAtLeast(eight, 8, throwOnEndOfStream: false) < 8)
                throw new CheckpointException(CheckpointFault.Truncated, $"{_file}: ends before the storage '{key}'. It was cut short; fetch it again.");
            long count = BinaryPrimitives.ReadInt64LittleEndian(eight);
            at += 8;
            if (count < 0 || count > (FileLength - at) / storage.Type.Bytes())
                throw new CheckpointException(CheckpointFault.Truncated, $"{_file}: the storage '{key}' claims {count} elements of {storage.Type}; {FileLength - at} bytes follow. It was cut short; fetch it again.");
            if (!_places.TryAdd(key, (at, count)))
                throw new CheckpointException(CheckpointFault.DuplicateName, $"{_file}: lists the storage '{key}' twice.");
            at += count * storage.Type.Bytes();
        }
        if (at != FileLength)
            throw new CheckpointException(CheckpointFault.Offsets, $"{_file}: {FileLength - at} bytes after the last storage belong to nothing.");
    }
}
