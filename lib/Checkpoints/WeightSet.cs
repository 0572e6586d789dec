using static TorchSharp.torch;

namespace ZeroI2V.Lab.Checkpoints;

/// <summary>Named tensors out of one file, on the CPU and in the file's element types. Owns them.</summary>
public sealed class WeightSet : IDisposable
{
    /// <summary>Takes the tensors over.</summary>
    /// <param name="source">The file or model they come from, for messages.</param>
    /// <param name="tensors">Tensors by name; they belong to the set from now on.</param>
    /// <param name="metadata">What the file says beside them.</param>
    /// <param name="passedOver">What else the file holds, by name.</param>
    public WeightSet(string source, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null, IReadOnlyList<string>? passedOver = null)
    {
        Source = source;
        Tensors = tensors;
        Metadata = metadata ?? new Dictionary<string, string>();
        PassedOver = passedOver ?? [];
        foreach (Tensor tensor in tensors.Values)
            tensor.DetachFromDisposeScope();
    }

    /// <summary>The file or model that they come from.</summary>
    public string Source { get; }

    /// <summary>Tensors by name.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors { get; }

    /// <summary>What the file says beside them, such as options and provenance.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>
    /// What else the file holds and was not looked into: optimizer, scheduler and records of a training, and the names of
    /// classes that the lab does not build.
    /// </summary>
    public IReadOnlyList<string> PassedOver { get; }

    /// <summary>One tensor; it stays the set's.</summary>
    /// <exception cref="CheckpointException">There is none of that name.</exception>
    public Tensor this[string name] => Tensors.TryGetValue(name, out Tensor? tensor)
        ? tensor
        : throw new CheckpointException(CheckpointFault.Keys, $"{Source} holds no tensor '{name}'. It holds: {string.Join(", ", Tensors.Keys.Order(StringComparer.Ordinal).Take(20))}{(Tensors.Count > 20 ? ", …" : "")}");

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        foreach (Tensor tensor in Tensors.Values)
            tensor.Dispose();
    }
}
