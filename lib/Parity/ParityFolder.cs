using ZeroI2V.Lab.Checkpoints;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Parity;

/// <summary>
/// Outputs of the official code, with the weights and the input that made them: a manifest, a checkpoint, and the tensors
/// twice, as <c>.npy</c> files and together in <c>io.safetensors</c>. Opening a folder checks every hash, and that both agree.
/// </summary>
internal sealed class ParityFolder : IDisposable
{
    private const string Together = "io.safetensors";

    private readonly WeightSet _tensors;

    /// <summary>Opens and checks a folder.</summary>
    /// <exception cref="ParityException">A file is missing, changed, or contradicts another.</exception>
    /// <exception cref="CheckpointException">A file of tensors is damaged.</exception>
    internal ParityFolder(string folder)
    {
        if (!Directory.Exists(folder))
            throw new ParityException($"{folder}: there is no such folder.");
        Folder = folder;
        Manifest = ParityManifest.Read(folder);
        foreach (ParityFile file in Manifest.Files)
            file.Require(folder);
        CheckpointPath = Listed(Manifest.Checkpoint);
        _tensors = SafeTensors.Read(Listed(Together));
        try
        {
            foreach (ParityFile file in Manifest.Files.Where(file => file.Name.EndsWith(".npy", StringComparison.Ordinal)))
                CheckAgreement(file.Name);
        }
        catch
        {
            _tensors.Dispose();
            throw;
        }
    }

    internal string Folder { get; }

    internal ParityManifest Manifest { get; }

    internal string CheckpointPath { get; }

    /// <summary>Names of the tensors.</summary>
    internal IEnumerable<string> Names => _tensors.Tensors.Keys;

    /// <summary>A tensor of the folder; it stays the folder's.</summary>
    internal Tensor this[string name] => _tensors[name];

    /// <inheritdoc/>
    public void Dispose() => _tensors.Dispose();

    private string Listed(string name) => Manifest.Files.Any(file => file.Name == name)
        ? Path.Combine(Folder, name)
        : throw new ParityException($"{Folder}: the manifest does not list '{name}' among its files.");

    private void CheckAgreement(string file)
    {
        string name = file[..^".npy".Length];
        if (!_tensors.Tensors.TryGetValue(name, out Tensor? together))
            throw new ParityException($"{Folder}: {file} has no counterpart in {Together}.");
        using Tensor single = NumpyArray.Read(Path.Combine(Folder, file));
        if (single.dtype != together.dtype || !single.shape.SequenceEqual(together.shape) || !single.bytes.SequenceEqual(together.bytes))
            throw new ParityException($"{Folder}: {file} and its counterpart in {Together} differ.");
    }
}
