using System.Globalization;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Checkpoints;

/// <summary>
/// PyTorch checkpoints: <c>torch.save</c> of a state dict (the official ZeroI2V files, <c>{'meta', 'state_dict'}</c>), in an
/// archive or in the older form, and TorchScript archives (CLIP as OpenAI publishes it). Only tensors and plain containers
/// are built, see <see cref="PickleReader"/>; the code inside a TorchScript archive is never looked at. What a
/// training saved beside its weights (optimizer, scheduler, records) is passed over and named in <see cref="WeightSet.PassedOver"/>.
/// </summary>
public static class TorchFile
{
    /// <summary>Modules inside modules that a TorchScript archive may have; CLIP has six.</summary>
    private const int DeepestModule = 64;

    /// <summary>Where the weights lie among what a training saved, by the programs that train: OpenMMLab and OpenCLIP, ST-Adapter, others.</summary>
    private static readonly string[] WeightKeys = ["state_dict", "model", "model_state_dict"];

    /// <summary>Reads the weights of a file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>
    /// Tensors by name, contiguous, in the file's element types; metadata: the plain values under <c>meta</c>, as <c>meta.epoch</c>
    /// and so on, and the whole numbers and texts among a TorchScript archive's attributes.
    /// </returns>
    /// <exception cref="CheckpointException">The file is damaged, contradicts itself, or holds something else than weights.</exception>
    public static WeightSet Read(string path)
    {
        if (IsArchive(path))
        {
            using var archive = new TorchArchive(path);
            var reader = new PickleReader(archive.ReadPickle(), path);
            object? objects = reader.Next();
            return Collect(archive, objects, reader.Foreign, path);
        }
        using var legacy = new TorchLegacy(path);
        return Collect(legacy, legacy.Root, legacy.Foreign, path);
    }

    private static bool IsArchive(string path)
    {
        Span<byte> start = stackalloc byte[2];
        using FileStream stream = File.OpenRead(path);
        return stream.ReadAtLeast(start, 2, throwOnEndOfStream: false) < 2 || start.SequenceEqual("PK"u8);
    }

    private static WeightSet Collect(TorchStorages storages, object? root, IReadOnlyCollection<string> foreign, string path)
    {
        var found = new Dictionary<string, PickleTensor>(StringComparer.Ordinal);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        var passedOver = new List<string>();
        switch (root)
        {
            case PickleModule module:
                CollectModule(module, "", 0, found, metadata, path);
                break;
            case PickleDict dict:
                CollectStateDict(dict, found, metadata, passedOver, path);
                break;
            case PickleForeign or PickleName:
                throw Refuse(root, "the file is", path);
            default:
                throw new CheckpointException(CheckpointFault.NoWeights, $"{path}: holds a {Kind(root)}; expected a dictionary of tensors or a TorchScript module.");
        }
        if (found.Count == 0)
            throw new CheckpointException(CheckpointFault.NoWeights, $"{path}: holds no tensor.");
        // On an error the scope frees what was read so far; otherwise the set takes the tensors out of it.
        using var scope = NewDisposeScope();
        return new WeightSet(path, Load(storages, found, path), metadata, [.. passedOver, .. foreign]);
    }

    private static void CollectStateDict(PickleDict root, Dictionary<string, PickleTensor> found, Dictionary<string, string> metadata, List<string> passedOver, string path)
    {
        string? under = WeightKeys.FirstOrDefault(key => root[key] is PickleDict);
        PickleDict weights = under is null ? root : (PickleDict)root[under]!;
        foreach ((object key, object? value) in weights.Items)
        {
            if (value is PickleTensor tensor && key is string name)
                found[name] = tensor;
            else if (value is PickleForeign or PickleName { Kind: PickleNameKind.Foreign })
                throw Refuse(value, $"'{Text(key)}' is", path);
            else
                throw new CheckpointException(CheckpointFault.NoWeights, under is null
                    ? $"{path}: '{Text(key)}' is a {Kind(value)}; expected a dictionary of tensors, or one under {string.Join(" or ", WeightKeys.Select(known => $"'{known}'"))}."
                    : $"{path}: '{Text(key)}' in its {under} is a {Kind(value)}; expected a tensor.");
        }
        if (root["meta"] is PickleDict meta)
            foreach ((object key, object? value) in meta.Items)
                if (key is string name && Plain(value) is string text)
                    metadata["meta." + name] = text;
        if (under is not null)
            passedOver.AddRange(root.Items.Select(item => item.Key).OfType<string>().Where(key => key != under && key != "meta").Take(TorchArchive.MostEntries).Select(PickleReader.Printable));
    }

