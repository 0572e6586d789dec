using System.Globalization;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Checkpoints;

/// <summary>
/// PyTorch checkpoints: <c>torch.save</c> of a state dict (the official ZeroI2V files, <c>{'meta', 'state_dict'}</c>)
/// and TorchScript archives (CLIP as OpenAI publishes it). Only tensors and plain containers are built, see
/// <see cref="PickleReader"/>; the code inside a TorchScript archive is never looked at.
/// </summary>
public static class TorchZip
{
    /// <summary>Modules inside modules that a TorchScript archive may have; CLIP has six.</summary>
    private const int DeepestModule = 64;

    /// <summary>Reads the weights of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="skipForeign">
    /// False: a file that names any class beside tensors and plain containers is refused, by the class's name.
    /// True: such objects are passed over (never built), as a file saved during training holds them beside its weights.
    /// </param>
    /// <returns>
    /// Tensors by name, contiguous, in the file's element types; metadata: the plain values under <c>meta</c>, as <c>meta.epoch</c>
    /// and so on, and the whole numbers and texts among a TorchScript archive's attributes.
    /// </returns>
    /// <exception cref="CheckpointException">The file is damaged, contradicts itself, or holds something else than weights.</exception>
    public static WeightSet Read(string path, bool skipForeign = false)
    {
        using var archive = new TorchArchive(path);
        object? root = PickleReader.Read(archive.ReadPickle(), path, skipForeign);
        var found = new Dictionary<string, PickleTensor>(StringComparer.Ordinal);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        switch (root)
        {
            case PickleModule module:
                CollectModule(module, "", 0, found, metadata, path);
                break;
            case PickleDict dict:
                CollectStateDict(dict, found, metadata, path);
                break;
            default:
                throw new CheckpointException(CheckpointFault.NoWeights, $"{path}: holds a {Kind(root)}; expected a dictionary of tensors or a TorchScript module.");
        }
        if (found.Count == 0)
            throw new CheckpointException(CheckpointFault.NoWeights, $"{path}: holds no tensor.");
        // On an error the scope frees what was read so far; otherwise the set takes the tensors out of it.
        using var scope = NewDisposeScope();
        return new WeightSet(path, Load(archive, found, path), metadata);
    }

    private static void CollectStateDict(PickleDict root, Dictionary<string, PickleTensor> found, Dictionary<string, string> metadata, string path)
    {
        PickleDict weights = root["state_dict"] as PickleDict ?? root;
        foreach ((object key, object? value) in weights.Items)
        {
            if (value is PickleTensor tensor && key is string name)
                found[name] = tensor;
            else if (ReferenceEquals(weights, root) && value is not PickleForeign)
                throw new CheckpointException(CheckpointFault.NoWeights, $"{path}: '{key}' is a {Kind(value)}; expected a dictionary of tensors, or one under 'state_dict'.");
            else if (!ReferenceEquals(weights, root))
                throw new CheckpointException(CheckpointFault.NoWeights, $"{path}: '{key}' in its state_dict is a {Kind(value)}; expected a tensor.");
        }
        if (root["meta"] is PickleDict meta)
            foreach ((object key, object? value) in meta.Items)
                if (key is string name && Plain(value) is string text)
                    metadata["meta." + name] = text;
    }

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

    private static Dictionary<string, Tensor> Load(TorchArchive archive, Dictionary<string, PickleTensor> found, string path)
    {
        // Tensors that share a storage are read once each; a file that repeats one storage to fill the memory is refused.
        long bytes = 0;
        foreach (PickleTensor tensor in found.Values)
        {
            bytes += ElementTypes.Count(tensor.Shape)!.Value * tensor.Storage.Type.Bytes();
            if (bytes > 4 * archive.FileLength)
                throw new CheckpointException(CheckpointFault.TooLarge, $"{path}: its tensors would take more than four times the file's {archive.FileLength} bytes.");
        }
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach ((string name, PickleTensor view) in found)
            tensors.Add(name, Load(archive, name, view, path));
        return tensors;
    }

    private static Tensor Load(TorchArchive archive, string name, PickleTensor view, string path)
    {
        using Stream stream = archive.Open(view.Storage);
        PickleStorage storage = view.Storage;
        if (view.Offset == 0 && IsRowMajor(view) && ElementTypes.Count(view.Shape) == storage.Count)
            return TensorBytes.Read(stream, storage.Type, view.Shape, name, path);
        using var scope = NewDisposeScope();
        Tensor whole = TensorBytes.Read(stream, storage.Type, [storage.Count], name, path);
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
        _ => value.GetType().Name,
    };
}
