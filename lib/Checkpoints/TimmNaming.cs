using ZeroI2V.Lab.Backbone;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Checkpoints;

/// <summary>
/// timm's vision transformers, such as those of ImageNet-21k: GELU, norms of eps 1e-6, no norm in front of the blocks
/// (their ports of CLIP have one, <c>norm_pre</c>), and patches with a bias. The bias is a constant of each patch's token
/// and becomes part of its positional embedding, so the model needs no option for it.
/// </summary>
internal sealed class TimmNaming : TowerNaming
{
    private const double Eps = 1e-6;
    private const string PatchBias = "conv1.bias";

    internal override WeightNaming Family => WeightNaming.Timm;

    internal override string Anchor => "cls_token";

    internal override string WrittenPrefix => "";

    protected override string Blocks => "blocks.";

    protected override IReadOnlyList<(string Tower, string File)> Outside { get; } =
    [
        ("class_embedding", "cls_token"),
        ("positional_embedding", "pos_embed"),
        ("conv1.weight", "patch_embed.proj.weight"),
        (PatchBias, "patch_embed.proj.bias"),
        ("ln_pre.weight", "norm_pre.weight"),
        ("ln_pre.bias", "norm_pre.bias"),
        ("ln_post.weight", "norm.weight"),
        ("ln_post.bias", "norm.bias"),
    ];

    protected override IReadOnlyList<(string Tower, string File)> Inside { get; } =
    [
        ("ln_1.weight", "norm1.weight"),
        ("ln_1.bias", "norm1.bias"),
        ("ln_2.weight", "norm2.weight"),
        ("ln_2.bias", "norm2.bias"),
        ("attn.in_proj_weight", "attn.qkv.weight"),
        ("attn.in_proj_bias", "attn.qkv.bias"),
        ("attn.out_proj.weight", "attn.proj.weight"),
        ("attn.out_proj.bias", "attn.proj.bias"),
        ("mlp.c_fc.weight", "mlp.fc1.weight"),
        ("mlp.c_fc.bias", "mlp.fc1.bias"),
        ("mlp.c_proj.weight", "mlp.fc2.weight"),
        ("mlp.c_proj.bias", "mlp.fc2.bias"),
    ];

    /// <summary>The classifier, and the layer that older files of ImageNet-21k have in front of it.</summary>
    internal override bool IsLeftOut(string name) => name.StartsWith("head.", StringComparison.Ordinal) || name.StartsWith("pre_logits.", StringComparison.Ordinal);

    /// <summary>OpenCLIP's models on timm's towers: the projection behind the trunk, and the text tower.</summary>
    internal override bool IsBeside(string name) => name.StartsWith("head.", StringComparison.Ordinal);

    internal override void Arrange(Dictionary<string, Tensor> tower)
    {
        Flatten(tower, "class_embedding", 1);
        Flatten(tower, "positional_embedding", 2);
        if (tower.TryGetValue(PatchBias, out Tensor? bias)
            && tower.TryGetValue("positional_embedding", out Tensor? positions)
            && bias.shape is [var width]
            && positions.shape is [> 0 and var count, var columns]
            && columns == width
            && bias.is_floating_point() && positions.is_floating_point())
        {
            Tensor exact = positions.to(ScalarType.Float32);
            tower["positional_embedding"] = cat([exact.narrow(0, 0, 1), exact.narrow(0, 1, count - 1).add(bias.to(ScalarType.Float32))], dim: 0);
            tower.Remove(PatchBias);
        }
    }

    internal override TowerTraits Traits(WeightSet weights, string outer, IReadOnlyDictionary<string, Tensor> tower) =>
        tower.ContainsKey("ln_pre.weight") ? new TowerTraits(null, null, WithoutFirstNorm: false) : new TowerTraits(MlpActivation.Gelu, Eps, WithoutFirstNorm: true);

    internal override IEnumerable<(string Name, long[] Shape)> Layout(string name, long[] shape) => name switch
    {
        "class_embedding" => [(ToFile(name), [1, 1, .. shape])],
        "positional_embedding" => [(ToFile(name), [1, .. shape])],
        _ => base.Layout(name, shape),
    };

    internal override IEnumerable<(string Name, long[] Shape)> Zeros(VitOptions options) => options.WithoutFirstNorm ? [(ToFile(PatchBias), [options.Width])] : [];
}
