namespace ZeroI2V.Lab.Adapters;

/// <summary>What the official checkpoints call the adapters of a block: ZeroI2V's, AIM's and ST-Adapter's.</summary>
internal static class AdapterNames
{
    /// <summary>Before queries, keys and values.</summary>
    internal const string AttentionInput = "T_Adapter_in";

    /// <summary>Before queries, where each of queries, keys and values has its own.</summary>
    internal const string QueryInput = "T_Adapter_in_q";

    /// <summary>Before keys.</summary>
    internal const string KeyInput = "T_Adapter_in_k";

    /// <summary>Before values.</summary>
    internal const string ValueInput = "T_Adapter_in_v";

    /// <summary>After the attention's output projection.</summary>
    internal const string AttentionOutput = "S_Adapter";

    /// <summary>Before the MLP.</summary>
    internal const string MlpInput = "MLP_Adapter";

    /// <summary>After the MLP.</summary>
    internal const string MlpOutput = "MLP_Adapter_out";

    /// <summary>AIM: after the attention over time.</summary>
    internal const string TimeOutput = "T_Adapter";

    /// <summary>ST-Adapter: in front of the attention.</summary>
    internal const string BeforeAttention = "adapter_pre_attn";

    /// <summary>ST-Adapter: in front of the MLP.</summary>
    internal const string BeforeMlp = "adapter_pre_mlp";

    /// <summary>The four of ZeroI2V.</summary>
    internal static IReadOnlyList<(AdapterPlaces Place, string Name)> All { get; } =
    [
        (AdapterPlaces.AttentionInput, AttentionInput),
        (AdapterPlaces.AttentionOutput, AttentionOutput),
        (AdapterPlaces.MlpInput, MlpInput),
        (AdapterPlaces.MlpOutput, MlpOutput),
    ];

    /// <summary>The names of the adapters at a place: one, or three in front of the attention where they are separate.</summary>
    internal static IEnumerable<string> At(AdapterPlaces place, string name, AdapterOptions options) =>
        place == AdapterPlaces.AttentionInput && options.SeparateQueryKeyValue ? [QueryInput, KeyInput, ValueInput] : [name];
}
