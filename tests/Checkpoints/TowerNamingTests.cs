using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.Tests.Backbone;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.Checkpoints;

public sealed class TowerNamingTests
{
    private static readonly VitOptions Clip = TinyModels.Vit with { Projection = 7 };

    private static readonly VitOptions ImageNet = TinyModels.Vit with { Activation = MlpActivation.Gelu, LayerNormEps = 1e-6, WithoutFirstNorm = true };

    private static Dictionary<string, Tensor> Parameters(VisionTransformer model) =>
        model.named_parameters().ToDictionary(item => item.name, item => item.parameter.detach());

    /// <summary>CLIP as transformers' CLIPModel saves it, its names spelled out.</summary>
    internal static Dictionary<string, Tensor> HuggingFace(VisionTransformer model, string prefix = "vision_model.")
    {
        Dictionary<string, Tensor> p = Parameters(model);
        var file = new Dictionary<string, Tensor>
        {
            [prefix + "embeddings.class_embedding"] = p["class_embedding"],
            [prefix + "embeddings.position_embedding.weight"] = p["positional_embedding"],
            [prefix + "embeddings.patch_embedding.weight"] = p["conv1.weight"],
            [prefix + "pre_layrnorm.weight"] = p["ln_pre.weight"],
            [prefix + "pre_layrnorm.bias"] = p["ln_pre.bias"],
            [prefix + "post_layernorm.weight"] = p["ln_post.weight"],
            [prefix + "post_layernorm.bias"] = p["ln_post.bias"],
        };
        for (int l = 0; l < model.Options.Layers; l++)
        {
            string to = $"{prefix}encoder.layers.{l}.", from = $"transformer.resblocks.{l}.";
            foreach (string kind in new[] { "weight", "bias" })
            {
                Tensor[] parts = p[$"{from}attn.in_proj_{kind}"].split(model.Options.Width, dim: 0);
                file[$"{to}self_attn.q_proj.{kind}"] = parts[0];
                file[$"{to}self_attn.k_proj.{kind}"] = parts[1];
                file[$"{to}self_attn.v_proj.{kind}"] = parts[2];
                file[$"{to}self_attn.out_proj.{kind}"] = p[$"{from}attn.out_proj.{kind}"];
                file[$"{to}layer_norm1.{kind}"] = p[$"{from}ln_1.{kind}"];
                file[$"{to}layer_norm2.{kind}"] = p[$"{from}ln_2.{kind}"];
                file[$"{to}mlp.fc1.{kind}"] = p[$"{from}mlp.c_fc.{kind}"];
                file[$"{to}mlp.fc2.{kind}"] = p[$"{from}mlp.c_proj.{kind}"];
            }
        }
        return file;
    }

    private static Dictionary<string, Tensor> WholeHuggingFace(VisionTransformer model)
    {
        Dictionary<string, Tensor> file = HuggingFace(model);
        file["vision_model.embeddings.position_ids"] = arange(10).reshape(1, 10);
        file["visual_projection.weight"] = Parameters(model)["proj"].t();
        file["text_model.embeddings.token_embedding.weight"] = zeros(3, 4);
        file["text_model.encoder.layers.0.self_attn.q_proj.weight"] = zeros(4, 4);
        file["text_projection.weight"] = zeros(7, 4);
        file["logit_scale"] = zeros([]);
        return file;
    }

    internal static Dictionary<string, Tensor> Timm(VisionTransformer model, Tensor? patchBias, string prefix = "")
    {
        Dictionary<string, Tensor> p = Parameters(model);
        var file = new Dictionary<string, Tensor>
        {
            [prefix + "cls_token"] = p["class_embedding"].view(1, 1, -1),
            [prefix + "pos_embed"] = p["positional_embedding"].unsqueeze(0),
            [prefix + "patch_embed.proj.weight"] = p["conv1.weight"],
            [prefix + "norm.weight"] = p["ln_post.weight"],
            [prefix + "norm.bias"] = p["ln_post.bias"],
        };
        if (patchBias is not null)
            file[prefix + "patch_embed.proj.bias"] = patchBias;
        if (p.TryGetValue("ln_pre.weight", out Tensor? first))
        {
            file[prefix + "norm_pre.weight"] = first;
            file[prefix + "norm_pre.bias"] = p["ln_pre.bias"];
        }
        for (int l = 0; l < model.Options.Layers; l++)
            foreach (string kind in new[] { "weight", "bias" })
            {
                string to = $"{prefix}blocks.{l}.", from = $"transformer.resblocks.{l}.";
                file[$"{to}norm1.{kind}"] = p[$"{from}ln_1.{kind}"];
                file[$"{to}norm2.{kind}"] = p[$"{from}ln_2.{kind}"];
                file[$"{to}attn.qkv.{kind}"] = p[$"{from}attn.in_proj_{kind}"];
                file[$"{to}attn.proj.{kind}"] = p[$"{from}attn.out_proj.{kind}"];
                file[$"{to}mlp.fc1.{kind}"] = p[$"{from}mlp.c_fc.{kind}"];
                file[$"{to}mlp.fc2.{kind}"] = p[$"{from}mlp.c_proj.{kind}"];
            }
        return file;
    }

