using System.IO.Compression;
using System.Text;

namespace ZeroI2V.Lab.Fuzz;

/// <summary>Writes pickles instruction by instruction, good ones and evil ones, and packs them as PyTorch does.</summary>
public sealed class PickleWriter
{
    private readonly List<byte> _bytes = [0x80, 2];

    public PickleWriter Raw(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public PickleWriter Op(char code) => Raw((byte)code);

    public PickleWriter Text(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        return Raw((byte)'X').Raw(BitConverter.GetBytes(utf8.Length)).Raw(utf8);
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Naming", "CA1720", Justification = "The type of a pickle's value.")]
    public PickleWriter Int(int value) => Raw((byte)'J').Raw(BitConverter.GetBytes(value));

    public PickleWriter Global(string module, string name) => Raw((byte)'c').Raw(Encoding.UTF8.GetBytes($"{module}\n{name}\n"));

    public PickleWriter Ints(params int[] values)
    {
        Op('(');
        foreach (int value in values)
            Int(value);
        return Op('t');
    }

    /// <summary>A storage by its persistent id.</summary>
    public PickleWriter Storage(string key, int count, string type = "FloatStorage") =>
        Op('(').Text("storage").Global("torch", type).Text(key).Text("cpu").Int(count).Op('t').Op('Q');

    /// <summary>A storage as files from before archives name it, with its part of a storage: none.</summary>
    public PickleWriter LegacyStorage(string key, int count, string type = "FloatStorage") =>
        Op('(').Text("storage").Global("torch", type).Text(key).Text("cpu").Int(count).Op('N').Op('t').Op('Q');

    /// <summary>A tensor as <c>torch.save</c> wrote it before version 1.6.</summary>
    public PickleWriter LegacyTensor(string key, int count, int[] shape, int[] stride, string type = "FloatStorage") =>
        Global("torch._utils", "_rebuild_tensor_v2").Op('(').LegacyStorage(key, count, type).Int(0).Ints(shape).Ints(stride).Raw(0x89)
            .Global("collections", "OrderedDict").Op(')').Op('R').Op('t').Op('R');

    /// <summary>A tensor as <c>torch.save</c> writes it.</summary>
    public PickleWriter Tensor(string key, int count, int offset, int[] shape, int[] stride, string type = "FloatStorage") =>
        Global("torch._utils", "_rebuild_tensor_v2").Op('(').Storage(key, count, type).Int(offset).Ints(shape).Ints(stride).Raw(0x89)
            .Global("collections", "OrderedDict").Op(')').Op('R').Op('t').Op('R');

    public byte[] Bytes() => [.. _bytes, (byte)'.'];

    /// <summary>An archive with this pickle and storages of numbers.</summary>
    public byte[] Zip(params (string Key, float[] Numbers)[] storages) => Zip(Bytes(), storages);

    public static byte[] Zip(byte[] pickle, params (string Key, float[] Numbers)[] storages) => Zip(
        [("archive/data.pkl", pickle), .. storages.Select(storage => ("archive/data/" + storage.Key, storage.Numbers.SelectMany(BitConverter.GetBytes).ToArray()))]);

    /// <summary>A file from before archives with these objects: mark, version, machine, objects, keys, storages.</summary>
    public byte[] Legacy(params (string Key, float[] Numbers)[] storages) => Legacy(true, storages);

    public byte[] Legacy(bool littleEndian, params (string Key, float[] Numbers)[] storages)
    {
        var keys = new PickleWriter().Op(']').Op('(');
        foreach ((string key, _) in storages)
            keys.Text(key);
        return
        [
            0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.',
            .. new PickleWriter().Int(1001).Bytes(),
            .. new PickleWriter().Op('}').Op('(').Text("protocol_version").Int(1001).Text("little_endian").Raw((byte)(littleEndian ? 0x88 : 0x89)).Op('u').Bytes(),
            .. Bytes(),
            .. keys.Op('e').Bytes(),
            .. storages.SelectMany(storage => (byte[])[.. BitConverter.GetBytes((long)storage.Numbers.Length), .. storage.Numbers.SelectMany(BitConverter.GetBytes)]),
        ];
    }

    public static byte[] Zip((string Name, byte[] Bytes)[] entries, CompressionLevel level = CompressionLevel.NoCompression)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, bytes) in entries)
            {
                using Stream entry = zip.CreateEntry(name, level).Open();
                entry.Write(bytes);
            }
        return stream.ToArray();
    }
}
