using static TorchSharp.torch;

namespace ZeroI2V.Lab.Checkpoints;

/// <summary>
/// CLIP as Hugging Face's transformers hold it: queries, keys and values apart, the projection transposed. The tower lies
/// under <c>vision_model.</c>, or under nothing where it was saved by itself.
/// </summary>
internal sealed class HuggingFaceNaming : TowerNaming
{
    private const string Projection = "visual_projection.weight";

    private static readonly string[] Beside = ["text_model.", "text_projection.weight", "logit_scale", "logit_bias", "classifier."];

    private static readonly string[] Parts = ["q", "k", "v"];

    internal override WeightNaming Family => WeightNaming.HuggingFace;

    internal override string Anchor => "embeddings.class_embedding";

    internal override string WrittenPrefix => "vision_model.";

    protected override string Blocks => "encoder.layers.";

    protected override IReadOnlyList<(string Tower, string File)> Outside { get; } =
    [
        ("class_embedding", "embeddings.class_embedding"),
        ("positional_embedding", "embeddings.position_embedding.weight"),
        ("conv1.weight", "embeddings.patch_embedding.weight"),
        // The misspelling is theirs.
        ("ln_pre.weight", "pre_layrnorm.weight"),
        ("ln_pre.bias", "pre_layrnorm.bias"),
        ("ln_post.weight", "post_layernorm.weight"),
        ("ln_post.bias", "post_layernorm.bias"),
    ];

    protected override IReadOnlyList<(string Tower, string File)> Inside { get; } =
    [
        ("ln_1.weight", "layer_norm1.weight"),
        ("ln_1.bias", "layer_norm1.bias"),
        ("ln_2.weight", "layer_norm2.weight"),
        ("ln_2.bias", "layer_norm2.bias"),
        ("mlp.c_fc.weight", "mlp.fc1.weight"),
        ("mlp.c_fc.bias", "mlp.fc1.bias"),
        ("mlp.c_proj.weight", "mlp.fc2.weight"),
        ("mlp.c_proj.bias", "mlp.fc2.bias"),
        ("attn.out_proj.weight", "self_attn.out_proj.weight"),
        ("attn.out_proj.bias", "self_attn.out_proj.bias"),
        // Half-way names: three of them become one, and one becomes three.
        ("attn.q_proj.weight", "self_attn.q_proj.weight"),
        ("attn.k_proj.weight", "self_attn.k_proj.weight"),
        ("attn.v_proj.weight", "self_attn.v_proj.weight"),
        ("attn.q_proj.bias", "self_attn.q_proj.bias"),
        ("attn.k_proj.bias", "self_attn.k_proj.bias"),
        ("attn.v_proj.bias", "self_attn.v_proj.bias"),
    ];

    /// <summary>A buffer with the numbers 0, 1, 2, … in older files.</summary>
    internal override bool IsLeftOut(string name) => name == "embeddings.position_ids";

    internal override bool IsBeside(string name) => Beside.Any(part => part.EndsWith('.') ? name.StartsWith(part, StringComparison.Ordinal) : name == part);

    internal override string? Adopted(string name) => name == Projection ? "proj" : null;

    internal override void Arrange(Dictionary<string, Tensor> tower)
    {
        foreach (string kind in (string[])["weight", "bias"])
        {
            string suffix = $".attn.q_proj.{kind}";
            foreach (string first in tower.Keys.Where(name => name.EndsWith(suffix, StringComparison.Ordinal)).ToList())
            {
                string attention = first[..^$"q_proj.{kind}".Length];
                string[] names = [.. Parts.Select(part => $"{attention}{part}_proj.{kind}")];
                Tensor?[] parts = [.. names.Select(name => tower.GetValueOrDefault(name))];
                // What does not belong together stays apart, and is listed when it is loaded.
                if (parts.Any(part => part is null || part.dtype != parts[0]!.dtype || part.shape.Length == 0 || !part.shape.SequenceEqual(parts[0]!.shape)))
                    continue;
                if (!tower.TryAdd($"{attention}in_proj_{kind}", cat([.. parts.Select(part => part!)], dim: 0)))
                    continue;
                foreach (string name in names)
                    tower.Remove(name);
            }
        }
        if (tower.TryGetValue("proj", out Tensor? projection) && projection.shape.Length == 2)
            tower["proj"] = projection.t().contiguous();
    }

    /// <summary>OpenAI's models have QuickGELU, those of LAION GELU; only their configuration tells.</summary>
    internal override TowerTraits Traits(WeightSet weights, string outer, IReadOnlyDictionary<string, Tensor> tower) => new(null, null, WithoutFirstNorm: false);

    internal override IEnumerable<(string Name, long[] Shape)> Layout(string name, long[] shape)
    {
        foreach (string kind in (string[])["weight", "bias"])
            if (name.EndsWith($".attn.in_proj_{kind}", StringComparison.Ordinal))
                return Parts.Select(part => (ToFile($"{name[..^$"in_proj_{kind}".Length]}{part}_proj.{kind}"), (long[])[shape[0] / 3, .. shape[1..]]));
        return base.Layout(name, shape);
    }
}