    private static CheckpointException Refuse(object? what, string where, string path) => new(
        CheckpointFault.ForeignClass,
        $"{path}: {where} {PickleReader.Printable(Kind(what))}, which is no tensor and no plain container. The lab builds nothing else and executes nothing. Save the weights alone (a state_dict), best as safetensors.");

    private static string Text(object key) => key is string text ? PickleReader.Printable(text) : Kind(key);

    private static void CollectModule(PickleModule module, string prefix, int depth, Dictionary<string, PickleTensor> found, Dictionary<string, string> metadata, string path)
    {
        if (depth > DeepestModule)
            throw new CheckpointException(CheckpointFault.TooLarge, $"{path}: modules are nested more than {DeepestModule} deep.");
        foreach ((object key, object? value) in module.Attributes.Items)
        {
            string name = prefix + key;
            if (value is PickleTensor tensor)
                found[name] = tensor;
            else if (value is PickleModule child)
                CollectModule(child, name + ".", depth + 1, found, metadata, path);
            else if (value is string or long && found.Count + metadata.Count < TorchArchive.MostEntries)
                metadata[name] = Plain(value)!;
        }
        if (found.Count > TorchArchive.MostEntries)
            throw new CheckpointException(CheckpointFault.TooLarge, $"{path}: the modules hold more than {TorchArchive.MostEntries} tensors.");
    }

    private static Dictionary<string, Tensor> Load(TorchStorages storages, Dictionary<string, PickleTensor> found, string path)
    {
        // Tensors that share a storage are read once each; a file that repeats one storage to fill the memory is refused.
        long bytes = 0;
        foreach (PickleTensor tensor in found.Values)
        {
            bytes += ElementTypes.Count(tensor.Shape)!.Value * tensor.Storage.Type.Bytes();
            if (bytes > 4 * storages.FileLength)
                throw new CheckpointException(CheckpointFault.TooLarge, $"{path}: its tensors would take more than four times the file's {storages.FileLength} bytes.");
        }
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach ((string name, PickleTensor view) in found)
            tensors.Add(name, Load(storages, name, view));
        return tensors;
    }

    private static Tensor Load(TorchStorages storages, string name, PickleTensor view)
    {
        PickleStorage storage = view.Storage;
        if (view.Offset == 0 && IsRowMajor(view) && ElementTypes.Count(view.Shape) == storage.Count)
            return storages.Read(storage, view.Shape, name);
        using var scope = NewDisposeScope();
        Tensor whole = storages.Read(storage, [storage.Count], name);
        return whole.as_strided(view.Shape, view.Stride, view.Offset).contiguous().clone().MoveToOuterDisposeScope();
    }

    private static bool IsRowMajor(PickleTensor view)
    {
        long expected = 1;
        for (int i = view.Shape.Length - 1; i >= 0; i--)
        {
            if (view.Shape[i] > 1 && view.Stride[i] != expected)
                return false;
            expected *= view.Shape[i];
        }
        return true;
    }

    private static string? Plain(object? value) => value switch
    {
        string text => text,
        long number => number.ToString(CultureInfo.InvariantCulture),
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        bool truth => truth ? "true" : "false",
        _ => null,
    };

    private static string Kind(object? value) => value switch
    {
        null => "None",
        PickleTensor => "tensor",
        PickleDict => "dictionary",
        PickleTuple => "tuple",
        List<object?> => "list",
        PickleModule module => "TorchScript module " + module.ClassName,
        PickleForeign foreign => foreign.ClassName,
        PickleName name => "class " + name.FullName,
        byte[] => "string of bytes",
        _ => value.GetType().Name,
    };
}
