using ZeroI2V.Lab.Backbone;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Checkpoints;

/// <summary>
/// CLIP's own names, which are the model's: OpenAI's archives and OpenCLIP (<c>visual.…</c>), official ZeroI2V and AIM
/// (<c>backbone.…</c>), and a vision tower by itself.
/// </summary>
internal sealed class ClipNaming : TowerNaming
{
    /// <summary>What only the archives that OpenAI published hold: three whole numbers.</summary>
    private static readonly string[] OpenAi = ["input_resolution", "context_length", "vocab_size"];

    /// <summary>The text tower; OpenCLIP has variants with one of their own under <c>text.</c>.</summary>
    private static readonly string[] TextTower =
        ["transformer.", "token_embedding.", "positional_embedding", "ln_final.", "text_projection", "logit_scale", "logit_bias", "attn_mask", "text.", .. OpenAi];

    internal override WeightNaming Family => WeightNaming.Clip;

    internal override string Anchor => "class_embedding";

    internal override string WrittenPrefix => WeightLoading.ClipPrefix;

    protected override string Blocks => TowerBlocks;

    protected override IReadOnlyList<(string Tower, string File)> Outside => [];

    protected override IReadOnlyList<(string Tower, string File)> Inside => [];

    internal override bool IsBeside(string name) => TextTower.Any(part => part.EndsWith('.') ? name.StartsWith(part, StringComparison.Ordinal) : name == part);

    internal override TowerTraits Traits(WeightSet weights, string outer, IReadOnlyDictionary<string, Tensor> tower)
    {
        // OpenCLIP's models have either activation and nothing in their files tells which. A tower without a text tower
        // comes from the lab, from ZeroI2V or from its kin, which all have OpenAI's.
        bool text = weights.Tensors.ContainsKey(outer + "logit_scale") && !weights.Tensors.ContainsKey(outer + "class_embedding");
        bool openAi = OpenAi.All(name => weights.Tensors.ContainsKey(outer + name) || weights.Metadata.ContainsKey(outer + name));
        return new TowerTraits(text && !openAi ? null : MlpActivation.QuickGelu, null, WithoutFirstNorm: false);
    }
}
