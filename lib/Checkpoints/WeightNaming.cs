namespace ZeroI2V.Lab.Checkpoints;

/// <summary>The families of files that name the parts of one and the same vision transformer differently.</summary>
public enum WeightNaming
{
    /// <summary>CLIP's own, which OpenCLIP, ZeroI2V, AIM, ST-Adapter and the lab share: <c>visual.conv1.weight</c>.</summary>
    Clip,

    /// <summary>Hugging Face's CLIP: <c>vision_model.embeddings.patch_embedding.weight</c>; queries, keys and values apart.</summary>
    HuggingFace,

    /// <summary>timm's vision transformers: <c>patch_embed.proj.weight</c>.</summary>
    Timm,
}
