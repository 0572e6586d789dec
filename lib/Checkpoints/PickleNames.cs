namespace ZeroI2V.Lab.Checkpoints;

/// <summary>What a name in a pickle stands for.</summary>
internal enum PickleNameKind
{
    /// <summary><c>collections.OrderedDict</c>, <c>dict</c></summary>
    Dict,

    /// <summary><c>set</c>, <c>list</c>, <c>torch.Size</c>, TorchScript's typed lists: all become their items.</summary>
    Items,

    /// <summary><c>torch._utils._rebuild_tensor_v2</c>, <c>torch._utils._rebuild_tensor</c></summary>
    Tensor,

    /// <summary><c>torch._utils._rebuild_parameter</c>, with or without state</summary>
    Parameter,

    /// <summary>A storage class such as <c>torch.FloatStorage</c></summary>
    Storage,

    /// <summary>A TorchScript class, compiled from Python and named <c>__torch__.…</c>; only its attributes are kept.</summary>
    Module,

    /// <summary>Anything else.</summary>
    Foreign,
}

/// <summary>
/// The closed list of classes and functions that a pickle of weights may name. They are not looked up anywhere:
/// each stands for one way of building a plain container or a description of a tensor.
/// </summary>
internal static class PickleNames
{
    /// <summary>What a name stands for.</summary>
    internal static PickleName Resolve(string module, string name) => new(Kind(module, name), module, name);

    private static PickleNameKind Kind(string module, string name) => (module, name) switch
    {
        ("collections", "OrderedDict") => PickleNameKind.Dict,
        ("builtins" or "__builtin__", "dict") => PickleNameKind.Dict,
        ("builtins" or "__builtin__", "set" or "frozenset" or "list" or "tuple") => PickleNameKind.Items,
        ("torch", "Size") => PickleNameKind.Items,
        ("torch.jit._pickle", "build_intlist" or "build_doublelist" or "build_boollist" or "build_tensorlist" or "restore_type_tag") => PickleNameKind.Items,
        ("torch._utils", "_rebuild_tensor_v2" or "_rebuild_tensor") => PickleNameKind.Tensor,
        ("torch._utils", "_rebuild_parameter" or "_rebuild_parameter_with_state") => PickleNameKind.Parameter,
        ("torch", _) when ElementTypes.FromStorageClass(name) is not null => PickleNameKind.Storage,
        _ when module == "__torch__" || module.StartsWith("__torch__.", StringComparison.Ordinal) => PickleNameKind.Module,
        _ => PickleNameKind.Foreign,
    };
}
