namespace ZeroI2V.Lab.Adapters;

/// <summary>What the official checkpoints call the adapters of a block.</summary>
internal static class AdapterNames
{
    /// <summary>Before queries, keys and values.</summary>
    internal const string AttentionInput = "T_Adapter_in";

    /// <summary>After the attention's output projection.</summary>
    internal const string AttentionOutput = "S_Adapter";

    /// <summary>Before the MLP.</summary>
    internal const string MlpInput = "MLP_Adapter";

    /// <summary>After the MLP.</summary>
    internal const string MlpOutput = "MLP_Adapter_out";

    /// <summary>All four.</summary>
    internal static IReadOnlyList<(AdapterPlaces Place, string Name)> All { get; } =
    [
        (AdapterPlaces.AttentionInput, AttentionInput),
        (AdapterPlaces.AttentionOutput, AttentionOutput),
        (AdapterPlaces.MlpInput, MlpInput),
        (AdapterPlaces.MlpOutput, MlpOutput),
    ];
}