    private static void Equal(VisionTransformer model, Dictionary<string, Tensor> file, double tolerance = 0)
    {
        using var weights = new WeightSet("a file", file.ToDictionary(pair => pair.Key, pair => pair.Value.clone()));
        using var again = new VisionTransformer(model.Options);
        again.eval();
        LoadReport report = again.Load(weights);
        Assert.Equal(model.named_parameters().Count(), report.Loaded.Count);
        Tensor images = TinyModels.Numbers(1, 1, 2, 3, 12, 12);
        Assert.InRange(TinyModels.Difference(model.call(images), again.call(images)), 0, tolerance);
        if (model.Options.Projection > 0)
            Assert.Equal(0, TinyModels.Difference(Parameters(model)["proj"], Parameters(again)["proj"]));
    }

    [Fact]
    public void Clip_of_Hugging_Face_is_the_same_model()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var model = TinyModels.Filled(new VisionTransformer(Clip));
        Equal(model, WholeHuggingFace(model));
    }

    [Theory]
    [InlineData("vision_model.")]
    [InlineData("")]
    [InlineData("clip.vision_model.")]
    public void Its_tower_may_lie_under_any_prefix_or_none(string prefix)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var model = TinyModels.Filled(new VisionTransformer(TinyModels.Vit));
        Equal(model, HuggingFace(model, prefix));
    }

    [Fact]
    public void A_part_of_queries_keys_and_values_that_is_missing_or_different_is_listed()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var model = TinyModels.Filled(new VisionTransformer(TinyModels.Vit));
        foreach (Tensor? wrong in new[] { null, zeros(24, 25), zeros(24, 24, dtype: ScalarType.Float16) })
        {
            Dictionary<string, Tensor> file = HuggingFace(model);
            const string Name = "vision_model.encoder.layers.1.self_attn.k_proj.weight";
            if (wrong is null)
                file.Remove(Name);
            else
                file[Name] = wrong;
            using var weights = new WeightSet("a file", file.ToDictionary(pair => pair.Key, pair => pair.Value.clone()));
            CheckpointException error = Assert.Throws<CheckpointException>(() => model.Load(weights));
            Assert.Contains("Missing (1): transformer.resblocks.1.attn.in_proj_weight", error.Message, StringComparison.Ordinal);
            Assert.Contains("transformer.resblocks.1.attn.q_proj.weight", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("module.")]
    public void OpenClip_has_the_names_of_clip(string prefix)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var model = TinyModels.Filled(new VisionTransformer(Clip with { Activation = MlpActivation.Gelu }));
        Dictionary<string, Tensor> file = Parameters(model).ToDictionary(pair => $"{prefix}visual.{pair.Key}", pair => pair.Value);
        foreach (string text in new[] { "positional_embedding", "text_projection", "logit_scale", "token_embedding.weight", "ln_final.weight", "transformer.resblocks.0.ln_1.weight", "attn_mask" })
            file[prefix + text] = zeros(2);
        Equal(model, file);
    }

    [Theory]
    [InlineData("")]
    [InlineData("backbone.")]
    [InlineData("visual.trunk.")]
    public void A_vision_transformer_of_timm_computes_what_timm_computes(string prefix)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var source = TinyModels.Filled(new VisionTransformer(ImageNet));
        Tensor bias = TinyModels.Numbers(99, 0.3, 24);
        Dictionary<string, Tensor> file = Timm(source, bias, prefix);
        if (prefix.Length == 0)
        {
            file["head.weight"] = zeros(5, 24);
            file["pre_logits.fc.weight"] = zeros(24, 24);
        }
        using var weights = new WeightSet("timm", file.ToDictionary(pair => pair.Key, pair => pair.Value.clone()));
        Assert.Equal(ImageNet, VitSizes.Infer(weights, heads: 4));
        using var model = new VisionTransformer(ImageNet);
        model.eval();
        LoadReport report = model.Load(weights);
        Assert.Equal(prefix.Length == 0 ? ["head.weight", "pre_logits.fc.weight"] : [], report.LeftOut.Order(StringComparer.Ordinal));

        Tensor images = TinyModels.Numbers(1, 1, 2, 3, 12, 12);
        Assert.InRange(TinyModels.Difference(TimmForward(images, Timm(source, bias), heads: 4), model.call(images)), 0, 2e-5);
    }

    /// <summary>The forward pass of timm's VisionTransformer, written out once more.</summary>
    private static Tensor TimmForward(Tensor images, Dictionary<string, Tensor> w, int heads)
    {
        const double Eps = 1e-6;
        long patch = w["patch_embed.proj.weight"].shape[2], width = w["norm.bias"].shape[0], count = images.shape[0];
        Tensor x = nn.functional.conv2d(images, w["patch_embed.proj.weight"], w["patch_embed.proj.bias"], strides: [patch, patch]).flatten(2).transpose(1, 2);
        x = cat([w["cls_token"].expand(count, 1, width), x], dim: 1).add(w["pos_embed"]);
        long tokens = x.shape[1];
        for (int l = 0; w.ContainsKey($"blocks.{l}.norm1.weight"); l++)
        {
            Tensor[] qkv = Linear(Norm(x, $"blocks.{l}.norm1"), $"blocks.{l}.attn.qkv").reshape(count, tokens, 3, heads, width / heads).permute(2, 0, 3, 1, 4).unbind(0);
            Tensor attended = qkv[0].mul(Math.Pow(width / heads, -0.5)).matmul(qkv[1].transpose(2, 3)).softmax(-1).matmul(qkv[2]).transpose(1, 2).reshape(count, tokens, width);
            x = x.add(Linear(attended, $"blocks.{l}.attn.proj"));
            x = x.add(Linear(nn.functional.gelu(Linear(Norm(x, $"blocks.{l}.norm2"), $"blocks.{l}.mlp.fc1")), $"blocks.{l}.mlp.fc2"));
        }
        return Norm(x, "norm").select(1, 0);

        Tensor Norm(Tensor t, string name) => nn.functional.layer_norm(t, [width], w[name + ".weight"], w[name + ".bias"], Eps);

        Tensor Linear(Tensor t, string name) => nn.functional.linear(t, w[name + ".weight"], w[name + ".bias"]);
    }

    [Fact]
    public void Timms_ports_of_clip_have_a_first_norm_and_no_patch_bias()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var model = TinyModels.Filled(new VisionTransformer(TinyModels.Vit));
        Equal(model, Timm(model, patchBias: null));
    }

    [Fact]
    public void A_model_with_other_options_than_its_files_family_is_refused_by_their_names()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var source = TinyModels.Filled(new VisionTransformer(ImageNet));
        using var weights = new WeightSet("timm", Timm(source, zeros(24)).ToDictionary(pair => pair.Key, pair => pair.Value.clone()));
        using var model = new VisionTransformer(ImageNet with { Activation = MlpActivation.QuickGelu, LayerNormEps = 1e-5 });
        CheckpointException error = Assert.Throws<CheckpointException>(() => model.Load(weights));
        Assert.Contains("Activation Gelu instead of QuickGelu", error.Message, StringComparison.Ordinal);
        Assert.Contains("LayerNormEps 1e-06 instead of 1e-05", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_no_tensor_tells_is_asked_for_by_name()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var model = TinyModels.Filled(new VisionTransformer(TinyModels.Vit with { Activation = MlpActivation.Gelu }));
        using var weights = new WeightSet("hf", HuggingFace(model).ToDictionary(pair => pair.Key, pair => pair.Value.clone()));
        Assert.Contains("Give the activation", Assert.Throws<CheckpointException>(() => VitSizes.Infer(weights, heads: 4)).Message, StringComparison.Ordinal);
        Assert.Equal(model.Options, VitSizes.Infer(weights, heads: 4, MlpActivation.Gelu));
    }

    [Fact]
    public void Heads_of_wide_models_are_not_guessed()
    {
        // ViT-H has heads of 80 channels; 1280 is a multiple of 64 all the same.
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var model = new VisionTransformer(TinyModels.Vit with { Width = 1280, Heads = 16, Layers = 1, MlpHidden = 8 });
        using var weights = new WeightSet("wide", Parameters(model).ToDictionary(pair => "visual." + pair.Key, pair => pair.Value.clone()));
        Assert.Contains("number of heads", Assert.Throws<CheckpointException>(() => VitSizes.Infer(weights)).Message, StringComparison.Ordinal);
        Assert.Equal(16, VitSizes.Infer(weights, heads: 16).Heads);
    }

    [Fact]
    public void The_labs_own_files_say_what_their_models_are()
    {
        using var folder = new TemporaryFolder();
        using var model = new VisionTransformer(ImageNet with { LayerNormEps = 1e-4 });
        model.Save(folder["m"]);
        using WeightSet weights = SafeTensors.Read(folder["m"]);
        Assert.Equal(model.Options, VitSizes.Infer(weights));
    }

    [Fact]
    public void Two_towers_in_one_file_are_refused()
    {
        using var scope = NewDisposeScope();
        using var model = new VisionTransformer(TinyModels.Vit);
        using var weights = new WeightSet("two", new Dictionary<string, Tensor> { ["student.class_embedding"] = zeros(24), ["teacher.class_embedding"] = zeros(24) });
        CheckpointException error = Assert.Throws<CheckpointException>(() => model.Load(weights));
        Assert.Contains("'student.', 'teacher.'", error.Message, StringComparison.Ordinal);
    }
}
