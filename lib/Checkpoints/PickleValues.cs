namespace ZeroI2V.Lab.Checkpoints;

/// <summary>A tuple of a pickle.</summary>
internal sealed record PickleTuple(object?[] Items);

/// <summary>A dictionary of a pickle, ordered or not. A key that comes twice keeps its last value, as in Python.</summary>
internal sealed class PickleDict
{
    private readonly Dictionary<object, object?> _items = new(KeyComparer.Instance);

    /// <summary>Keys and values in the order of the file.</summary>
    internal IEnumerable<KeyValuePair<object, object?>> Items => _items;

    internal int Count => _items.Count;

    /// <summary>The value of a string key, or null.</summary>
    internal object? this[string key] => _items.GetValueOrDefault(key);

    internal void Set(object? key, object? value)
    {
        // Python's None as a key is legal and of no use here; the rest cannot be hashed, there as here.
        if (key is not (string or long or double or bool or byte[] or PickleTuple or System.Numerics.BigInteger))
            throw new CheckpointException(CheckpointFault.Malformed, $"The pickle uses a {key?.GetType().Name ?? "None"} as the key of a dictionary.");
        _items[key] = value;
    }

    /// <summary>Tuples and byte strings are compared by reference: weights are never keyed by them.</summary>
    private sealed class KeyComparer : IEqualityComparer<object>
    {
        internal static readonly KeyComparer Instance = new();

        public new bool Equals(object? x, object? y) => x is PickleTuple or byte[] ? ReferenceEquals(x, y) : object.Equals(x, y);

        public int GetHashCode(object key) => key switch
        {
            PickleTuple or byte[] => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(key),
            // The usual hash of a number joins its halves: a file could choose numbers that all meet in one place.
            long number => HashCode.Combine((int)number, (int)(number >> 32)),
            double number => GetHashCode(BitConverter.DoubleToInt64Bits(number)),
            _ => key.GetHashCode(),
        };
    }
}

/// <summary>A name in the closed list of those that weights need; see <see cref="PickleNames"/>.</summary>
internal sealed record PickleName(PickleNameKind Kind, string Module, string Name)
{
    internal string FullName => Module + "." + Name;
}

/// <summary>A storage that a persistent id names: an entry of the archive, seen as elements of one type.</summary>
internal sealed record PickleStorage(string Key, ElementType Type, long Count);

/// <summary>A tensor: a view of a storage. Nothing is read yet.</summary>
internal sealed record PickleTensor(PickleStorage Storage, long Offset, long[] Shape, long[] Stride);

/// <summary>A TorchScript module: a bag of attributes under a class name, with no behaviour.</summary>
internal sealed record PickleModule(string ClassName)
{
    internal PickleDict Attributes { get; } = new();
}

/// <summary>Something of a class that the lab does not know, or that is made of such; it stands where it stood and does nothing.</summary>
internal sealed record PickleForeign(string ClassName);
