using System.IO.Compression;
using System.Text;

namespace ZeroI2V.Lab.Tests.Checkpoints;

/// <summary>Writes pickles instruction by instruction, good ones and evil ones, and packs them as PyTorch does.</summary>
internal sealed class PickleWriter
{
    private readonly List<byte> _bytes = [0x80, 2];

    internal PickleWriter Raw(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    internal PickleWriter Op(char code) => Raw((byte)code);

    internal PickleWriter Text(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        return Raw((byte)'X').Raw(BitConverter.GetBytes(utf8.Length)).Raw(utf8);
    }

    internal PickleWriter Int(int value) => Raw((byte)'J').Raw(BitConverter.GetBytes(value));

    internal PickleWriter Global(string module, string name) => Raw((byte)'c').Raw(Encoding.UTF8.GetBytes($"{module}\n{name}\n"));

    internal PickleWriter Ints(params int[] values)
    {
        Op('(');
        foreach (int value in values)
            Int(value);
        return Op('t');
    }

    /// <summary>A storage by its persistent id.</summary>
    internal PickleWriter Storage(string key, int count, string type = "FloatStorage") =>
        Op('(').Text("storage").Global("torch", type).Text(key).Text("cpu").Int(count).Op('t').Op('Q');

    /// <summary>A tensor as <c>torch.save</c> writes it.</summary>
    internal PickleWriter Tensor(string key, int count, int offset, int[] shape, int[] stride, string type = "FloatStorage") =>
        Global("torch._utils", "_rebuild_tensor_v2").Op('(').Storage(key, count, type).Int(offset).Ints(shape).Ints(stride).Raw(0x89)
            .Global("collections", "OrderedDict").Op(')').Op('R').Op('t').Op('R');

    internal byte[] Bytes() => [.. _bytes, (byte)'.'];

    /// <summary>An archive with this pickle and storages of numbers.</summary>
    internal byte[] Zip(params (string Key, float[] Numbers)[] storages) => Zip(Bytes(), storages);

    internal static byte[] Zip(byte[] pickle, params (string Key, float[] Numbers)[] storages) => Zip(
        [("archive/data.pkl", pickle), .. storages.Select(storage => ("archive/data/" + storage.Key, storage.Numbers.SelectMany(BitConverter.GetBytes).ToArray()))]);

    internal static byte[] Zip((string Name, byte[] Bytes)[] entries, CompressionLevel level = CompressionLevel.NoCompression)
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
